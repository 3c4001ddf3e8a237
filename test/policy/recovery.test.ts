import test from 'ava'
import type { EnrolmentFacts } from '../../src/policy/enrolment.ts'
import { isReady, mayCancel, mayStartRecovery } from '../../src/policy/recovery.ts'
import type { Recovery } from '../../src/storage/types.ts'
import { minute, noon, proof } from './proofs.ts'

const hour = 60 * minute
const without: EnrolmentFacts['account'] = { createdInThisInteraction: false, passkeyIds: [], passkeysOnly: false }
const holder = { ...without, passkeyIds: ['one'] }
const freeze = { at: noon, since: noon - hour, changeIds: ['c'] }
const facts = (more: Partial<EnrolmentFacts>): EnrolmentFacts => ({
  now: noon, proofs: [], account: holder, passkeys: [], recoveryReady: false, deviceRecognised: true, otherKindsHere: [], ...more,
})
const code = proof('email_otp', 1, { usablePasskey: true })

const starts: [string, EnrolmentFacts, boolean][] = [
  ['a code, and the passkeys are lost', facts({ proofs: [code] }), true],
  ['a code, too old', facts({ proofs: [proof('email_otp', 5.001, { usablePasskey: true })] }), false],
  ['no proof', facts({}), false],
  ['the passkey is there', facts({ proofs: [proof('passkey', 1)] }), false],
  ['a recovery code is better than a recovery', facts({ proofs: [code, proof('recovery_code')] }), false],
  ['no passkey, no recovery', facts({ account: without, proofs: [proof('email_otp')] }), false],
  ['no passkey, another kind would do', facts({ account: without, proofs: [proof('email_otp')], deviceRecognised: false, otherKindsHere: ['totp'] }), false],
  ['frozen: a code', facts({ account: { ...holder, frozen: freeze }, proofs: [code] }), true],
  ['frozen without a passkey that works: a code', facts({ account: { ...without, frozen: freeze }, proofs: [code] }), true],
  ['frozen: a passkey that is too new to decide', facts({ account: { ...holder, frozen: freeze }, passkeys: [{ id: 'one', createdAt: noon }], proofs: [proof('passkey')] }), true],
  ['frozen: the frozen passkey itself', facts({ account: { ...without, frozen: freeze }, proofs: [proof('passkey')] }), false],
  ['frozen: the older passkey decides', facts({ account: { ...holder, frozen: freeze }, passkeys: [{ id: 'one', createdAt: noon - 100 * hour }], proofs: [proof('passkey')] }), false],
  ['passkeys only: nothing phishable starts one', facts({ account: { ...holder, passkeysOnly: true }, proofs: [code] }), false],
  ['it has waited already', facts({ recoveryReady: true, proofs: [code] }), false],
]

for (const [title, given, expected] of starts) {
  test(`recovery starts? ${title}`, (t) => {
    t.is(mayStartRecovery(given), expected)
  })
}

const recovery: Recovery = {
  id: 'r', startedAt: noon - 24 * hour, readyAt: noon, expiresAt: noon + 7 * 24 * hour, deviceHash: 'here', userAgent: 'Chrome on Windows',
}

test('a recovery is ready when it has waited, until it expires, where it was started', (t) => {
  t.true(isReady(recovery, noon, 'here'))
  t.false(isReady(recovery, noon - 1, 'here'))
  t.true(isReady(recovery, recovery.expiresAt - 1, 'here'))
  t.false(isReady(recovery, recovery.expiresAt, 'here'))
  t.false(isReady(recovery, noon, 'elsewhere'))
  t.false(isReady(undefined, noon, 'here'))
})

test('a passkey that was there before, and still stands, can stop a recovery', (t) => {
  const older = { createdAt: recovery.startedAt - 1 }
  t.true(mayCancel(older, recovery, noon))
  t.false(mayCancel({ createdAt: recovery.startedAt }, recovery, noon), 'not an older one')
  t.false(mayCancel({ ...older, frozenAt: noon }, recovery, noon))
  t.false(mayCancel({ ...older, removedAt: noon }, recovery, noon))
  t.false(mayCancel(older, recovery, recovery.startedAt + 1), 'still cooling')
  t.true(mayCancel({ ...older, signUp: true }, recovery, recovery.startedAt + 1))
  t.false(mayCancel(older, recovery, recovery.expiresAt), 'nothing is left to stop')
})
