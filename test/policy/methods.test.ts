import test from 'ava'
import { leadingOn, methodsFor, methodsOf, offered, type MethodFacts, type MethodPurpose } from '../../src/policy/strategy.ts'
import { otherMethods, type Method } from '../../src/policy/types.ts'

const server = otherMethods
const email = ['email'] as const
const both = ['email', 'phone'] as const
const bare = { credentialIds: [] }
const full = { credentialIds: ['a'], factors: { totp: { since: 1 }, recovery_codes: { since: 1, left: 3 } } }

const table: [name: string, purpose: MethodPurpose, facts: MethodFacts, expected: Method[]][] = [
  ['anybody, with addresses and numbers', 'sign_in', { server, reachable: both }, ['passkey', 'email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code']],
  ['anybody, with addresses alone', 'sign_in', { server, reachable: email }, ['passkey', 'email_otp', 'email_link', 'totp', 'recovery_code']],
  ['anybody, with usernames alone', 'sign_in', { server, reachable: ['username'] }, ['passkey', 'totp', 'recovery_code']],
  ['the operator says in which order', 'sign_in', { server: ['totp', 'sms_otp', 'email_otp'], reachable: both }, ['passkey', 'totp', 'sms_otp', 'email_otp']],
  ['an app that takes less', 'sign_in', { server, reachable: both, client: ['sms_otp', 'passkey'] }, ['passkey', 'sms_otp']],
  ['an app that takes no passkeys', 'sign_in', { server, reachable: email, client: ['email_link'] }, ['email_link']],
  ['an app that takes what the server has not', 'sign_in', { server: ['email_otp'], reachable: both, client: ['totp'] }, []],
  ['an account with everything', 'step_up', { server, reachable: both, account: full }, ['passkey', 'email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code']],
  ['an account with an address alone', 'step_up', { server, reachable: email, account: bare }, ['email_otp', 'email_link']],
  ['an account with nothing', 'sign_in', { server, reachable: [], account: bare }, []],
  ['no recovery code is left', 'sign_in', { server, reachable: [], account: { ...bare, factors: { recovery_codes: { since: 1, left: 0 } } } }, []],
  ['passkeys only', 'sign_in', { server, reachable: both, account: { ...full, passkeysOnlySince: 1 } }, ['passkey', 'recovery_code']],
  ['passkeys only, at an app that takes no passkeys', 'sign_in', { server, reachable: both, client: ['totp'], account: { ...full, passkeysOnlySince: 1 } }, []],
  ['the proof of an address', 'sign_up_proof', { server, reachable: email }, ['email_otp', 'email_link']],
  ['… of a number', 'sign_up_proof', { server, reachable: ['phone'] }, ['sms_otp']],
  ['… for an app that takes passkeys alone', 'sign_up_proof', { server, reachable: email, client: ['passkey'] }, ['email_otp', 'email_link']],
  ['the way back in, for an app that takes passkeys alone', 'recovery', { server, reachable: email, client: ['passkey'], account: full }, ['email_otp', 'email_link', 'totp', 'recovery_code']],
  ['the way back into passkeys only', 'recovery', { server, reachable: email, account: { ...full, passkeysOnlySince: 1 } }, ['recovery_code']],
]

for (const [name, purpose, facts, expected] of table) {
  test(`methods for ${purpose}: ${name}`, (t) => t.deepEqual(methodsFor(purpose, facts), expected))
}

test('what an account can prove with is what it has proven, and what it has', (t) => {
  const named = (verifiedAt?: number) => ({ kind: 'email' as const, value: 'maya@example.com', ...(verifiedAt !== undefined && { verifiedAt }) })
  const number = { kind: 'phone' as const, value: '+447911123456', verifiedAt: 1 }
  t.deepEqual(methodsOf({ ...bare, identifiers: [named(1), number] }, server), ['email_otp', 'email_link', 'sms_otp'])
  t.deepEqual(methodsOf({ ...bare, identifiers: [named(), { kind: 'username', value: 'maya' }] }, server), [])
  t.deepEqual(methodsOf({ ...full, identifiers: [named()] }, server), ['passkey', 'totp', 'recovery_code'])
  t.deepEqual(methodsOf({ ...full, identifiers: [named(1)], passkeysOnlySince: 1 }, server), ['passkey', 'recovery_code'])
})

test('a link is offered by itself only where no code comes with it', (t) => {
  t.deepEqual(offered<Method>(['passkey', 'email_link', 'email_otp', 'totp']), ['passkey', 'email_otp', 'totp'])
  t.deepEqual(offered<Method>(['passkey', 'email_link']), ['passkey', 'email_link'])
})

test('what leads on is what is missing, alone or together, and nothing idle', (t) => {
  const all: Method[] = ['passkey', 'email_otp', 'sms_otp', 'totp', 'recovery_code']
  t.deepEqual(leadingOn(all, (proven) => proven.length > 0), all, 'any will do')
  t.deepEqual(leadingOn(all, (proven) => proven.includes('passkey')), ['passkey'])
  const twoKinds = (proven: Method[]) => proven.includes('passkey') || new Set(proven.filter((method) => method !== 'recovery_code')).size > 1
  t.deepEqual(leadingOn(all, twoKinds), ['passkey', 'email_otp', 'sms_otp', 'totp'])
  t.deepEqual(leadingOn(['recovery_code', 'email_otp'], twoKinds), [], 'one kind is never enough')
  t.deepEqual(leadingOn(all, (proven) => ['email_otp', 'sms_otp', 'totp'].every((method) => (proven as string[]).includes(method))), ['email_otp', 'sms_otp', 'totp'])
  t.deepEqual(leadingOn(all, () => true), [], 'nothing is missing')
})
