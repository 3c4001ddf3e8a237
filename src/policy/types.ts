/** The words that policy, login and engine share. No I/O, no state. */

import type { IdentifierKind } from '../storage/types.ts'
import type { Place } from './cross-device.ts'

/** What finds an account, in the order in which it is asked for and named. */
export const identifierKinds = ['email', 'phone', 'username'] as const satisfies IdentifierKind[]

/** Ways to prove control (verification methods) that are no passkey, in the order in which they are offered by default. */
export const otherMethods = ['email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code'] as const
export type OtherMethod = (typeof otherMethods)[number]

/** Every method, best first: what config can name. */
export const availableMethods = ['passkey', ...otherMethods] as const
export type Method = (typeof availableMethods)[number]

/** A way of proving, or the sign-up itself where nothing had to be proven: that reaches no level. */
export type ProofMethod = Method | 'sign_up'

/** One recorded success of one method. Assurance comes from these alone. */
/* a type, not an interface: it is stored as JSON */
export type Proof = {
  method: ProofMethod
  /** ms since 1970, by the store's clock */
  at: number
  accountId: string
  credentialId?: string
  /** of a passkey: where it was, as far as its answer says */
  place?: Place
  /** `email:a@b.c`: what the code was sent to */
  identifier?: string
  deviceHash?: string
  /** the account had a passkey that policy allows on this device at that moment */
  usablePasskey: boolean
  /** it had one that policy at that app did not allow: where it does, that one counts */
  passkeyElsewhere?: true
  /** the interaction that created the account made this proof: a creation there counts as a passkey proof */
  signUp?: boolean
}

/** Nobody was shown to be who they say (OpenID Connect Core 2, `acr`): a sign-up in which nothing was proven yet. */
export const unprovenAcr = '0'

/** The ladder, weakest first. */
export const ladder = ['urn:latchkey:acr:recovery', 'urn:latchkey:acr:1fa', 'urn:latchkey:acr:mfa', 'phr', 'phrh'] as const
export type Acr = (typeof ladder)[number]

/** How high a level is; -1 for what is none. */
export const rankOf = (level: string): number => ladder.indexOf(level as Acr)

/** The rungs that something can reach: no attestation is verified yet, so that no passkey is known to be hardware. */
export const attainable = ladder.filter((acr) => acr !== 'phrh')

/** What a phishable method shows control of. Two addresses are one kind. */
export type Kind = 'mailbox' | 'phone' | 'app'

/** The methods that a false page can talk out of a person, by kind. Passkeys and recovery codes are of no kind. */
const phishableKinds = {
  email_otp: 'mailbox',
  email_link: 'mailbox',
  sms_otp: 'phone',
  totp: 'app',
} as const satisfies Partial<Record<Method, Kind>>

/** The kind of a phishable method, undefined for a passkey and a recovery code */
export function kindOf(method: ProofMethod): Kind | undefined {
  return Object.hasOwn(phishableKinds, method) ? phishableKinds[method as keyof typeof phishableKinds] : undefined
}
