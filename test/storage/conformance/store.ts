import test, { type ExecutionContext } from 'ava'
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts'
import type { Storage } from '../../../src/storage/types.ts'

export interface Backend {
  name: string
  /** makes an empty store that `openStorage` opens by `config`, in any process, until `remove` takes it away */
  create(): Promise<{ config: StorageConfig; remove(): Promise<void> }>
}

/** A store of its own for one test. Its clock stands still but for `advance`. */
export interface OpenStore {
  storage: Storage
  config: StorageConfig
  /** moves the clock, in milliseconds */
  advance(milliseconds: number): void
}

export type Check = (title: string, body: (t: ExecutionContext, store: OpenStore) => Promise<void>) => void

/** The `test` of one part of the suite: titles begin with backend and part, each test gets an empty store. */
export function checks(backend: Backend, part: string): Check {
  return (title, body) => {
    test(`${backend.name} ${part}: ${title}`, async (t) => {
      const { config, remove } = await backend.create()
      let now = Date.now()
      const storage = await openStorage(config, { now: () => now })
      t.teardown(async () => {
        await storage.close()
        await remove()
      })
      await body(t, { storage, config, advance: (milliseconds) => void (now += milliseconds) })
    })
  }
}

/** Starts `times` calls in one turn, and resolves to their results. */
export function together<R>(times: number, call: (index: number) => Promise<R>): Promise<R[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => call(index)))
}
