import test from 'ava'
import { downgradeAction } from '../../src/policy/downgrade.ts'
import type { Method } from '../../src/policy/types.ts'
import { proof } from './proofs.ts'

const phishable: Method[] = ['email_otp', 'email_link', 'sms_otp', 'totp']

test('a phishable sign-in with a passkey at hand is told, where the operator wants it told', (t) => {
  for (const method of phishable) {
    t.is(downgradeAction(proof(method, 0, { usablePasskey: true }), 'notify'), 'finish_and_notify', method)
    t.is(downgradeAction(proof(method, 0, { usablePasskey: true }), 'allow'), 'finish', method)
    t.is(downgradeAction(proof(method), 'notify'), 'finish', method)
  }
})

test('a passkey and a recovery code are no downgrade', (t) => {
  for (const method of ['passkey', 'recovery_code'] as const) {
    t.is(downgradeAction(proof(method, 0, { usablePasskey: true }), 'notify'), 'finish', method)
  }
})
