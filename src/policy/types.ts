/** The words that policy, login and engine share. No I/O, no state. */

/** Ways to prove control (DESIGN: verification methods). */
export type Method = 'passkey' | 'email_otp' | 'email_link' | 'sms_otp' | 'totp' | 'recovery_code'

/** One recorded success of one method. Assurance comes from these alone. */
export interface Proof {
  method: Method
  /** ms since 1970, by the store's clock */
  at: number
  accountId: string
  credentialId?: string
  /** `email:a@b.c`: what the code was sent to */
  identifier?: string
  deviceHash?: string
  /** the account had a passkey that policy allows on this device at that moment */
  usablePasskey: boolean
  /** the interaction that created the account made this proof: a creation there counts as a passkey proof */
  signUp?: boolean
}

/** The ladder, weakest first. */
export const ladder = ['urn:latchkey:acr:recovery', 'urn:latchkey:acr:1fa', 'urn:latchkey:acr:mfa', 'phr', 'phrh'] as const
export type Acr = (typeof ladder)[number]
