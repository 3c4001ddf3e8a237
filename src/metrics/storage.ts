import type { Storage } from '../storage/types.ts'
import type { Metrics } from './metrics.ts'

const interfaces = ['artifacts', 'ephemeral', 'accounts', 'identifiers', 'passkeys', 'factors', 'devices', 'changes', 'audit', 'rules', 'prompts', 'ceremonies', 'outbox', 'tallies'] as const

/** The same storage, with the time of each call measured. */
export function watchStorage(storage: Storage, metrics: Pick<Metrics, 'store'>): Storage {
  const watched = { ...storage }
  for (const name of interfaces) Object.assign(watched, { [name]: watch(name, storage[name], metrics) })
  return watched
}

function watch<T extends object>(name: string, target: T, metrics: Pick<Metrics, 'store'>): T {
  const calls = Object.entries(target).map(([method, call]: [string, (...args: unknown[]) => Promise<unknown>]) => {
    const clock = metrics.store(`${name}.${method}`)
    return [method, (...args: unknown[]) => {
      const startedAt = performance.now()
      const stop = () => clock.observe((performance.now() - startedAt) / 1000)
      const result = call(...args)
      result.then(stop, stop)
      return result
    }]
  })
  return Object.fromEntries(calls) as T
}
