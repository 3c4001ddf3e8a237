/** Random lives of several accounts that want the same few identifiers, with processes that die: what must hold holds. */
import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import test from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createIdentifiers } from '../../src/accounts/identifiers.ts'
import { serverSchema } from '../../src/config/schema.ts'
import type { Account, IdentifierKind } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'
import { createWorld, day, Died, type World } from './store.ts'

// Who waits for a creation that is under way, or died, waits a fraction of the time: there are hundreds of them here.
const { setTimeout: pause } = timers
timers.setTimeout = (ms, ...rest) => pause((ms ?? 0) / 25, ...rest)
syncBuiltinESMExports()

const config = serverSchema.parse({ identifiers: { email: { signUp: 'optional', max: 3 }, phone: { signUp: 'optional' }, username: { signUp: 'optional' } } })

type Known = { kind: IdentifierKind; value: string }
const pool: Known[] = [
  ...['a', 'b', 'c', 'd'].map((name) => ({ kind: 'email' as const, value: `${name}@example.com` })),
  { kind: 'phone', value: '+12025550143' },
  { kind: 'username', value: 'ada' },
  { kind: 'username', value: 'eve' },
]
const idOf = ({ kind, value }: Known) => `${kind}:${value}`

type Single =
  | { do: 'sign up'; with: number[]; proven: boolean }
  | { do: 'add' | 'prove' | 'primary' | 'remove' | 'take over'; who: number; what: number; proven: boolean }
  | { do: 'correct'; who: number; what: number; to: number }
  | { do: 'look'; what: number }
  | { do: 'wait'; ms: number }
type Step = Single | { do: 'at once'; steps: Single[] } | { do: 'die'; after: number; step: Single }

const [who, what] = [fc.nat({ max: 9 }), fc.nat({ max: pool.length - 1 })]
const signUp = fc.record({ do: fc.constant('sign up' as const), with: fc.shuffledSubarray(pool.map((_, index) => index), { minLength: 1, maxLength: 3 }), proven: fc.boolean() })
const single: fc.Arbitrary<Single> = fc.oneof(
  signUp,
  { arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'prove' as const, 'primary' as const, 'remove' as const, 'take over' as const), who, what, proven: fc.boolean() }), weight: 5 },
  fc.record({ do: fc.constant('correct' as const), who, what, to: what }),
  fc.record({ do: fc.constant('look' as const), what }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 30_000, 60_000, day, 7 * day) }),
)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: single, weight: 4 },
    { arbitrary: fc.record({ do: fc.constant('at once' as const), steps: fc.array(single, { minLength: 2, maxLength: 5 }) }), weight: 2 },
    // mostly in what is sure to write
    { arbitrary: fc.record({ do: fc.constant('die' as const), after: fc.nat({ max: 3 }), step: signUp }), weight: 2 },
    fc.record({ do: fc.constant('die' as const), after: fc.nat({ max: 6 }), step: single }),
  ),
  { maxLength: 20 },
)

interface Life {
  world: World
  ids: Set<string>
}

const partsOf = ({ world }: Life) => {
  const accounts = createAccounts(world.storage)
  return { accounts, identifiers: createIdentifiers({ storage: world.storage, accounts, revocation: world.revocation, config: { ...config, clients: [] } }) }
}

async function live(life: Life, step: Single): Promise<void> {
  const { world, ids } = life
  const { accounts, identifiers } = partsOf(life)
  const now = world.storage.clock.now()
  if (step.do === 'wait') return world.advance(step.ms)
  if (step.do === 'look') return void (await accounts.findByIdentifier(pool[step.what]!))
  if (step.do === 'sign up') {
    const outcome = await accounts.create({ identifiers: step.with.map((index) => ({ ...pool[index]!, ...(step.proven && { verifiedAt: now }) })) })
    return void (outcome.ok && ids.add(outcome.account.id))
  }
  const one = pool[step.what]!
  const id = [...ids][step.who % Math.max(ids.size, 1)]
  const account = id === undefined ? undefined : await accounts.get(id)
  if (!account) return
  switch (step.do) {
    case 'add': return void (await identifiers.add(account, { ...one, ...(step.proven && { verifiedAt: now }) }))
    case 'prove': return void (await identifiers.markProven(account.id, one, now))
    case 'primary': return void (await identifiers.makePrimary(account.id, one))
    case 'remove': return void (await identifiers.remove(account, one))
    case 'correct': return void (await identifiers.correct(account, one, pool[step.to]!))
    case 'take over': {
      const holder = await accounts.findByIdentifier(one)
      if (!holder) return
      const before = holder.identifiers.find((entry) => idOf(entry) === idOf(one))
      const made = await identifiers.takeOver(one, holder, now).catch(() => undefined)
      if (made && before?.verifiedAt !== undefined && one.kind !== 'username') throw new Error('taken from who had proven it')
      if (made) ids.add(made.id)
    }
  }
}

const enabled = ({ disabledAt }: Account) => disabledAt === undefined

/** After everything was looked at once more, as sign-ins do. */
async function check(life: Life): Promise<void> {
  const { world, ids } = life
  const { accounts } = partsOf(life)
  for (const one of pool) await accounts.findByIdentifier(one)
  for (const one of pool) {
    const holder = await accounts.findByIdentifier(one)
    const record = await world.storage.identifiers.get(idOf(one))
    if (holder) assert.deepEqual([record?.state, record?.accountId], ['active', holder.id])
    if (record?.state === 'active') assert.equal(holder?.id, record.accountId, 'active is had')
  }
  for (const id of ids) {
    const account = (await accounts.get(id))!
    assert.equal(new Set(account.identifiers.map(idOf)).size, account.identifiers.length, 'listed once')
    for (const entry of account.identifiers) assert.equal((await accounts.findByIdentifier(entry))?.id, id, `what is listed is had: ${idOf(entry)}`)
    const of = (kind: IdentifierKind) => account.identifiers.filter((entry) => entry.kind === kind).length
    assert.ok(of('email') <= 3 && of('phone') <= 2 && of('username') <= 2)
    if (!enabled(account)) assert.ok(account.identifiers.every(({ verifiedAt }) => verifiedAt === undefined), 'nobody with a proof is switched off')
  }
}

test('what is listed is had, by one account, whatever happens at once and wherever a process dies', async (t) => {
  const seen = { died: 0, atOnce: 0 }
  // The seed of a failure is in its message.
  await t.notThrowsAsync(fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = createWorld()
      const life: Life = { world, ids: new Set() }
      try {
        for (const step of all) {
          if (step.do === 'at once') {
            seen.atOnce += 1
            await Promise.all(step.steps.filter(({ do: kind }) => kind !== 'wait').map((one) => live(life, one)))
          } else if (step.do === 'die') {
            world.dieAfter(step.after)
            await live(life, step.step).catch((error: unknown) => {
              if (!(error instanceof Died)) throw error
              seen.died += 1
            })
            world.survive()
          } else await live(life, step)
        }
        await check(life)
      } finally {
        world.close()
      }
    }),
    { numRuns: 400 },
  ))
  t.true(seen.died > 20 && seen.atOnce > 200, JSON.stringify(seen))
})
