import type { Storage } from '../storage/types.ts'
import type { Metrics } from './metrics.ts'

const interfaces = [
  'artifacts',
  'ephemeral',
  'accounts',
  'identifiers',
  'passkeys',
  'factors',
  'devices',
  'audit',
  'rules',
  'prompts',
  'outbox',
] as const

type Operations = { [operation: string]: (...parameters: unknown[]) => Promise<unknown> }

function timed(name: string, operations: Operations, metrics: Pick<Metrics, 'store'>): Operations {
  const wrapped: Operations = {}
  // The interfaces are plain objects of functions (storage/types.ts), so their keys are all there is.
  for (const [operation, call] of Object.entries(operations)) {
    const label = `${name}.${operation}`
    wrapped[operation] = async (...parameters) => {
      const startedAt = performance.now()
      try {
        return await call.apply(operations, parameters)
      } finally {
        metrics.store(label, (performance.now() - startedAt) / 1000)
      }
    }
  }
  return wrapped
}

/** The same storage, with the time of every call in `latchkey_store_duration_seconds`. */
export function timeStorage(storage: Storage, metrics: Pick<Metrics, 'store'>): Storage {
  const parts = interfaces.map((name) => [name, timed(name, storage[name] as unknown as Operations, metrics)])
  return {
    ...(Object.fromEntries(parts) as Pick<Storage, (typeof interfaces)[number]>),
    kind: storage.kind,
    clock: storage.clock,
    ping: () => storage.ping(),
    close: () => storage.close(),
  }
}
