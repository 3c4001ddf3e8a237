/** The changes that a login's state can go through, one by one. */
import test from 'ava'
import { changeIdentifier, choose, fresh, passkeyFailed, prove, typeIdentifier, type LoginState } from '../../src/login/state.ts'
import type { Proof } from '../../src/policy/types.ts'

const by = (accountId: string, method: Proof['method'] = 'email_otp', at = 1): Proof => ({ accountId, method, at, usablePasskey: false })
const maya: LoginState = { ...fresh(), identifier: { kind: 'email', value: 'maya@example.com' }, accountId: 'maya', proofs: [by('maya')], created: true, capabilities: { script: true, webauthn: true, platform: true } }

test('proofs of one account add up; one of another account drops those before, and that the account was made here', (t) => {
  const both = prove(maya, by('maya', 'passkey', 2))
  t.deepEqual(both.proofs, [by('maya'), by('maya', 'passkey', 2)])
  t.true(both.created)

  const other = prove(maya, by('sam', 'passkey', 2))
  t.deepEqual(other.proofs, [by('sam', 'passkey', 2)])
  t.is(other.accountId, 'sam')
  t.is(other.created, undefined)
})

test('another address, or the way back to the first screen, keeps what is known of the browser and nothing that was proven', (t) => {
  for (const next of [typeIdentifier(maya, { kind: 'email', value: 'sam@example.com' }, 'sign_in'), changeIdentifier(maya)]) {
    t.deepEqual(next.proofs, [])
    t.is(next.accountId, undefined)
    t.is(next.created, undefined)
    t.deepEqual(next.capabilities, maya.capabilities)
  }
  t.deepEqual(typeIdentifier(maya, { kind: 'email', value: 'maya@example.com' }, 'sign_in').proofs, maya.proofs, 'the same address again')
})

test('choosing a way proves nothing and drops nothing that was proven', (t) => {
  for (const choice of ['passkey', 'other_device', 'email_otp', 'methods', 'passkey_create'] as const) {
    const { proofs, accountId } = choose(maya, choice)
    t.deepEqual([proofs, accountId], [maya.proofs, 'maya'])
    t.is(choose(fresh(), choice).accountId, undefined)
  }
})

test('a dialog that ended without a passkey counts, and a passkey makes that good', (t) => {
  const failed = passkeyFailed(passkeyFailed(fresh(), 'closed', false), 'timeout', false)
  t.is(failed.failures, 2)
  t.is(prove(failed, by('maya')).failures, 2, 'a code does not')
  t.is(prove(failed, by('maya', 'passkey')).failures, 0)
})
