import { DatabaseSync } from 'node:sqlite'
import test from 'ava'
import { eventually } from '../../helpers/eventually.ts'
import { account, ceremony, mail } from '../conformance/samples.ts'
import { openStore } from './opened.ts'
import { removals } from '../../../src/storage/sqlite/removals.ts'
import { mayOfferPasskey, promptOccasions, type PromptFacts } from '../../../src/policy/prompts.ts'
import type { PromptEntry } from '../../../src/storage/types.ts'

const day = 24 * 3_600_000

/** Whoever could be offered a passkey, but for the history. */
const facts: Omit<PromptFacts, 'now' | 'history'> = {
  settings: { crossDevice: 'standard', creation: 'explain', prompts: { after: promptOccasions, cooldown: 7 * 24 * 3_600_000, growth: 2, maximum: 5, localAfterCrossDevice: true } },
  occasion: 'email_otp',
  inRollout: true,
  places: ['here'],
  has: [],
  guard: { allow: true, notice: false, cooling: false },
  refusedJustNow: false,
}

test('the sweep removes what has expired, erases bodies of expired mails, and later their records', async (t) => {
  const { path, storage, advance } = await openStore(t)
  const { artifacts, ephemeral, outbox, clock } = storage
  const soon = clock.now() + 1000
  const some = Array.from({ length: 250 }, (_, index) => index)
  await Promise.all(some.flatMap((index) => [
    artifacts.upsert('Code', `${index}`, {}, {}, soon),
    ephemeral.set(`${index}`, index, soon),
    outbox.put({ ...mail(`${index}`, clock.now(), 1000), state: index % 2 === 0 ? 'waiting' : 'kept' }),
  ]))
  await artifacts.upsert('Grant', 'kept', {}, {}, undefined)
  await artifacts.upsert('Session', 'kept', {}, {}, soon + 40 * day)
  await ephemeral.set('kept', 1, soon + 40 * day)
  await outbox.put(mail('kept', clock.now(), 40 * day))

  const reader = new DatabaseSync(path)
  t.teardown(() => reader.close())
  const count = (from: string) => reader.prepare(`select count(*) as n from ${from}`).get()?.['n']
  const counts = () => [count('artifacts'), count('ephemeral'), count("outbox where document like '%body of%'"), count('outbox')]

  t.false(await storage.sweep())
  t.deepEqual(counts(), [252, 251, 251, 251])
  advance(2000)
  t.true(await storage.sweep())
  t.deepEqual(counts(), [152, 151, 151, 251])
  while (await storage.sweep());
  t.deepEqual(counts(), [2, 1, 1, 251])
  t.is(count("outbox where document ->> '$.state' = 'expired'"), 250)

  advance(31 * day)
  while (await storage.sweep());
  t.deepEqual(counts(), [2, 1, 1, 1])
  t.is((await outbox.get('kept'))?.sealed, 'body of kept')
})

test('the sweep removes audit entries that were kept for a while only', async (t) => {
  const { path, storage, advance } = await openStore(t)
  const at = storage.clock.now()
  const entry = (id: string) => ({ id, at, type: 'sign_in.failed', accountId: 'a' })
  await Promise.all(Array.from({ length: 150 }, (_, index) => storage.audit.append({ ...entry(`${index}`), expiresAt: at + 1000 })))
  await storage.audit.append({ ...entry('later'), expiresAt: at + 5000 })
  await storage.audit.append(entry('kept'))
  t.false(await storage.sweep())
  advance(2000)
  t.true(await storage.sweep())
  while (await storage.sweep());
  t.deepEqual((await storage.audit.query({ limit: 200 })).map(({ id }) => id), ['kept', 'later'])

  const reader = new DatabaseSync(path)
  t.teardown(() => reader.close())
  const plan = reader.prepare("explain query plan select rowid from audit where entry ->> '$.expiresAt' is not null and entry ->> '$.expiresAt' <= 1").all()
  t.regex(JSON.stringify(plan), /audit_by_expiry/, 'what stays is not looked at each time')
})

test('the sweep removes what became of offers after 90 days, but for what decisions go by, and no refusal for good', async (t) => {
  const { storage, advance } = await openStore(t)
  const at = storage.clock.now()
  const histories: Record<string, PromptEntry['outcome'][]> = {
    made: ['eligible', 'shown', 'not_now', 'never', 'shown', 'started', 'created'],
    'made and asked again': ['shown', 'created', 'eligible', 'shown', 'not_now'],
    'made twice': ['shown', 'created', 'failed', 'shown', 'created', 'shown'],
    refused: ['shown', 'not_now', 'shown', 'never'],
    'many times': [...Array.from({ length: 230 }, () => 'failed' as const), 'created', 'shown'],
  }
  const historyOf = (accountId: string) => storage.prompts.query({ accountId, limit: 500 })
  const outcomesOf = async (accountId: string) => (await historyOf(accountId)).map(({ outcome }) => outcome).reverse()
  const outcomes = () => Promise.all(Object.keys(histories).map(outcomesOf))
  for (const [accountId, each] of Object.entries(histories)) {
    for (const [index, outcome] of each.entries()) await storage.prompts.append({ id: `${accountId} ${index}`, at: at - 300 + index, accountId, outcome })
  }
  await storage.prompts.append({ id: 'nobody', at, outcome: 'shown' })
  const decisions = async () => Promise.all(Object.keys(histories).map(async (accountId) => mayOfferPasskey({ ...facts, now: storage.clock.now(), history: await historyOf(accountId) })))

  advance(90 * day - 1000)
  while (await storage.sweep());
  t.deepEqual(await outcomes(), Object.values(histories), 'a dashboard starts with history')
  advance(2000)
  const before = await decisions()
  t.true(await storage.sweep())
  t.deepEqual(await decisions(), before, 'half a sweep changes no decision')
  while (await storage.sweep());
  t.deepEqual(await decisions(), before)
  t.deepEqual(await outcomes(), [['never'], ['shown'], ['shown'], ['shown', 'shown', 'never'], ['shown']])
  t.is((await storage.prompts.query({ limit: 500 })).filter(({ accountId }) => accountId === undefined).length, 0)
})

test('what stays is not looked at each time', async (t) => {
  const { path } = await openStore(t)
  const reader = new DatabaseSync(path)
  t.teardown(() => reader.close())
  const planOf = (sql: string) => JSON.stringify(reader.prepare(`explain query plan ${sql}`).all())
  t.regex(planOf(removals.passingPrompts), /SEARCH prompts USING INDEX prompts_passing \(at<\?\)/)
  t.regex(planOf(removals.promptsBeforePasskeys), /prompts_created \(at<\?\).*earlier USING INDEX prompts_by_account \(account_id=\? AND at<\?\)/)
  t.regex(planOf(removals.ceremonies), /ceremonies_by_expiry \(<expr><\?\)/)
})

test('the sweep removes what became of passkey dialogs when it expires', async (t) => {
  const { storage, advance } = await openStore(t)
  const at = storage.clock.now()
  const entry = (id: string, life: number) => ceremony(id, { at, expiresAt: at + life })
  await Promise.all(Array.from({ length: 150 }, (_, index) => storage.ceremonies.append(entry(`${index}`, 90 * day))))
  await storage.ceremonies.append(entry('later', 91 * day))
  advance(90 * day - 1)
  t.false(await storage.sweep())
  t.is((await storage.ceremonies.query({ limit: 200 })).length, 151)
  advance(1)
  t.true(await storage.sweep())
  while (await storage.sweep());
  t.deepEqual((await storage.ceremonies.query({ limit: 200 })).map(({ id }) => id), ['later'])
})

test('the log is copied into the database soon after a write', async (t) => {
  const { path, storage } = await openStore(t)
  await storage.accounts.insert(account('a'))
  const reader = new DatabaseSync(path)
  t.teardown(() => reader.close())
  const state = await eventually('a checkpoint', async () => {
    const { log, checkpointed } = reader.prepare('pragma wal_checkpoint(noop)').get() ?? {}
    return log === checkpointed ? { log } : undefined
  })
  t.true(Number(state.log) > 0)
})

test('the sweep removes what rules decided after 90 days', async (t) => {
  const { path, storage, advance } = await openStore(t)
  const decision = (id: string) => ({ id, at: storage.clock.now(), event: 'sign_in', inputs: {}, outcome: {} })
  await Promise.all(Array.from({ length: 150 }, (_, index) => storage.rules.append(decision(`${index}`))))
  advance(day)
  await storage.rules.append(decision('kept'))
  advance(89 * day - 1)
  t.false(await storage.sweep())
  t.is((await storage.rules.query({ limit: 200 })).length, 151)
  advance(1)
  t.true(await storage.sweep())
  while (await storage.sweep());
  t.deepEqual((await storage.rules.query({ limit: 200 })).map(({ id }) => id), ['kept'])

  const reader = new DatabaseSync(path)
  t.teardown(() => reader.close())
  t.regex(JSON.stringify(reader.prepare('explain query plan select rowid from rules where at <= 1 limit 100').all()), /rules_by_time/)
})
