import test from 'ava'
import { proofStands } from '../../src/accounts/may-authenticate.ts'
import type { Proof } from '../../src/policy/types.ts'
import type { Account } from '../../src/storage/types.ts'

const account: Account = {
  id: 'ada', createdAt: 1, userHandle: '', identifiers: [{ kind: 'email', value: 'ada@example.com', verifiedAt: 1 }], credentialIds: ['key'],
  factors: { totp: { since: 100 }, recovery_codes: { since: 100, left: 3 } },
}
const proof = (more: Partial<Proof>): Proof => ({ method: 'totp', at: 200, accountId: 'ada', usablePasskey: false, ...more })

test('what belongs to the account now stands', (t) => {
  for (const more of [
    { method: 'passkey', credentialId: 'key' }, { method: 'email_otp', identifier: 'email:ada@example.com' }, { method: 'totp' }, { method: 'recovery_code' },
  ] as const) t.true(proofStands(account, proof(more)), more.method)
})

test('what was taken away does not', (t) => {
  const { factors: _, ...bare } = { ...account, identifiers: [], credentialIds: [] }
  for (const more of [
    { method: 'passkey', credentialId: 'key' }, { method: 'email_otp', identifier: 'email:ada@example.com' }, { method: 'totp' }, { method: 'recovery_code' },
  ] as const) t.false(proofStands(bare, proof(more)), more.method)
})

test('a code of an app that was there before this one proves nothing; a code before newer ones were made does', (t) => {
  t.false(proofStands(account, proof({ at: 99 })))
  t.true(proofStands(account, proof({ at: 100 })))
  t.true(proofStands(account, proof({ method: 'recovery_code', at: 99 })))
  t.true(proofStands({ ...account, factors: { recovery_codes: { since: 100, left: 0 } } }, proof({ method: 'recovery_code' })), 'the last one that was left')
})

test('with passkeys only, nothing phishable stands', (t) => {
  const strict = { ...account, passkeysOnlySince: 1 }
  t.false(proofStands(strict, proof({})))
  t.false(proofStands(strict, proof({ method: 'email_otp', identifier: 'email:ada@example.com' })))
  t.true(proofStands(strict, proof({ method: 'recovery_code' })))
  t.true(proofStands(strict, proof({ method: 'passkey', credentialId: 'key' })))
})
