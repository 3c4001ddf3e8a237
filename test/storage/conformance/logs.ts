import { AppError } from '../../../src/errors.ts'
import type { Log, Storage } from '../../../src/storage/types.ts'
import { type Backend, checks } from './store.ts'

interface Entry {
  id: string
  at: number
  accountId?: string
  note?: string
}

export function logs(backend: Backend): void {
  for (const kind of ['audit', 'rules', 'prompts', 'ceremonies'] as const) {
    const check = checks(backend, kind)
    const of = (storage: Storage) => storage[kind] as unknown as Log<Entry>
    const ids = async (entries: Promise<Entry[]>) => (await entries).map(({ id }) => id).join(' ')

    check('entries come newest first, by account, between two times, at most so many', async (t, { storage }) => {
      const log = of(storage)
      await log.append({ id: 'b', at: 20, accountId: 'ann' })
      await log.append({ id: 'a', at: 10, accountId: 'ann' })
      await log.append({ id: 'c', at: 30, accountId: 'bob' })
      await log.append({ id: 'd', at: 40 })
      await log.append({ id: 'e', at: 50, accountId: 'ann' })

      t.is(await ids(log.query({ limit: 9 })), 'e d c b a')
      t.is(await ids(log.query({ limit: 2 })), 'e d')
      t.is(await ids(log.query({ accountId: 'ann', limit: 9 })), 'e b a')
      t.is(await ids(log.query({ accountId: 'nobody', limit: 9 })), '')
      t.is(await ids(log.query({ before: 40, limit: 9 })), 'c b a')
      t.is(await ids(log.query({ after: 20, limit: 9 })), 'e d c b')
      t.is(await ids(log.query({ accountId: 'ann', after: 15, before: 50, limit: 9 })), 'b')
    })

    check('pages follow each other by the time of the last entry', async (t, { storage }) => {
      const log = of(storage)
      for (let at = 1; at <= 25; at++) await log.append({ id: `${at}`, at, accountId: 'ann' })
      const seen: number[] = []
      for (let before = 26; ; ) {
        const page = await log.query({ accountId: 'ann', before, limit: 10 })
        if (page.length === 0) break
        seen.push(...page.map(({ at }) => at))
        before = page.at(-1)!.at
      }
      t.deepEqual(seen, Array.from({ length: 25 }, (_, index) => 25 - index))
    })

    check('an entry comes back whole, and its id is taken', async (t, { storage }) => {
      const log = of(storage)
      const entry = { id: 'one', at: 5, accountId: 'ann', note: 'ünïcode "quoted"' }
      await log.append(entry)
      await t.throwsAsync(log.append({ id: 'one', at: 6 }), { instanceOf: AppError, code: 'already_exists' })
      t.deepEqual(await log.query({ limit: 9 }), [entry])
    })
  }
}
