/** Accounts with several identifiers: all of it or nothing, whoever else wants one of them, wherever the process dies. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createAccounts, type Creation, type NewAccount } from '../../src/accounts/accounts.ts'
import { openStorage, type StorageConfig } from '../../src/storage/index.ts'
import type { IdentifierKind, Storage } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'
import type { Answer } from './racer.ts'
import { createWorld, Died, holdNext } from './store.ts'

type Known = { kind: IdentifierKind; value: string }
const email = (value: string) => ({ kind: 'email' as const, value: `${value}@example.com` })
const username = (value: string) => ({ kind: 'username' as const, value })
const phone = { kind: 'phone' as const, value: '+12025550143' }
const idOf = ({ kind, value }: Known) => `${kind}:${value}`
const proven = (one: Known) => ({ ...one, verifiedAt: 1 })

function open(t: ExecutionContext) {
  const world = createWorld()
  t.teardown(world.close)
  return { world, accounts: createAccounts(world.storage) }
}

test('with all that it was given, in its order', async (t) => {
  const { accounts, world } = open(t)
  const identifiers = [proven(email('ada')), phone, username('ada')]
  const outcome = await accounts.create({ identifiers, locale: 'de', signedUp: { deviceHash: 'laptop', clientId: 'shop' }, draft: { accountId: 'ada', userHandle: 'drawn before' } })
  t.deepEqual(outcome, {
    ok: true,
    account: { id: 'ada', createdAt: world.storage.clock.now(), userHandle: 'drawn before', identifiers, credentialIds: [], locale: 'de', signedUp: { deviceHash: 'laptop', clientId: 'shop' } },
  })
  for (const one of identifiers) {
    t.is((await accounts.findByIdentifier(one))?.id, 'ada')
    t.is((await world.storage.identifiers.get(idOf(one)))?.state, 'active')
  }
  t.deepEqual(accounts.provenEmails(await world.account()), ['ada@example.com'])
  t.deepEqual(accounts.provenPhones(await world.account()), [])
})

test('what is taken says who has it, and leaves the rest free', async (t) => {
  const { accounts } = open(t)
  const ada = await accounts.create({ identifiers: [username('ada')] })
  const eve = await accounts.create({ identifiers: [proven(email('eve')), username('ada')] })
  t.deepEqual(eve, { ok: false, taken: username('ada'), account: ada.ok ? ada.account : undefined! })
  t.is(await accounts.findByIdentifier(email('eve')), undefined)
  t.true((await accounts.create({ identifiers: [email('eve')] })).ok, 'at once')
})

test('a miss reads as often as a hit, of whatever kind', async (t) => {
  const { world, accounts } = open(t)
  await accounts.create({ identifiers: [email('ada'), phone, username('ada')] })
  let reads = 0
  const { storage } = world
  const counted = createAccounts({
    ...storage,
    accounts: { ...storage.accounts, get: (id) => ((reads += 1), storage.accounts.get(id)) },
    identifiers: { ...storage.identifiers, get: (id) => ((reads += 1), storage.identifiers.get(id)) },
  })
  for (const one of [email('ada'), phone, username('ada'), email('nobody'), { ...phone, value: '+12025550144' }, username('nobody')]) {
    reads = 0
    await counted.findByIdentifier(one)
    t.is(reads, 2, idOf(one))
  }
})

/** What of an account there is, by what finds it. */
const found = (accounts: ReturnType<typeof createAccounts>, all: Known[]) => Promise.all(all.map((one) => accounts.findByIdentifier(one)))

for (const draft of [undefined, { accountId: 'drawn', userHandle: 'handle' }]) {
  test(`a crash at any write leaves all or nothing, and the same sign-up again ends well (${draft ? 'ids drawn before' : 'ids drawn here'})`, async (t) => {
    const wanted = [proven(email('ada')), phone, username('ada')]
    const input: NewAccount = { identifiers: wanted, ...(draft && { draft }) }
    for (let writes = 0; ; writes += 1) {
      const { world, accounts } = open(t)
      world.dieAfter(writes)
      const died = await accounts.create(input).then(() => false, (error: unknown) => {
        if (!(error instanceof Died)) throw error
        return true
      })
      world.survive()
      if (!died) return t.is(writes, 7)

      const before = await found(accounts, wanted)
      t.is(new Set(before.map((account) => account?.id)).size, 1, `${writes}: all or nothing`)
      const outcome = await accounts.create(input)
      const account = outcome.ok ? outcome.account : outcome.account!
      t.is(outcome.ok, before[0] === undefined || draft !== undefined, `${writes}`)
      t.deepEqual(await found(accounts, wanted), [account, account, account])
      for (const one of wanted) t.is((await world.storage.identifiers.get(idOf(one)))?.state, 'active')
    }
  })
}

test('what a crash left half-done keeps nobody else out of any of it', async (t) => {
  for (let writes = 1; writes <= 3; writes += 1) {
    const { world, accounts } = open(t)
    world.dieAfter(writes)
    await t.throwsAsync(accounts.create({ identifiers: [proven(email('ada')), phone, username('ada')] }), { instanceOf: Died })
    world.survive()
    t.true((await accounts.create({ identifiers: [username('ada'), proven(email('eve'))] })).ok, `${writes}`)
    t.true((await accounts.create({ identifiers: [proven(email('ada'))] })).ok, `${writes}`)
    t.is(await accounts.findByIdentifier(phone), undefined)
  }
})

test('a creation that was given up by the others cannot be finished any more', async (t) => {
  const { world, accounts } = open(t)
  const { held, release } = holdNext(world.storage.accounts, 'insert')
  const slow = accounts.create({ identifiers: [email('ada'), username('ada')], draft: { accountId: 'slow', userHandle: 'slow' } })
  await held
  const quick = await accounts.create({ identifiers: [proven(email('ada'))] })
  t.true(quick.ok)
  release()
  t.like(await slow, { ok: false, taken: email('ada'), account: quick.ok ? quick.account : {} })
  t.is(await accounts.findByIdentifier(username('ada')), undefined)
  t.true((await accounts.create({ identifiers: [username('ada')] })).ok)
  t.truthy((await world.account('slow')).disabledAt, 'nobody signs in to what was given up')
})

test('the same request twice, with the ids that it drew: one account, and both have it', async (t) => {
  const { accounts } = open(t)
  const input: NewAccount = { identifiers: [email('ada'), username('ada')], draft: { accountId: 'ada', userHandle: 'handle' } }
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => accounts.create(input)))
  for (const outcome of outcomes) t.deepEqual(outcome, outcomes[0]!)
  t.true(outcomes[0]!.ok)
  t.like(await accounts.create({ identifiers: [email('eve')], draft: { accountId: 'ada', userHandle: 'another' } }), { ok: false }, 'an id is one account’s')
  t.true((await accounts.create({ identifiers: [email('eve')] })).ok)
})

test('of 50 who want overlapping ones at once nobody has half of it', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  await fc.assert(
    fc.asyncProperty(fc.array(fc.shuffledSubarray(names, { minLength: 1, maxLength: 4 }), { minLength: 50, maxLength: 50 }), async (wishes) => {
      const { accounts } = open(t)
      const wanted = wishes.map((values) => values.map((value) => username(value)))
      const outcomes = await Promise.all(wanted.map((identifiers) => accounts.create({ identifiers })))
      await isWhole(t, accounts, names.map(username), outcomes)
      t.true(outcomes.some(({ ok }) => ok))
    }),
    { numRuns: 10 },
  )
})

/** Everything is held by an account that holds all it lists, and whoever was told no does not have it. */
async function isWhole(t: ExecutionContext, accounts: ReturnType<typeof createAccounts>, all: Known[], outcomes: Creation[]): Promise<void> {
  const made = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.account] : []))
  for (const account of made) for (const one of account.identifiers) t.is((await accounts.findByIdentifier(one))?.id, account.id)
  for (const holder of await found(accounts, all)) if (holder) t.true(made.some(({ id }) => id === holder.id))
}

test('two processes that make accounts of the same identifiers at once: each has all of its own, and none has what is the other’s', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-race-'))
  const config: StorageConfig = { kind: 'embedded', folder }
  const children = [0, 1].map(() => fork(new URL('racer.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] }))
  const storage = await openStorage(config)
  t.teardown(async () => {
    for (const child of children) child.disconnect()
    await storage.close()
    await rm(folder, { recursive: true })
  })
  const accounts = createAccounts(storage)
  const people = 100
  const [left, right] = children as [ChildProcess, ChildProcess]
  await Promise.all(children.map((child) => ask(child, { config, wishes: [] })))
  // On a busy machine one process may be done before the other is let in: then they race once more.
  for (let round = 0; round < 100; round += 1) {
    const address = (n: number) => email(`${n}.${round}`)
    const name = (n: number) => username(`n${n % people}.${round}`)
    const wishes = (offset: number): NewAccount[] => Array.from({ length: people }, (_, n) => ({ identifiers: [proven(address(n)), name(n * 7 + offset)] }))
    const [one, other] = await Promise.all([ask(left, { config, wishes: wishes(0) }), ask(right, { config, wishes: wishes(50).toReversed() })])
    const outcomes = [...one, ...other]
    await isWhole(t, accounts, Array.from({ length: people }, (_, n) => [address(n), name(n)]).flat(), outcomes)
    t.true(outcomes.filter(({ ok }) => ok).length <= people)
    if (one.some(({ ok }) => ok) && other.some(({ ok }) => ok)) return
  }
  t.fail('they never met')
})

test('two processes that prove the same addresses at once: one account each, and both are told which', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-race-'))
  const config: StorageConfig = { kind: 'embedded', folder }
  const children = [0, 1].map(() => fork(new URL('racer.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] }))
  t.teardown(async () => {
    for (const child of children) child.disconnect()
    await rm(folder, { recursive: true })
  })
  const wishes: NewAccount[] = Array.from({ length: 100 }, (_, n) => ({ identifiers: [proven(email(`${n}`))] }))
  await Promise.all(children.map((child) => ask(child, { config, wishes: [] })))
  const [one, other] = await Promise.all(children.map((child) => ask(child, { config, wishes })))
  for (const n of wishes.keys()) {
    t.is([one![n]!, other![n]!].filter(({ ok }) => ok).length, 1)
    t.is(one![n]!.account?.id, other![n]!.account?.id)
  }
})

function ask(child: ChildProcess, message: { config: StorageConfig; wishes: NewAccount[] }): Promise<Creation[]> {
  return new Promise((resolve, reject) => {
    child.once('exit', reject)
    child.once('message', (answer: Answer) => {
      child.off('exit', reject)
      if ('error' in answer) reject(new Error(answer.error))
      else resolve(answer.outcomes)
    })
    child.send(message)
  })
}

test('an account that is gone leaves its identifiers free', async (t) => {
  const { accounts, world } = open(t)
  const outcome = await accounts.create({ identifiers: [email('ada'), username('ada')] })
  const { storage }: { storage: Pick<Storage, 'accounts'> } = world
  await storage.accounts.delete(outcome.ok ? outcome.account.id : '')
  t.is(await accounts.findByIdentifier(email('ada')), undefined)
  t.true((await accounts.create({ identifiers: [email('ada')] })).ok)
})
