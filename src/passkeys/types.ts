import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import type { ManagePasskeys } from './manage.ts'
import type { CrossDeviceVerdict, Place } from '../policy/cross-device.ts'
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
  /** of the passkey, where its holder has signed with it and may know */
  aaguid?: string
  /** of a passkey that no account has, made for nothing or gone for good: the browser may drop it */
  unknown?: string
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
  | 'removed'

export type RegistrationFailure =
  | 'malformed'
  | ChallengeFailure
  | 'already_registered'
  | 'wrong_origin'
  | 'wrong_rp_id'
  | 'user_verification_missing'
  | 'bad_attestation'
  | 'not_allowed'
  /** the cross-device policy wants one of this device, or one of a phone or security key */
  | 'not_elsewhere'
  | 'not_here'

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
  /** of this account, frozen ones too: none is made twice on one authenticator. Removed ones do not stand in the way. */
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
  /** made in the interaction that made the account */
  signUp?: boolean
  /** Asked once everything is verified, before anything is spent or stored: whether it is kept in a place that is wanted. */
  judge?: (made: Passkey) => CrossDeviceVerdict
  /**
   * Asked once everything is verified, right before the passkey is stored: spends the one-time right to it (a recovery,
   * an enrolment link), so that an answer that fails costs nobody their right. `false` ends in `not_allowed`.
   */
  spend?: () => Promise<boolean>
  /**
   * Called after that, before the passkey is stored: records the change and tells of it, so that a process that dies in
   * between leaves a mail about a passkey that never came, and never a passkey that nobody was told of.
   */
  announce?: (passkey: Passkey) => Promise<void>
}

export type AuthenticationResult =
  | { ok: true; passkey: Passkey; account: Account; /** as this answer says: a synced passkey may be anywhere */ attachment?: Passkey['attachment']; /** a risk event, never a refusal by itself */ counterRegressed: boolean }
  | Failure<AuthenticationFailure>

export type RegistrationResult = { ok: true; passkey: Passkey; /** where it is kept, and what there is to note about that */ place?: Place; note?: string } | Failure<RegistrationFailure>

export interface Passkeys extends ManagePasskeys {
  /** cheap: writes nothing */
  authenticationOptions(input: AuthenticationOptionsInput): PublicKeyCredentialRequestOptionsJSON
  /** `response`: the browser's `PublicKeyCredential` as JSON, parsed or not */
  authenticate(input: { subject: string; response: unknown; usedIn?: Passkey['lastUsedIn'] }): Promise<AuthenticationResult>
  registrationOptions(input: RegistrationOptionsInput): PublicKeyCredentialCreationOptionsJSON
  register(input: RegistrationInput): Promise<RegistrationResult>
  /** oldest first; `usable`, the default: those that sign in. `all`: frozen and removed ones too. */
  listFor(account: Account, which?: 'usable' | 'all'): Promise<Passkey[]>
  /** what the browser's keeper may know of the account's passkeys, once something is proven; `label`: what the account is called */
  signalFor(account: Account, label: string): Promise<AccountSignal>
}

/** WebAuthn Level 3, section 5.1.10 */
export interface AccountSignal {
  rpId: string
  userId: string
  /** every one that may sign in by now or can come back: whatever else the keeper has of theirs, it hides or deletes */
  accepted: string[]
  user: { name: string; displayName: string }
}
