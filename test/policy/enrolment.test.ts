import test from 'ava'
import fc from 'fast-check'
import { mayAddPasskey, type EnrolmentDecision, type EnrolmentFacts } from '../../src/policy/enrolment.ts'
import type { Method } from '../../src/policy/types.ts'
import { anyProof, anyProofs, noon, proof } from './proofs.ts'

const yes: EnrolmentDecision = { allow: true, cooling: false, notice: true }
const silently: EnrolmentDecision = { allow: true, cooling: false, notice: false }
const cooling: EnrolmentDecision = { allow: true, cooling: true, notice: true }
const no = (way: 'sign_in' | 'passkey' | 'other_kind'): EnrolmentDecision => ({ allow: false, way })

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
  ['created here, longer ago', facts({ account: created, proofs: [proof('email_otp', 5.001)] }), no('sign_in')],

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
  })
}

const anyFacts: fc.Arbitrary<EnrolmentFacts> = fc
  .record({
    proofs: anyProofs,
    account: fc.record({ createdInThisInteraction: fc.boolean(), passkeyIds: fc.constantFrom<string[]>([], ['one']), passkeysOnly: fc.boolean() }),
    deviceRecognised: fc.boolean(),
    otherKindsHere: fc.uniqueArray(fc.constantFrom<Method>('email_otp', 'email_link', 'sms_otp', 'totp')),
  })
  .map((some) => facts(some))

test('a phishable proof of somebody who had a passkey at hand changes nothing', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyFacts, anyProof, (given, more) => {
        fc.pre(more.method !== 'passkey' && more.method !== 'recovery_code')
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
