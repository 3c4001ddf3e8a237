/** Whatever the saved state and the situation, reachable or not: no screen opens that they do not give a right to. */
import test from 'ava'
import { dispatch, type Situation, type Step } from '../../src/login/dispatch.ts'
import { fresh, type LoginState, type Way } from '../../src/login/state.ts'
import { otherMethods } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'

const ways: Way[] = ['passkey', 'other_device', ...otherMethods]
const typed = { kind: 'email' as const, value: 'maya@example.com' }
const proof = { method: 'email_otp' as const, at: 1, accountId: 'maya', usablePasskey: false }
const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 })

type Part<K extends keyof LoginState> = LoginState[K] | undefined
const given = <T extends object>(parts: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T

const state: fc.Arbitrary<LoginState> = fc
  .record({
    flow: fc.constantFrom('sign_in' as const, 'sign_up' as const),
    identifier: maybe(typed) as fc.Arbitrary<Part<'identifier'>>,
    choice: maybe<NonNullable<LoginState['choice']>>(...ways, 'methods', 'passkey_create'),
    accountId: maybe('maya'),
    unownedProof: maybe({ method: 'email_otp' as const, identifier: typed, at: 1 }),
    unknown: maybe(true as const),
    created: fc.boolean(),
    acknowledged: fc.boolean(),
    other: maybe({ ...proof, accountId: 'sam' }),
    notice: maybe('closed' as const),
    offer: maybe<NonNullable<LoginState['offer']>>({ outcome: 'open', neverButton: false }, { outcome: 'created', credentialId: 'c' }, { outcome: 'failed', reason: 'closed' }, { outcome: 'over' }),
    withoutLevel: fc.boolean(),
    recover: maybe('asked' as const, 'over' as const),
  })
  .map((parts) => ({ ...fresh(parts.flow), ...given<Partial<LoginState>>(parts), proofs: parts.accountId ? [proof] : [] }))

const situation: fc.Arbitrary<Situation> = fc
  .record({
    prompt: fc.constantFrom('login' as const, 'login' as const, 'login' as const, 'consent' as const),
    sessionAccountId: maybe('maya'),
    met: fc.boolean(),
    blocked: fc.boolean(),
    ways: fc.subarray(ways),
    links: fc.boolean(),
    first: fc.constantFrom(...ways),
    offerPasskey: fc.boolean(),
    mayCreate: fc.boolean(),
    creationReaches: fc.boolean(),
    recovery: maybe('none' as const, 'needs_proof' as const, 'may_start' as const, 'waiting' as const, 'ready' as const, 'elsewhere' as const),
    recovering: fc.boolean(),
    toDecide: maybe('recovery_notice' as const, 'freeze_notice' as const),
  })
  .map((parts) => given<Situation>(parts))

const forNobody: Step[] = ['identifier', 'sign_up', ...otherMethods, 'passkey', 'methods', 'other_device', 'help', 'recovery', 'wrong_account', 'create_account']

test('any state in any situation: the due screen is open, and each is opened by a right', (t) => {
  const property = fc.property(state, situation, (state, situation) => {
    const { due, open } = dispatch(state, situation)
    const fail = (why: string) => { throw new Error(`${why}: ${due} of ${open}`) }
    if (!open.includes(due)) fail('the due screen is closed')
    if (situation.prompt === 'consent') return void (due === 'consent' || fail('something else than consent'))
    if (open.includes('consent')) fail('consent before the sign-in')

    const known = state.accountId !== undefined || situation.sessionAccountId !== undefined
    if (!known) {
      const stray = open.filter((step) => !forNobody.includes(step))
      if (stray.length > 0) fail(`${stray} without an account`)
    }
    if (due === 'finish' && (!known || !situation.met)) fail('finished without what was asked for')
    if (due === 'finish' && open.length > 1) fail('something else while it finishes')
    if (due === 'finish' && state.other) fail('finished while another passkey waits for a decision')
    if (due === 'finish' && state.accountId !== undefined && situation.toDecide !== undefined) fail('finished over an open decision')
    if (open.includes('create_account') && state.unownedProof === undefined && !state.unknown) fail('an account for an unproven mailbox')
    if (open.includes('passkey_create') && !known) fail('a passkey for nobody')
    for (const way of ways) {
      const before = !known && (way === 'passkey' || way === 'email_otp')
      const besideCode = way === 'email_link' && situation.links && situation.ways.includes('email_otp')
      if (open.includes(way) && !situation.ways.includes(way) && !before && !besideCode) fail(`${way} is no way here`)
    }
  })
  t.notThrows(() => fc.assert(property, { numRuns: 20_000, includeErrorInReport: true }))
})
