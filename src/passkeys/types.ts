import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import type { Account, Passkey, Storage } from '../storage/types.ts'

export type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON }

export interface PasskeySettings {
  rpId: string
  rpName: string
  /** where our pages are served */
  origins: string[]
}

export interface PasskeyDeps {
  storage: Pick<Storage, 'passkeys' | 'accounts' | 'ephemeral' | 'clock'>
  keyring: { hmac(purpose: string, ...parts: string[]): string }
  config: PasskeySettings
}

/** What went wrong, in the order in which it is looked for. `detail` is for the log. */
export interface Failure<Reason extends string> {
  ok: false
  reason: Reason
  detail?: string
}

export type ChallengeFailure = 'challenge_expired' | 'challenge_spent' | 'challenge_foreign'

export type AuthenticationFailure =
  | 'malformed'
  | ChallengeFailure
  | 'unknown_credential'
  | 'wrong_origin'
  | 'wrong_rp_id'
  | 'user_verification_missing'
  | 'bad_signature'
  | 'frozen'

export type RegistrationFailure =
  | 'malformed'
  | ChallengeFailure
  | 'already_registered'
  | 'wrong_origin'
  | 'wrong_rp_id'
  | 'user_verification_missing'
  | 'bad_attestation'

export interface AuthenticationOptionsInput {
  /** what the challenge is bound to, e.g. the interaction's cid */
  subject: string
  /** ms */
  life: number
  /** undefined = discoverable: whatever passkey is here */
  allow?: Pick<Passkey, 'id' | 'transports'>[]
  hints?: string[]
}

export interface RegistrationOptionsInput {
  subject: string
  /** ms */
  life: number
  account: Account
  /** what the browser shows, the email */
  label: string
  /** of this account: none is made twice on one authenticator */
  existing: Passkey[]
  attachment?: 'platform' | 'cross-platform'
  hints?: string[]
}

export interface RegistrationInput {
  subject: string
  /** the browser's `PublicKeyCredential` as JSON, parsed or not */
  response: unknown
  account: Account
  enrolledAcr: string
  /** in words: "Chrome on Windows" */
  userAgent: string
  /** ms since 1970, when the guard says so */
  coolingUntil?: number
}

export type AuthenticationResult =
  | { ok: true; passkey: Passkey; account: Account; /** a risk event, never a refusal by itself */ counterRegressed: boolean }
  | Failure<AuthenticationFailure>

export type RegistrationResult = { ok: true; passkey: Passkey } | Failure<RegistrationFailure>

export interface Passkeys {
  /** cheap: writes nothing */
  authenticationOptions(input: AuthenticationOptionsInput): PublicKeyCredentialRequestOptionsJSON
  /** `response`: the browser's `PublicKeyCredential` as JSON, parsed or not */
  authenticate(input: { subject: string; response: unknown }): Promise<AuthenticationResult>
  registrationOptions(input: RegistrationOptionsInput): PublicKeyCredentialCreationOptionsJSON
  register(input: RegistrationInput): Promise<RegistrationResult>
  /** all of the account, frozen ones too, oldest first */
  listFor(account: Account): Promise<Passkey[]>
}
