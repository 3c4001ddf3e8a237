/**
 * The other process of a race: opens the store that it is told and hammers it. One message is one task; the answer has
 * the message's number.
 */
import { openStorage, type StorageConfig } from '../../src/storage/index.ts'
import type { Storage } from '../../src/storage/types.ts'
import { account } from './conformance/samples.ts'

const hour = 3_600_000
const indexes = (times: number) => Array.from({ length: times }, (_, index) => index)

/** The indexes for which this process won. */
async function wonOf(times: number, attempt: (index: number) => Promise<boolean>): Promise<number[]> {
  const outcomes = await Promise.all(indexes(times).map(attempt))
  return outcomes.flatMap((won, index) => (won ? [index] : []))
}

const fulfilled = (promise: Promise<unknown>) => promise.then(() => true, () => false)

const tasks = {
  /** only opens, so that the race proper starts level */
  open: async (storage: Storage) => storage.kind,
  claim: (storage: Storage, times: number) =>
    wonOf(times, (index) => storage.ephemeral.claim(`claim:${index}`, storage.clock.now() + hour)),
  take: (storage: Storage, times: number) =>
    wonOf(times, async (index) => (await storage.ephemeral.take(`take:${index}`)) !== undefined),
  consume: (storage: Storage, times: number) => wonOf(times, (index) => storage.artifacts.consume('Code', `${index}`)),
  destroyUnconsumed: (storage: Storage, times: number) =>
    wonOf(times, (index) => storage.artifacts.destroyUnconsumed('Code', `${index}`)),
  insert: (storage: Storage, times: number) =>
    wonOf(times, (index) => fulfilled(storage.accounts.insert(account(`${index}`)))),
  /** one after another, so that each is a transaction of its own between the other's */
  async count(storage: Storage, times: number): Promise<number[]> {
    const expiresAt = storage.clock.now() + hour
    for (const index of indexes(times)) {
      await storage.ephemeral.update<number, void>('count', (count = 0) => ({ next: { value: count + 1, expiresAt }, result: undefined }))
      await storage.accounts.update('counter', (current) => ({ ...current, createdAt: current.createdAt + 1 }))
      if (index % 7 === 0) await storage.audit.append({ id: `${process.pid}:${index}`, at: index, type: 'count' })
    }
    return []
  },
  async claimDue(storage: Storage, times: number): Promise<number[]> {
    const claimed: number[] = []
    for (;;) {
      const now = storage.clock.now()
      const mails = await storage.outbox.claimDue('mail', now, now + hour, 1 + (times % 3))
      if (mails.length === 0) return claimed
      claimed.push(...mails.map(({ id }) => Number(id)))
    }
  },
  /** tells of each answered write until somebody kills it */
  async writeForever(storage: Storage): Promise<number[]> {
    for (let index = 0; ; index += 4) {
      const batch = indexes(4).map((offset) => index + offset)
      await Promise.all(batch.map((id) => storage.accounts.insert(account(`${id}`))))
      process.send?.({ answered: batch.at(-1) })
    }
  },
}

export type Task = keyof typeof tasks
export interface Message {
  number: number
  config: StorageConfig
  task: Task
  times: number
}
export type Answer = { number: number; result: number[] | string } | { number: number; error: string } | { answered: number }

const stores = new Map<string, Promise<Storage>>()
function open(config: StorageConfig): Promise<Storage> {
  const name = JSON.stringify(config)
  const opened = stores.get(name) ?? openStorage(config)
  stores.set(name, opened)
  return opened
}

process.on('disconnect', () => process.exit())
process.on('message', async ({ number, config, task, times }: Message) => {
  try {
    const result = await tasks[task](await open(config), times)
    process.send?.({ number, result } satisfies Answer)
  } catch (error) {
    process.send?.({ number, error: String(error) } satisfies Answer)
  }
})
