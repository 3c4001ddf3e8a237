/** What a sign-up has, and what of it is proven: pure, step by step. */
import test from 'ava'
import { changeSignUp, nextToProve, proveAll, proveInSignUp, taken, typeSignUp, wantsPasskey } from '../../src/login/sign-up-state.ts'
import { fresh, type LoginState } from '../../src/login/state.ts'
import type { Strategies } from '../../src/policy/strategy.ts'

const email = 'maya@example.com'
const phone = '+447911123456'
const atSignUp: Strategies = { email: 'at_sign_up', phone: 'at_sign_up' }
const never: Strategies = { email: 'none', phone: 'none' }
const typed = (values = { email, phone, username: 'maya' }): LoginState => typeSignUp(fresh(), values)
const proof = { at: 1, method: 'email_otp' } as const

test('one after the other is proven, then nothing is left to prove', (t) => {
  let state = typed()
  t.deepEqual(nextToProve(state, atSignUp), { kind: 'email', value: email })
  state = proveInSignUp(state, { kind: 'email', value: email }, proof)
  t.deepEqual(nextToProve(state, atSignUp), { kind: 'phone', value: phone })
  state = proveInSignUp(state, { kind: 'phone', value: phone }, { at: 2, method: 'sms_otp' })
  t.is(nextToProve(state, atSignUp), undefined)
  t.is(proveInSignUp(state, { kind: 'username', value: 'maya' }, proof), state, 'a name is never proven')
})

test('what was proven stays so as long as it is the same', (t) => {
  const proven = proveInSignUp(typed(), { kind: 'email', value: email }, proof)
  t.deepEqual(nextToProve(typeSignUp(proven, { email, phone: '+447911000000' }), atSignUp)?.kind, 'phone')
  t.deepEqual(nextToProve(typeSignUp(proven, { email: 'other@example.com', phone }), atSignUp), { kind: 'email', value: 'other@example.com' })
})

test('back to the form: what was typed is there, but for what shall be another', (t) => {
  t.deepEqual(changeSignUp(typed()).signUp, { values: { email, phone, username: 'maya' }, proven: {}, form: 'again' })
  t.deepEqual(changeSignUp(typed(), 'email').signUp?.values, { phone, username: 'maya' })
  t.is(taken({ ...typed(), identifier: { kind: 'email', value: email } }, 'username').signUp?.form, 'username')
  t.is(taken({ ...typed(), identifier: { kind: 'email', value: email } }, 'username').identifier, undefined)
})

test('an account is made with its passkey where nothing is ever proven, until a code is wanted instead', (t) => {
  t.true(wantsPasskey(typed(), never))
  t.false(wantsPasskey(typed(), atSignUp))
  t.false(wantsPasskey(fresh('sign_up'), never))
  const byCode = proveAll({ ...typed(), draft: { accountId: 'a', userHandle: 'h' }, offer: { outcome: 'failed', reason: 'closed' } })
  t.false(wantsPasskey(byCode, never))
  t.deepEqual([byCode.draft, byCode.offer], [undefined, undefined])
  t.deepEqual(nextToProve(byCode, never), { kind: 'email', value: email })
})
