import test from 'ava'
import { isCooling, mayAddPasskey, mayChange, type ChangeRequest, type EnrolmentDecision, type EnrolmentFacts, type GuardedPasskey } from '../../src/policy/enrolment.ts'
import type { Method } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'
import { anyProof, anyProofs, minute, noon, proof } from './proofs.ts'

const yes: EnrolmentDecision = { allow: true, cooling: false, notice: true }
const silently: EnrolmentDecision = { allow: true, cooling: false, notice: false }
const cooling: EnrolmentDecision = { allow: true, cooling: true, notice: true }
const byRecovery: EnrolmentDecision = { ...cooling, by: 'recovery' }
type Way = Extract<EnrolmentDecision, { allow: false }>['way']
const no = (way: Way, until?: number): EnrolmentDecision => ({ allow: false, way, ...(until !== undefined && { until }) })

const hour = 60 * minute
const day = 24 * hour
const passkey = (hoursOld: number, more: Partial<GuardedPasskey> = {}): GuardedPasskey => ({ id: 'one', createdAt: noon - hoursOld * hour, ...more })

const without: EnrolmentFacts['account'] = { createdInThisInteraction: false, passkeyIds: [], passkeysOnly: false }
const created = { ...without, createdInThisInteraction: true }
const holder = { ...without, passkeyIds: ['one'] }

const facts = (more: Partial<EnrolmentFacts>): EnrolmentFacts => ({
  now: noon,
  proofs: [],
  account: without,
  passkeys: [],
  recoveryReady: false,
  deviceRecognised: true,
  otherKindsHere: [],
  ...more,
})

const here = (...otherKindsHere: Method[]) => ({ deviceRecognised: false, otherKindsHere })
const hadPasskey = { usablePasskey: true }

const table: [string, EnrolmentFacts, EnrolmentDecision][] = [
  ['created here: the sign-up itself', facts({ account: created, proofs: [proof('email_otp', 1, { signUp: true })] }), silently],
  ['created here, on a browser that nobody knows', facts({ account: created, proofs: [proof('email_otp', 1)], ...here('totp') }), silently],
  ['created here, 5 minutes ago', facts({ account: created, proofs: [proof('email_otp', 5)] }), silently],
  ['created here, and somebody has put a passkey into it meanwhile', facts({ account: { ...holder, createdInThisInteraction: true }, proofs: [proof('email_otp', 1, { signUp: true })] }), no('passkey')],
  ['created here, and the passkey of it was used', facts({ account: { ...holder, createdInThisInteraction: true }, proofs: [proof('passkey', 1, { signUp: true })] }), yes],
  ['created here, longer ago', facts({ account: created, proofs: [proof('email_otp', 5.001)] }), no('sign_in')],
  ['created here, and nothing was proven', facts({ account: created, proofs: [proof('sign_up', 1, { signUp: true })] }), silently],
  ['created here, nothing was proven, and somebody has put a passkey into it', facts({ account: { ...holder, createdInThisInteraction: true }, proofs: [proof('sign_up', 1, { signUp: true })] }), no('passkey')],
  ['created a moment ago without a proof, in a request that is over', facts({ proofs: [proof('sign_up', 1, { signUp: true })] }), no('sign_in')],

  ['no passkey: a code by email', facts({ proofs: [proof('email_otp', 5)] }), yes],
  ['no passkey: a link by email', facts({ proofs: [proof('email_link')] }), yes],
  ['no passkey: a text message', facts({ proofs: [proof('sms_otp')] }), yes],
  ['no passkey: the app', facts({ proofs: [proof('totp')] }), yes],
  ['no passkey: a recovery code', facts({ proofs: [proof('recovery_code')] }), cooling],
  ['no passkey: a recovery code and a code', facts({ proofs: [proof('recovery_code'), proof('email_otp')] }), yes],
  ['no passkey: nothing', facts({}), no('sign_in')],
  ['no passkey: a code, too old', facts({ proofs: [proof('email_otp', 5.001)] }), no('sign_in')],
  ['no passkey any more, but one was at hand', facts({ proofs: [proof('email_otp', 1, hadPasskey)] }), no('sign_in')],

  ['new browser: a code is all there is', facts({ proofs: [proof('email_otp')], ...here() }), yes],
  ['new browser: a link is the same kind', facts({ proofs: [proof('email_otp')], ...here('email_otp', 'email_link') }), yes],
  ['new browser: the app is another kind', facts({ proofs: [proof('email_otp')], ...here('totp') }), no('other_kind')],
  ['new browser: two codes by email are one kind', facts({ proofs: [proof('email_otp'), proof('email_link')], ...here('totp') }), no('other_kind')],
  ['new browser: both kinds', facts({ proofs: [proof('email_otp'), proof('totp')], ...here('totp', 'email_otp') }), yes],
  ['new browser: both kinds, one too old', facts({ proofs: [proof('email_otp', 6), proof('totp')], ...here('email_otp') }), no('other_kind')],
  ['new browser: a recovery code alone', facts({ proofs: [proof('recovery_code')], ...here() }), cooling],
  ['new browser: a recovery code where codes work', facts({ proofs: [proof('recovery_code')], ...here('email_otp') }), no('other_kind')],
  ['new browser: a recovery code as the other kind', facts({ proofs: [proof('recovery_code'), proof('email_otp')], ...here('totp') }), cooling],

  ['has a passkey: it was used', facts({ account: holder, proofs: [proof('passkey', 5)] }), yes],
  ['has a passkey: it was used on a new browser', facts({ account: holder, proofs: [proof('passkey')], ...here('email_otp') }), yes],
  ['has a passkey: it was used too long ago', facts({ account: holder, proofs: [proof('passkey', 5.001)] }), no('passkey')],
  ['has a passkey: a recovery code', facts({ account: holder, proofs: [proof('recovery_code', 5)] }), cooling],
  ['has a passkey: a recovery code, too old', facts({ account: holder, proofs: [proof('recovery_code', 5.001)] }), no('passkey')],
  ['has a passkey: it and a recovery code', facts({ account: holder, proofs: [proof('recovery_code'), proof('passkey')] }), yes],
  ['has a passkey: a code only', facts({ account: holder, proofs: [proof('email_otp', 1, hadPasskey)] }), no('passkey')],
  ['has a passkey that policy did not allow here: a code only', facts({ account: holder, proofs: [proof('email_otp')] }), no('passkey')],
  ['has a passkey: codes of all kinds', facts({ account: holder, proofs: [proof('email_otp'), proof('sms_otp'), proof('totp')] }), no('passkey')],
  ['has a passkey: nothing', facts({ account: holder }), no('passkey')],
]

for (const [title, given, expected] of table) {
  test(title, (t) => {
    t.deepEqual(mayAddPasskey(given), expected)
    t.deepEqual(mayChange({ do: 'add_identifier' }, given), expected, 'an identifier likewise')
    t.deepEqual(mayChange({ do: 'add_method' }, given), expected, 'a method likewise')
  })
}

const used = [proof('passkey', 1)]
const old = { account: holder, passkeys: [passkey(100)] }
const young = { account: holder, passkeys: [passkey(1)] }
const coolAt = noon + 23 * hour

const additions: ChangeRequest[] = [{ do: 'add_passkey' }, { do: 'add_identifier' }, { do: 'add_method' }, { do: 'download_data' }]
/** what has to be as strong as an addition, and takes away or weakens what was there before */
const weakenings: ChangeRequest[] = [
  ...(['remove_passkey', 'remove_identifier', 'remove_method', 'replace_identifier'] as const).map((what) => ({ do: what, createdAt: noon - 50 * hour })),
  { do: 'passkeys_only_on' }, { do: 'passkeys_only_off' }, { do: 'new_recovery_codes' }, { do: 'delete_account' },
]
const others = weakenings.filter((request) => request.do !== 'passkeys_only_on')

const changes: [string, ChangeRequest[], EnrolmentFacts, EnrolmentDecision][] = [
  ['created here', weakenings, facts({ account: created, proofs: [proof('email_otp', 1, { signUp: true })] }), silently],
  ['no passkey: a code', others, facts({ proofs: [proof('email_otp')] }), yes],
  ['no passkey: nothing', others, facts({}), no('sign_in')],
  ['no passkey: a recovery code adds, and weakens nothing', others, facts({ proofs: [proof('recovery_code')] }), no('sign_in')],
  ['no passkey: a recovery code beside a code', others, facts({ proofs: [proof('recovery_code'), proof('email_otp')] }), yes],
  ['no passkey, new browser: one kind of two', others, facts({ proofs: [proof('email_otp')], ...here('totp') }), no('other_kind')],
  ['no passkey: nothing phishable switches the phishable off', [{ do: 'passkeys_only_on' }], facts({ proofs: [proof('email_otp')] }), no('passkey')],
  ['has a passkey: it was used', weakenings, facts({ ...old, proofs: used }), yes],
  ['has a passkey: it was used too long ago', weakenings, facts({ ...old, proofs: [proof('passkey', 5.001)] }), no('passkey')],
  ['has a passkey: codes of all kinds', weakenings, facts({ ...old, proofs: [proof('email_otp'), proof('sms_otp'), proof('totp')] }), no('passkey')],
  ['has a passkey: a recovery code adds, and weakens nothing', weakenings, facts({ ...old, proofs: [proof('recovery_code')] }), no('passkey')],

  ['a passkey of today may add', additions, facts({ ...young, proofs: used }), yes],
  ['a passkey of today weakens nothing', weakenings, facts({ ...young, proofs: used }), no('older_passkey', coolAt)],
  ['a passkey of today, and a code of before it', weakenings, facts({ ...young, proofs: [...used, proof('email_otp', 2)] }), no('older_passkey', coolAt)],
  ['a passkey of today, and the recovery code that let it in', weakenings, facts({ ...young, proofs: [...used, proof('recovery_code', 2)] }), no('older_passkey', coolAt)],
  ['a passkey of today, and an older one', weakenings, facts({
    account: { ...holder, passkeyIds: ['one', 'two'] }, passkeys: [passkey(1), passkey(100, { id: 'two' })], proofs: [...used, proof('passkey', 1, { credentialId: 'two' })],
  }), yes],
  ['a passkey of yesterday, to the millisecond', weakenings, facts({ account: holder, passkeys: [passkey(24)], proofs: used }), yes],
  ['a passkey that cools for longer', weakenings, facts({ account: holder, passkeys: [passkey(30, { coolingUntil: noon + hour })], proofs: used }), no('older_passkey', noon + hour)],
  ['the passkey of the sign-up has nothing older than itself', weakenings, facts({ account: holder, passkeys: [passkey(1, { signUp: true })], proofs: used }), yes],
  ['a passkey whose record was not read may add', additions, facts({ account: holder, proofs: used }), yes],
  ['a passkey whose record was not read counts as new', weakenings, facts({ account: holder, proofs: used }), no('older_passkey', noon + day)],
  ['two that cool: the first to cool', weakenings, facts({
    account: { ...holder, passkeyIds: ['one', 'two'] }, passkeys: [passkey(1), passkey(2, { id: 'two' })], proofs: [...used, proof('passkey', 1, { credentialId: 'two' })],
  }), no('older_passkey', noon + 22 * hour)],
  ['what is as new as the passkey itself it may remove', [{ do: 'remove_identifier', createdAt: noon - hour / 2 }, { do: 'remove_passkey', createdAt: noon - hour }], facts({ ...young, proofs: used }), yes],
  ['what is a moment older it may not', [{ do: 'remove_identifier', createdAt: noon - hour - 1 }], facts({ ...young, proofs: used }), no('older_passkey', coolAt)],

  ['an address of today weakens nothing', others, facts({ proofs: [proof('email_otp', 0, { identifier: 'email:new@example.com' })], added: [{ id: 'email:new@example.com', at: noon - hour }] }), no('sign_in')],
  ['an address of today may add', additions, facts({ proofs: [proof('email_otp', 0, { identifier: 'email:new@example.com' })], added: [{ id: 'email:new@example.com', at: noon - hour }] }), yes],
  ['an address of yesterday', others, facts({ proofs: [proof('email_otp', 0, { identifier: 'email:new@example.com' })], added: [{ id: 'email:new@example.com', at: noon - day }] }), yes],
  ['an older address beside it', others, facts({
    proofs: [proof('email_otp', 0, { identifier: 'email:new@example.com' }), proof('email_otp', 0, { identifier: 'email:ada@example.com' })], added: [{ id: 'email:new@example.com', at: noon - hour }],
  }), yes],
  ['an app that was set up today weakens nothing', others, facts({ proofs: [proof('totp')], added: [{ id: 'totp', at: noon - hour }] }), no('sign_in')],

  ['removed or frozen: a passkey that is not of the account any more', [...additions, ...weakenings], facts({ ...old, proofs: [proof('passkey', 1, { credentialId: 'gone' })] }), no('passkey')],
  ['a passkey without a name', additions, facts({ ...old, proofs: [{ ...used[0]!, credentialId: undefined as never }] }), no('passkey')],
  ['frozen: a passkey that says so itself', [...additions, ...weakenings], facts({ account: holder, passkeys: [passkey(100, { frozenAt: noon - hour })], proofs: used }), no('passkey')],

  ['passkeys only: a code', [...additions, ...weakenings], facts({ account: { ...holder, passkeysOnly: true }, proofs: [proof('email_otp')] }), no('passkey')],
  ['passkeys only, and the last one is gone: a code', additions, facts({ account: { ...without, passkeysOnly: true }, proofs: [proof('email_otp')] }), no('recovery')],
  ['passkeys only: a passkey', [...additions, ...weakenings], facts({ ...old, account: { ...holder, passkeysOnly: true }, proofs: used }), yes],
]

for (const [title, requests, given, expected] of changes) {
  test(`change: ${title}`, (t) => {
    for (const request of requests) t.deepEqual(mayChange(request, given), expected, JSON.stringify(request))
  })
}

const freeze = { at: noon - hour, since: noon - 2 * hour, changeIds: ['c'] }
const frozen = { ...holder, frozen: freeze }
const frozenOut = { ...without, frozen: freeze }
const everything: ChangeRequest[] = [...additions, ...weakenings, { do: 'settle_freeze' }]
const finishes: ChangeRequest[] = [{ do: 'add_passkey' }, { do: 'settle_freeze' }]
const notFinishing = everything.filter((request) => request.do !== 'add_passkey' && request.do !== 'settle_freeze')

const freezes: [string, ChangeRequest[], EnrolmentFacts, EnrolmentDecision][] = [
  ['an older passkey decides', everything, facts({ account: frozen, passkeys: [passkey(100)], proofs: used }), yes],
  ['an older passkey, too long ago', everything, facts({ account: frozen, passkeys: [passkey(100)], proofs: [proof('passkey', 5.001)] }), no('older_passkey')],
  ['a passkey as old as the disowned change', everything, facts({ account: frozen, passkeys: [passkey(2, { signUp: true })], proofs: used }), no('older_passkey')],
  ['a passkey of after it', everything, facts({ account: frozen, passkeys: [passkey(1.5)], proofs: used }), no('older_passkey')],
  ['an older passkey that still cools', everything, facts({ account: frozen, passkeys: [passkey(3)], proofs: used }), no('older_passkey', noon + 21 * hour)],
  ['the passkey of the sign-up is old enough', everything, facts({ account: frozen, passkeys: [passkey(3, { signUp: true })], proofs: used }), yes],
  ['a frozen passkey', everything, facts({ account: frozen, passkeys: [passkey(100, { frozenAt: noon - hour })], proofs: used }), no('older_passkey')],
  ['a passkey whose record was not read', everything, facts({ account: frozen, proofs: used }), no('older_passkey')],
  ['codes of all kinds', everything, facts({ account: frozen, proofs: [proof('email_otp'), proof('sms_otp'), proof('totp')] }), no('older_passkey')],
  ['a recovery code', everything, facts({ account: frozen, proofs: [proof('recovery_code')] }), no('older_passkey')],
  ['the only passkey is frozen: a code finds no row of accounts without one', everything, facts({ account: frozenOut, proofs: [proof('email_otp')] }), no('recovery')],
  ['the only passkey is frozen: nothing', everything, facts({ account: frozenOut }), no('recovery')],
  ['an account that was made here is frozen too', everything, facts({ account: { ...frozenOut, createdInThisInteraction: true }, proofs: [proof('email_otp', 1, { signUp: true })] }), no('recovery')],
  ['a finished recovery decides', finishes, facts({ account: frozenOut, recoveryReady: true, proofs: [proof('email_otp', 1, hadPasskey)] }), byRecovery],
  ['a finished recovery, nobody there', finishes, facts({ account: frozenOut, recoveryReady: true }), no('sign_in')],
  ['a finished recovery is for a passkey alone', notFinishing, facts({ account: frozenOut, recoveryReady: true, proofs: [proof('email_otp')] }), no('recovery')],
]

for (const [title, requests, given, expected] of freezes) {
  test(`frozen: ${title}`, (t) => {
    for (const request of requests) t.deepEqual(mayChange(request, given), expected, JSON.stringify(request))
  })
}

const recoveries: [string, EnrolmentFacts, EnrolmentDecision][] = [
  ['a code, although a passkey was at hand', facts({ ...old, recoveryReady: true, proofs: [proof('email_otp', 5, hadPasskey)] }), byRecovery],
  ['a code, too old', facts({ ...old, recoveryReady: true, proofs: [proof('email_otp', 5.001, hadPasskey)] }), no('sign_in')],
  ['nobody there', facts({ ...old, recoveryReady: true }), no('sign_in')],
  ['in another browser, or not yet', facts({ ...old, proofs: [proof('email_otp', 1, hadPasskey)] }), no('passkey')],
  ['the passkey was found after all', facts({ ...old, recoveryReady: true, proofs: [...used, proof('email_otp', 1, hadPasskey)] }), yes],
  ['a recovery code needs no recovery', facts({ ...old, recoveryReady: true, proofs: [proof('recovery_code'), proof('email_otp', 1, hadPasskey)] }), cooling],
  ['passkeys only: a code is nothing', facts({ account: { ...holder, passkeysOnly: true }, recoveryReady: true, proofs: [proof('email_otp')] }), no('sign_in')],
]

for (const [title, given, expected] of recoveries) {
  test(`recovery ready: ${title}`, (t) => {
    t.deepEqual(mayChange({ do: 'add_passkey' }, given), expected)
    for (const request of weakenings) t.false(mayChange(request, { ...given, proofs: given.proofs.filter(({ method }) => method !== 'passkey') }).allow, JSON.stringify(request))
  })
}

test('how long a passkey cools', (t) => {
  t.true(isCooling(passkey(23.99), noon))
  t.false(isCooling(passkey(24), noon))
  t.true(isCooling(passkey(48, { coolingUntil: noon + 1 }), noon))
  t.false(isCooling(passkey(48, { coolingUntil: noon }), noon))
  t.true(isCooling(passkey(1, { coolingUntil: noon - 1 }), noon), 'never for less than a day')
  t.false(isCooling(passkey(0, { signUp: true, coolingUntil: noon + day }), noon))
})

const anyFacts: fc.Arbitrary<EnrolmentFacts> = fc
  .record({
    proofs: anyProofs,
    account: fc.record({ createdInThisInteraction: fc.boolean(), passkeyIds: fc.constantFrom<string[]>([], ['one']), passkeysOnly: fc.boolean() }).chain((account) => fc.constantFrom(account, { ...account, frozen: freeze })),
    deviceRecognised: fc.boolean(),
    passkeys: fc.constantFrom<GuardedPasskey[]>([], [passkey(100)], [passkey(1)], [passkey(100, { frozenAt: noon })]),
    otherKindsHere: fc.uniqueArray(fc.constantFrom<Method>('email_otp', 'email_link', 'sms_otp', 'totp')),
  })
  .map((some) => facts(some))

test('a phishable proof of somebody who had a passkey at hand changes nothing', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyFacts, anyProof, (given, more) => {
        // A bare sign-up is of an account that had no passkey.
        fc.pre(more.method !== 'passkey' && more.method !== 'recovery_code' && more.method !== 'sign_up')
        const proofs = [...given.proofs, { ...more, usablePasskey: true }]
        return JSON.stringify(mayAddPasskey({ ...given, proofs })) === JSON.stringify(mayAddPasskey(given))
      }),
    ),
  )
})

test('one more proof never turns a yes into a no, nor what is warm into what has to cool', (t) => {
  const worth = (decision: EnrolmentDecision) => (decision.allow ? (decision.cooling ? 1 : 2) : 0)
  t.notThrows(() =>
    fc.assert(
      fc.property(anyFacts, anyProof, (given, more) => {
        return worth(mayAddPasskey({ ...given, proofs: [...given.proofs, more] })) >= worth(mayAddPasskey(given))
      }),
    ),
  )
})

test('nobody adds a passkey without a proof of the last 5 minutes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyFacts, (given) => {
        const proofs = given.proofs.map((one) => ({ ...one, at: one.at - 5 * 60_000 - 1 }))
        return !mayAddPasskey({ ...given, proofs }).allow
      }),
    ),
  )
})
