import test, { type ExecutionContext } from 'ava'
import { type CeremonyLabels, createAbandoned } from '../../src/passkeys/index.ts'
import { openSqlite } from '../../src/storage/sqlite/index.ts'
import type { CeremonyEntry, Storage } from '../../src/storage/types.ts'
import { ceremony } from '../storage/conformance/samples.ts'
import { openStore } from '../storage/sqlite/opened.ts'

const minute = 60_000

/** One process: what it counts, and what it says. */
function createProcess(storage: Storage, ceremonies: Pick<Storage['ceremonies'], 'append' | 'unanswered'> = storage.ceremonies) {
  const counted: CeremonyLabels[] = []
  const lines: Record<string, unknown>[] = []
  const look = createAbandoned({
    ...storage, ceremonies,
    observe: (labels) => void counted.push(labels),
    log: { info: (fields, message) => void lines.push({ ...fields, message }) },
  })
  return { counted, lines, look }
}

/** The same store in another process, which goes `ahead` (ms) of its clock. */
async function openElsewhere(t: ExecutionContext, folder: string, ahead: number) {
  let shift = 0
  const storage = await openSqlite(folder, () => Date.now() + shift)
  t.teardown(() => storage.close())
  shift = ahead
  return storage
}

async function setUp(t: ExecutionContext) {
  const store = await openStore(t)
  const { storage } = store
  let count = 0
  const append = (ceremonyId: string, more: Partial<CeremonyEntry> = {}) => {
    const at = storage.clock.now()
    return storage.ceremonies.append(ceremony(`entry ${count++}`, { at, expiresAt: at + 1e10, ceremonyId, outcome: 'started', ...more }))
  }
  const abandoned = async () => (await storage.ceremonies.query({ outcomes: ['abandoned'], limit: 1000 })).map(({ ceremonyId }) => ceremonyId).reverse()
  return { ...store, append, abandoned }
}

test('a dialog that was never answered is counted ten minutes later, once', async (t) => {
  const { storage, advance, append, abandoned } = await setUp(t)
  const { look, counted, lines } = createProcess(storage)
  await append('a', { accountId: 'ann', clientId: 'shop', deviceHash: 'device', mediation: 'immediate', capabilities: ['webauthn'] })
  await append('b')
  advance(4 * minute)
  await append('b', { outcome: 'ok' })
  advance(6 * minute)
  t.is(await look(), 0, 'ten minutes are not over')
  advance(minute)
  t.is(await look(), 1)
  t.deepEqual(await abandoned(), ['a'])
  const [entry] = await storage.ceremonies.query({ outcomes: ['abandoned'], limit: 1 })
  const at = storage.clock.now()
  t.deepEqual(entry, ceremony('abandoned:a', {
    at, expiresAt: at + 90 * 24 * 60 * minute, ceremonyId: 'a', outcome: 'abandoned', accountId: 'ann', clientId: 'shop', deviceHash: 'device', mediation: 'immediate', capabilities: ['webauthn'],
  }))
  t.deepEqual(counted, [{ ceremony: 'get', mediation: 'immediate', outcome: 'abandoned', browser: 'Chrome', platform: 'Windows', provider: 'unknown' }])
  t.deepEqual(lines, [{
    message: 'a passkey dialog was never answered', reason: 'abandoned', ceremony: 'get', mediation: 'immediate', ceremonyId: 'a', clientId: 'shop', browser: 'Chrome', platform: 'Windows', capabilities: ['webauthn'],
  }])

  for (let round = 0; round < 5; round++) {
    advance(minute)
    t.is(await look(), 0)
  }
})

test('of several processes one looks, and the next one when that is over', async (t) => {
  const { storage, advance, append, abandoned } = await setUp(t)
  const processes = Array.from({ length: 4 }, () => createProcess(storage))
  for (let index = 0; index < 30; index++) await append(`${index}`)
  advance(11 * minute)
  const found = await Promise.all(processes.map(({ look }) => look()))
  t.deepEqual(found.toSorted((a, b) => b - a), [30, 0, 0, 0])
  advance(minute)
  await append('later')
  advance(11 * minute)
  const again = await Promise.all(processes.map(({ look }) => look()))
  t.is(again.reduce((sum, count) => sum + count), 1)
  t.is((await abandoned()).length, 31)
})

test('two that look at once all the same count each one once', async (t) => {
  const { folder, storage, advance, append, abandoned } = await setUp(t)
  for (let index = 0; index < 450; index++) await append(`${index % 150}`)
  advance(11 * minute)
  const other = await openElsewhere(t, folder, 11 * minute)
  const turnless = (of: Storage): Storage => ({ ...of, ephemeral: { ...of.ephemeral, claim: async () => true } })
  const tries = [0, 0]
  const processes = [storage, other].map((of, index) =>
    createProcess(turnless(of), { ...of.ceremonies, append: (entry) => (tries[index]!++, of.ceremonies.append(entry)) }),
  )
  const found = await Promise.all(processes.map(({ look }) => look()))
  t.is(found[0]! + found[1]!, 150)
  t.true(tries.every((count) => count > 0), `both tried: ${tries}`)
  t.is(processes.flatMap(({ counted }) => counted).length, 150)
  t.is((await abandoned()).length, 150)
})

test('a process that dies in the middle leaves the rest to the next one', async (t) => {
  const { folder, storage, advance, append, abandoned } = await setUp(t)
  for (let index = 0; index < 250; index++) await append(`${index}`)
  advance(11 * minute)
  let left = 100
  const dying = createProcess(storage, {
    unanswered: storage.ceremonies.unanswered,
    append: (entry) => (left-- > 0 ? storage.ceremonies.append(entry) : Promise.reject(new Error('the process ends'))),
  })
  await t.throwsAsync(dying.look(), { message: 'the process ends' })
  await storage.ephemeral.delete('whatever was under way is written before this is')
  t.is((await abandoned()).length, 100)

  await storage.close()
  const next = async (ahead: number) => createProcess(await openElsewhere(t, folder, ahead)).look()
  t.is(await next(11 * minute), 0, 'not before the turn of the other is over')
  t.is(await next(12 * minute), 150)
  t.is(await next(13 * minute), 0)
})

test('while many are looked at others get their turn', async (t) => {
  const { storage, advance, append } = await setUp(t)
  await Promise.all(Array.from({ length: 1000 }, (_, index) => [append(`${index}`), append(`${index}`, { outcome: 'ok' })]).flat())
  advance(11 * minute)
  let turns = 0
  const count = () => void (turns++, (handle = setImmediate(count)))
  let handle = setImmediate(count)
  t.is(await createProcess(storage).look(), 0)
  clearImmediate(handle)
  t.true(turns >= 5, `${turns}`)
})

test('after a long stop what was left open is counted', async (t) => {
  const { storage, advance, append } = await setUp(t)
  await append('a')
  advance(11 * minute)
  t.is(await createProcess(storage).look(), 1)
  await append('b')
  advance(30 * 24 * 60 * minute)
  t.is(await createProcess(storage).look(), 1)
})

test('an answer that comes after all is an event of its own', async (t) => {
  const { storage, advance, append } = await setUp(t)
  await append('a')
  advance(11 * minute)
  t.is(await createProcess(storage).look(), 1)
  await append('a', { outcome: 'ok' })
  t.deepEqual((await storage.ceremonies.query({ limit: 9 })).map(({ outcome }) => outcome), ['ok', 'abandoned', 'started'])
})
