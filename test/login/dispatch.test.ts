import test from 'ava'
import { dispatch, type Situation, type Step } from '../../src/login/dispatch.ts'
import {
  askRecovery, changeIdentifier, choose, fresh, passkeyFailed, prove, proveUnowned, typeIdentifier, type LoginState,
} from '../../src/login/state.ts'
import { changeSignUp, taken, typeSignUp } from '../../src/login/sign-up-state.ts'
import type { Method, Proof } from '../../src/policy/types.ts'

const email = 'maya@example.com'
const base: Situation = {
  prompt: 'login',
  met: false,
  blocked: false,
  ways: ['passkey', 'email_otp', 'other_device'],
  links: false, first: 'email_otp',
  offerPasskey: false,
  mayCreate: false,
  creationReaches: false,
  recovering: false,
}
const proof = (method: Method, accountId = 'a'): Proof => ({ method, at: 1, accountId, usablePasskey: false })
const typed = typeIdentifier(fresh(), { kind: 'email', value: email }, 'sign_in')
const unowned = { method: 'email_otp' as const, identifier: { kind: 'email' as const, value: email }, at: 1 }
const signingUp: LoginState = { ...typeSignUp(fresh('sign_up'), { email }), identifier: { kind: 'email', value: email } }
const unproven = { confirm: { kind: 'email' as const, value: email }, proves: 'email_otp' as const, met: true }
const byCode = prove(typed, proof('email_otp'))
const byPasskey = prove(typed, proof('passkey'))
const created: LoginState = { ...prove(signingUp, proof('email_otp')), created: true }

const offered: LoginState = { ...created, offer: { outcome: 'open', neverButton: false } }

const table: [name: string, state: LoginState, situation: Partial<Situation>, due: Step][] = [
  ['nothing happened', fresh(), {}, 'identifier'],
  ['prompt=create', fresh('sign_up'), {}, 'sign_up'],
  ['an address was typed', typed, {}, 'email_otp'],
  ['an address that used a passkey here', typed, { first: 'passkey' }, 'passkey'],
  ['nobody has the address, and people are told', { ...typed, unknown: true }, {}, 'create_account'],
  ['another way was asked for', choose(typed, 'methods'), {}, 'methods'],
  ['a phone was chosen', choose(typed, 'other_device'), {}, 'other_device'],
  ['a way that policy refuses was chosen', choose(typed, 'passkey'), { ways: ['email_otp'] }, 'methods'],
  ['the passkey failed, nothing typed', passkeyFailed(fresh(), 'closed', false), {}, 'identifier'],
  ['the passkey failed after an address', passkeyFailed(typed, 'closed', true), {}, 'passkey'],
  ['the passkey failed in a session that is asked for more', passkeyFailed(fresh(), 'closed', true), { sessionAccountId: 'a', ways: ['passkey', 'other_device'] }, 'passkey'],
  ['a new address at sign-up', signingUp, { proves: 'email_otp' }, 'email_otp'],
  ['a new number', { ...signingUp, identifier: { kind: 'phone', value: '+447911123456' } }, { proves: 'sms_otp' }, 'sms_otp'],
  ['the form is to be corrected', changeSignUp(signingUp), { proves: 'email_otp' }, 'sign_up'],
  ['a name went to somebody else', taken(signingUp, 'username'), { proves: 'email_otp' }, 'sign_up'],
  ['an account that begins with a passkey', { ...signingUp, draft: { accountId: 'a', userHandle: 'h' } }, {}, 'passkey_create'],
  ['an account without anything to send to', created, { met: true, codesDue: true }, 'recovery_codes'],
  ['somebody else reserved what was proven', { ...typed, claim: { ...unowned, accountId: 'b' } }, {}, 'claim'],
  ['… and a passkey failed there', passkeyFailed({ ...typed, claim: { ...unowned, accountId: 'b' } }, 'closed', true), {}, 'claim'],
  ['an address that was never proven', byPasskey, unproven, 'confirm'],
  ['… and its code', choose(byPasskey, 'email_otp'), unproven, 'email_otp'],
  ['… and another code', choose(byPasskey, 'totp'), unproven, 'confirm'],
  ['… in a session', fresh(), { ...unproven, sessionAccountId: 'a' }, 'confirm'],
  ['… where more is asked for first', byPasskey, { ...unproven, met: false }, 'step_up'],
  ['the mailbox is proven, nobody has it', proveUnowned(typed, unowned), {}, 'create_account'],
  ['the mailbox is proven, somebody has it', byCode, { met: true }, 'finish'],
  ['sign-up with an address that has an account', prove(signingUp, proof('email_otp')), { met: true }, 'account_exists'],
  ['… and read so', { ...prove(signingUp, proof('email_otp')), acknowledged: true }, { met: true }, 'finish'],
  ['account made, a passkey may be offered', created, { met: true, offerPasskey: true }, 'passkey_create'],
  ['… and was refused', { ...created, offer: { outcome: 'over' } }, { met: true, offerPasskey: true }, 'finish'],
  ['… and is still on the screen', { ...created, offer: { outcome: 'open', neverButton: false } }, { met: true, mayCreate: true, ways: [] }, 'passkey_create'],
  ['… so long that another proof is needed first', offered, { met: true, ways: ['email_otp'] }, 'passkey_create'],
  ['… and the code for it was asked for', choose(offered, 'email_otp'), { met: true, ways: ['email_otp'] }, 'email_otp'],
  ['… and the passkey for it failed', passkeyFailed(offered, 'closed', true), { met: true, ways: ['passkey', 'other_device'] }, 'passkey'],
  ['… and the proof is there', choose(offered, 'email_otp'), { met: true, mayCreate: true, ways: [] }, 'passkey_create'],
  ['… and did not work', { ...created, offer: { outcome: 'failed', reason: 'closed' } }, { met: true }, 'passkey_create'],
  ['… and was made', { ...created, offer: { outcome: 'created', credentialId: 'c' } }, { met: true }, 'passkey_create'],
  ['another account’s passkey', { ...typed, other: proof('passkey', 'b') }, {}, 'wrong_account'],
  ['the proof is not enough', byCode, { ways: ['passkey'] }, 'step_up'],
  ['… and nothing reaches it', byCode, { ways: [] }, 'step_up'],
  ['… and a passkey may be made for it', choose(byCode, 'passkey_create'), { ways: [], mayCreate: true, creationReaches: true }, 'passkey_create'],
  ['… but the proof is too old for that now', choose(byCode, 'passkey_create'), { ways: ['email_otp'], creationReaches: true }, 'passkey_create'],
  ['… and a code for that was asked for', choose(choose(byCode, 'passkey_create'), 'email_otp'), { ways: ['email_otp'], creationReaches: true }, 'email_otp'],
  ['… which would not reach it any more', choose(byCode, 'passkey_create'), { ways: [] }, 'step_up'],
  ['… and was made: it is used next', { ...byCode, offer: { outcome: 'over' } }, { ways: ['passkey'] }, 'step_up'],
  ['a live session is asked for more', fresh(), { sessionAccountId: 'a' }, 'step_up'],
  ['… and has it already', fresh(), { sessionAccountId: 'a', met: true }, 'finish'],
  ['… and another way was asked for', choose(fresh(), 'methods'), { sessionAccountId: 'a' }, 'methods'],
  ['… and the code was chosen', choose(fresh(), 'email_otp'), { sessionAccountId: 'a' }, 'email_otp'],
  ['… and the code cannot reach it', choose(fresh(), 'email_otp'), { sessionAccountId: 'a', ways: ['passkey'] }, 'step_up'],
  ['consent', fresh(), { prompt: 'consent' }, 'consent'],
  ['a code where only a passkey signs in', byCode, { blocked: true, ways: ['passkey', 'other_device'] }, 'blocked'],
  ['… and the passkey failed', passkeyFailed(byCode, 'closed', true), { blocked: true, ways: ['passkey', 'other_device'] }, 'passkey'],
  ['… and the way back was asked for', askRecovery(byCode), { blocked: true, ways: ['passkey'], recovery: 'may_start' }, 'recovery'],
  ['… and it waits', askRecovery(byCode), { blocked: true, ways: ['passkey'], recovery: 'waiting' }, 'recovery'],
  ['… and was left', { ...byCode, recover: 'over' }, { blocked: true, ways: ['passkey'], recovery: 'waiting' }, 'blocked'],
  ['every passkey is lost, nothing proven', choose(askRecovery(typed), 'email_otp'), {}, 'email_otp'],
  ['every passkey is lost, and a code was typed', askRecovery(byCode), { met: true, recovery: 'may_start' }, 'recovery'],
  ['… but there is nothing to recover', askRecovery(byCode), { met: true, recovery: 'none' }, 'finish'],
  ['… and the code is too old for that', choose(askRecovery(byCode), 'email_otp'), { met: true, recovery: 'needs_proof', ways: ['email_otp'] }, 'email_otp'],
  ['a recovery waits, and nobody asked for it', byCode, { met: true, recovery: 'waiting' }, 'finish'],
  ['a recovery has waited long enough', byCode, { met: true, mayCreate: true, recovering: true, recovery: 'ready' }, 'passkey_create'],
  ['… where a code alone does not sign in', byCode, { blocked: true, mayCreate: true, recovering: true, recovery: 'ready' }, 'passkey_create'],
  ['… and the passkey was made', { ...byCode, offer: { outcome: 'created', credentialId: 'c' } }, { blocked: true, ways: ['passkey'] }, 'passkey_create'],
  ['… and is used next', { ...byCode, offer: { outcome: 'over' } }, { blocked: true, ways: ['passkey'] }, 'blocked'],
  ['… and was put off', { ...byCode, offer: { outcome: 'over' } }, { met: true, mayCreate: true, recovering: true, recovery: 'ready' }, 'finish'],
  ['… and a rule asks for more first', byCode, { met: true, mayCreate: false, recovering: true, recovery: 'ready', ways: [] }, 'passkey_create'],
  ['a live session that asks for the way back', askRecovery(fresh()), { sessionAccountId: 'a', recovery: 'may_start' }, 'recovery'],
  ['somebody recovers the account that a passkey signs in to', byPasskey, { met: true, toDecide: 'recovery_notice' }, 'recovery_notice'],
  ['somebody disowned a change', byPasskey, { met: true, toDecide: 'freeze_notice' }, 'freeze_notice'],
  ['… but the sign-in itself is not complete', byPasskey, { toDecide: 'freeze_notice', ways: [] }, 'step_up'],
  ['… and an offer stands behind it', { ...byPasskey, offer: { outcome: 'open', neverButton: false } }, { met: true, toDecide: 'freeze_notice', mayCreate: true }, 'freeze_notice'],
]

for (const [name, state, situation, due] of table) {
  test(`${name} -> ${due}`, (t) => {
    const plan = dispatch(state, { ...base, ...situation })
    t.is(plan.due, due)
    t.is(plan.open[0], due)
    t.is(new Set(plan.open).size, plan.open.length)
  })
}

test('a screen that proves is open only while its way is allowed', (t) => {
  const open = (state: LoginState, situation: Partial<Situation>) => dispatch(state, { ...base, ...situation }).open
  t.false(open(fresh(), {}).includes('email_otp'), 'no address yet')
  t.false(open(typed, { ways: ['email_otp'] }).includes('passkey'))
  t.false(open(byCode, { met: true }).includes('email_otp'))
  t.false(open(byCode, { met: true }).includes('passkey'))
  t.false(open(byCode, { ways: ['passkey'] }).includes('email_otp'))
  t.false(open(byCode, { ways: [] }).includes('passkey_create'))
  t.false(open(proveUnowned(typed, unowned), {}).includes('passkey'))
  t.deepEqual(open(fresh(), { prompt: 'consent' }), ['consent'])
})

test('changing who signs in drops every proof', (t) => {
  for (const next of [typeIdentifier(byCode, { kind: 'email', value: 'eve@example.com' }, 'sign_in'), typeIdentifier(byCode, { kind: 'email', value: email }, 'sign_up'), changeIdentifier(byCode)]) {
    t.deepEqual(next.proofs, [])
    t.is(next.accountId, undefined)
    t.is(next.created, undefined)
  }
  t.is(typeIdentifier(proveUnowned(typed, unowned), { kind: 'email', value: 'eve@example.com' }, 'sign_in').unownedProof, undefined)
  t.deepEqual(typeIdentifier(byCode, { kind: 'email', value: email }, 'sign_in').proofs, byCode.proofs, 'the same address again keeps them')
})

test('proving another account drops the proofs of the first, and that this login made it', (t) => {
  const other = prove(created, proof('passkey', 'b'))
  t.deepEqual(other.proofs.map(({ accountId }) => accountId), ['b'])
  t.is(other.created, undefined)
})

test('the way back is open where other ways are listed, and never where the sign-in is over', (t) => {
  const open = (state: LoginState, situation: Partial<Situation>) => dispatch(state, { ...base, ...situation }).open
  for (const [state, situation] of [[typed, {}], [byCode, { ways: ['passkey'] }], [byCode, { blocked: true }]] as const) t.true(open(state, situation as Partial<Situation>).includes('recovery'))
  t.false(open(fresh(), {}).includes('recovery'), 'nobody is named')
  t.false(open(byCode, { met: true }).includes('recovery'))
  t.deepEqual(open(byPasskey, { met: true, toDecide: 'recovery_notice' }), ['recovery_notice'])
})

test('a demand of the rules is judged anew after each proof; the way back ends with a passkey, or with somebody else', (t) => {
  const demanded: LoginState = { ...byCode, challenge: { acr: 'phr' }, enrolmentChallenge: { acr: 'phr' }, recover: 'asked', decided: ['r'] }
  const again = prove(demanded, proof('email_otp'))
  t.is(again.challenge, undefined)
  t.is(again.enrolmentChallenge, undefined)
  t.is(again.recover, 'asked')
  t.is(prove(demanded, proof('passkey')).recover, undefined)
  const another = prove(demanded, proof('email_otp', 'b'))
  t.like(another, { recover: undefined, decided: undefined })
  t.is(prove(askRecovery(typed), proof('email_otp')).recover, 'asked', 'asked before the first proof')
  t.is(changeIdentifier({ ...demanded, remember: true }).remember, true, 'of the browser, not of the person')
})

test('choosing a way proves nothing', (t) => {
  for (const choice of ['passkey', 'other_device', 'email_otp', 'methods', 'passkey_create'] as const) {
    t.deepEqual(choose(byCode, choice).proofs, byCode.proofs)
    t.is(choose(typed, choice).accountId, undefined)
  }
})
