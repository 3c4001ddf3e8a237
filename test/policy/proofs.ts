import type { Proof, ProofMethod } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'

/** noon of some day, ms */
export const noon = Date.UTC(2026, 0, 15, 12)
export const minute = 60_000

/** A proof of the account, `minutes` before noon; a passkey's by the one called `one`. */
export function proof(method: ProofMethod, minutes = 0, more: Partial<Proof> = {}): Proof {
  const by = method === 'passkey' ? { credentialId: 'one' } : {}
  return { method, at: noon - minutes * minute, accountId: 'ada', usablePasskey: false, ...by, ...more }
}

const methods: ProofMethod[] = ['sign_up', 'passkey', 'email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code']

export const anyProof = fc
  .record({ method: fc.constantFrom(...methods), minutes: fc.integer({ min: 0, max: 120 }), usablePasskey: fc.boolean() })
  .map(({ method, minutes, usablePasskey }) => proof(method, minutes, { usablePasskey }))

export const anyProofs = fc.array(anyProof, { maxLength: 6 })
