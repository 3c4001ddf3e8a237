import type { Backend } from './conformance/store.ts'
import { artifacts } from './conformance/artifacts.ts'
import { ceremonies } from './conformance/ceremonies.ts'
import { documents } from './conformance/documents.ts'
import { ephemeral } from './conformance/ephemeral.ts'
import { logs } from './conformance/logs.ts'
import { model } from './conformance/model.ts'
import { outbox } from './conformance/outbox.ts'
import { processes } from './conformance/processes.ts'
import { tallies } from './conformance/tallies.ts'
import { whole } from './conformance/whole.ts'

export type { Backend } from './conformance/store.ts'

/** Registers the tests that every storage backend must pass; see `sqlite.test.ts` for how one calls it. */
export function conformance(backend: Backend): void {
  for (const part of [artifacts, ephemeral, documents, logs, ceremonies, tallies, outbox, whole, model, processes]) part(backend)
}
