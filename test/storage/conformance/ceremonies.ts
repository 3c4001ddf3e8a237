import type { CeremonyEntry, Storage } from '../../../src/storage/types.ts'
import { ceremony } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

export function ceremonies(backend: Backend): void {
  const check = checks(backend, 'ceremonies')
  const append = async (storage: Storage, ...entries: Partial<CeremonyEntry>[]) => {
    for (const [index, entry] of entries.entries()) await storage.ceremonies.append(ceremony(entry.id ?? `${entry.ceremonyId} ${entry.outcome} ${entry.at} ${index}`, entry))
  }
  const names = (entries: CeremonyEntry[]) => entries.map(({ ceremonyId }) => ceremonyId).join(' ')
  const started = (ceremonyId: string, at: number) => ({ ceremonyId, at, outcome: 'started' })

  for (const kind of ['prompts', 'ceremonies'] as const) {
    check(`${kind} can be asked for by what became of them`, async (t, { storage }) => {
      const log = storage[kind] as Storage['ceremonies']
      const entries = (['created', 'failed', 'created', 'never'] as string[]).map((outcome, at) => ceremony(`${at}`, { at, outcome, accountId: at === 2 ? 'bob' : 'ann' }))
      for (const entry of entries) await log.append(entry)
      const ids = async (where: Parameters<typeof log.query>[0]) => (await log.query(where)).map(({ id }) => id).join(' ')
      t.is(await ids({ outcomes: ['created'], limit: 9 }), '2 0')
      t.is(await ids({ outcomes: ['created', 'never'], limit: 2 }), '3 2')
      t.is(await ids({ outcomes: ['created', 'never'], accountId: 'ann', limit: 9 }), '3 0')
      t.is(await ids({ outcomes: ['created', 'never'], after: 1, before: 3, limit: 9 }), '2')
      t.is(await ids({ outcomes: [], limit: 9 }), '')
      t.is(await ids({ limit: 9 }), '3 2 1 0')
    })
  }

  check('unanswered are those that started and of which nothing else is known', async (t, { storage }) => {
    await append(storage, started('a', 10), started('b', 20), started('c', 30), started('d', 40), { at: 50, outcome: 'ok' }, { at: 55, outcome: 'started' })
    await append(storage, { ceremonyId: 'b', at: 60, outcome: 'closed' }, { ceremonyId: 'c', at: 5, outcome: 'ok' }, started('d', 41), { ceremonyId: 'x', at: 20, outcome: 'ok' })
    const { entries, cursor } = await storage.ceremonies.unanswered({ after: 0, before: 1000, limit: 99 })
    t.deepEqual(entries.map(({ ceremonyId, at }) => [ceremonyId, at]), [['a', 10], ['d', 40], ['d', 41], [undefined, 55]])
    t.deepEqual(entries[0], ceremony(entries[0]!.id, started('a', 10)), 'whole')
    t.is(cursor, undefined)
    t.is(names((await storage.ceremonies.unanswered({ after: 40, before: 41, limit: 99 })).entries), 'd')

    await append(storage, { ceremonyId: 'a', at: 70, outcome: 'abandoned' })
    t.is(names((await storage.ceremonies.unanswered({ after: 0, before: 41, limit: 99 })).entries), 'd')
  })

  check('unanswered are found bit by bit, none twice and none left out', async (t, { storage }) => {
    await together(200, (index) => append(storage, started(`${index}`, Math.floor(index / 50))))
    await together(100, (index) => append(storage, { ceremonyId: `${index * 2}`, at: 999, outcome: 'ok' }))
    const found: string[] = []
    let steps = 0
    let page: { entries: CeremonyEntry[]; cursor?: string } = { entries: [] }
    do {
      page = await storage.ceremonies.unanswered({ after: 0, before: 1000, limit: 20, ...(page.cursor !== undefined && { cursor: page.cursor }) })
      found.push(...page.entries.map(({ ceremonyId }) => ceremonyId!))
      steps++
    } while (page.cursor !== undefined)
    t.true(steps >= 10)
    t.is(found.length, 100)
    t.deepEqual([...new Set(found)].map(Number).sort((a, b) => a - b), Array.from({ length: 100 }, (_, index) => index * 2 + 1))
  })
}
