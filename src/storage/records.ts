/** What is kept: plain data, as JSON keeps it. Times are milliseconds since 1970 by the store's clock. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

export type IdentifierKind = 'email' | 'phone' | 'username'

/** A person. `id` is the `sub`: opaque, never used again. */
export interface Account {
  id: string
  createdAt: number
  /** undefined = may sign in */
  disabledAt?: number
  /** WebAuthn `user.id`: base64url of 32 random bytes, never derived from an identifier (WebAuthn 14.6.1) */
  userHandle: string
  /** what finds it, the primary one of each kind first; without `verifiedAt` it is a reservation that protects nothing; `addedAt`: after the sign-up */
  identifiers: { kind: IdentifierKind; value: string; verifiedAt?: number; addedAt?: number }[]
  credentialIds: string[]
  /** of those, the one that is named on buttons and asked for first */
  defaultPasskeyId?: string
  /** which further factors there are; their secrets are in `factors` */
  factors?: { totp?: { since: number }; recovery_codes?: { since: number; left: number } }
  /** where it was signed up, as long as an identifier of the sign-up is not proven */
  signedUp?: { deviceHash: string; clientId: string }
  locale?: string
  name?: string
  /** nothing phishable signs in (ms: since when) */
  passkeysOnlySince?: number
  /** somebody disowned a change: what opens the account stays as it is until an older passkey or a finished recovery decides */
  frozen?: Freeze
  /** at most one at a time; absent once it was used or cancelled */
  recovery?: Recovery
  /** ms: all that was open was ended then; a sign-in that was under way comes to nothing */
  endedAt?: number
  /** "Sign out everywhere else" (`at`: ms): what was proven until then counts in the session `keeps` alone */
  endedElsewhere?: { at: number; keeps: string }
  /** uids of sessions that were ended by themselves, the newest last: one that is only then being written is none */
  endedSessions?: string[]
  /** ms: somebody disowned a change then; a sign-in without a passkey that was under way comes to nothing */
  lastFrozenAt?: number
}

/** What "this wasn't me" leaves behind. Times are ms. */
export interface Freeze {
  at: number
  /** when the first disowned change to the ways in happened, or the press where there is none: a passkey has to be older to decide */
  since: number
  changeIds: string[]
  /** a passkey is among what was disowned, added or removed: the account has had one */
  passkey?: true
}

/** A way back for somebody who has lost every passkey: it waits, everybody is told, and any older passkey can stop it. Times are ms. */
export interface Recovery {
  id: string
  startedAt: number
  /** from here on the browser that started it may add one passkey */
  readyAt: number
  /** after this nothing is left of it */
  expiresAt: number
  deviceHash: string
  /** "Chrome on Windows" */
  userAgent: string
}

/** Finds an account. `id` is `<kind>:<normalised value>`. */
export interface Identifier {
  id: string
  kind: IdentifierKind
  value: string
  accountId: string
  /** `pending`: written before the account that lists it; counts as taken while fresh, as active once the account lists it */
  state: 'pending' | 'active' | 'released'
  createdAt: number
  /** ms: when it was given up; nobody else can have it for a while */
  releasedAt?: number
}

/** A WebAuthn credential record (WebAuthn 4). `id` is the credential id, base64url. */
export interface Passkey {
  id: string
  accountId: string
  /** COSE key, base64url */
  publicKey: string
  counter: number
  transports: string[]
  aaguid: string
  backupEligible: boolean
  backupState: boolean
  attachment?: 'platform' | 'cross-platform'
  rpId: string
  /** the acr under which it was enrolled */
  enrolledAcr: string
  enrolledUserAgent: string
  createdAt: number
  lastUsedAt?: number
  /** "Chrome on Windows", and where, as far as a proxy says it (`country`: ISO 3166) */
  lastUsedIn?: { userAgent: string; place?: { country?: string; city?: string } }
  name?: string
  /** made in the interaction that made the account: as old as the account itself */
  signUp?: true
  /** present while the guard's cooling holds: until then it cannot remove or weaken what is older */
  coolingUntil?: number
  /** present after "this wasn't me": it signs nobody in */
  frozenAt?: number
  /** present once removed: kept for a while so that the removal can be undone, but it signs nobody in */
  removedAt?: number
}

/** A further factor, at most one of each kind: `id` is `<kind>:<account id>`. */
export interface Factor {
  id: string
  accountId: string
  kind: 'totp' | 'recovery_codes'
  createdAt: number
  /** `totp`: the key, encrypted */
  sealed?: string
  /** `totp`: the newest time step that was used; it and older ones are spent (RFC 6238 5.2) */
  usedStep?: number
  /** `recovery_codes`: HMACs of the codes that are left */
  macs?: string[]
}

/** What happened to what opens an account. */
export type ChangeKind =
  | 'passkey_added'
  | 'passkey_removed'
  | 'identifier_added'
  | 'identifier_removed'
  | 'method_added'
  | 'method_removed'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  | 'recovery_started'
  | 'passkeys_only_on'
  | 'passkeys_only_off'
  | 'new_device'

/** One change, kept for as long as it can be frozen or undone. Times are ms. */
export interface Change {
  id: string
  accountId: string
  at: number
  /** of a sign-in, when it was: what was added in it came of it, although it was recorded before its end */
  began?: number
  kind: ChangeKind
  /** what it was about: a credential id, the id of an identifier, factor, recovery or device record */
  subject?: string
  /** where it was done from */
  deviceHash: string
  userAgent: string
  /** until when it can be frozen or undone */
  until: number
  /** an identifier or method that was removed, as it was (a passkey keeps its own record) */
  removed?: { [key: string]: Json | undefined }
  /** "this wasn't me" */
  frozenAt?: number
  /** decided for good: undone, or confirmed */
  settled?: { at: number; how: 'undone' | 'confirmed' }
}

/** A browser's finished sign-ins to one account. `id` is `<device hash>:<account id>`. */
export interface Device {
  id: string
  deviceHash: string
  accountId: string
  firstSeenAt: number
  lastSeenAt: number
  /** passkeys used or made in this browser, newest first */
  credentialIds: string[]
  /** those of them that were on a phone or a security key the last time */
  elsewhereIds?: string[]
  /** ms; a passkey was used in this browser: what failed here before that is forgiven */
  lastPasskeyAt?: number
  /** "Chrome on Windows" */
  userAgent: string
  /** "Chrome", and "Windows": a cookie that turns up in another kind of browser was copied */
  browser?: string
  platform?: string
  /** hashes of the networks it was seen in, newest first */
  networks?: string[]
  /** ISO 3166 code of the newest network, where a proxy says it */
  country?: string
  disownedAt?: number
}

export interface AuditEntry {
  id: string
  at: number
  accountId?: string
  /** e.g. `sign_in`, `passkey.created` */
  type: string
  clientId?: string
  deviceHash?: string
  userAgent?: string
  /** never a secret, a code or a full identifier */
  detail?: { [key: string]: Json | undefined }
  /** ms: when the store may remove it; without, it stays */
  expiresAt?: number
}

/** A decision of the rules engine with the inputs it used. */
export interface RuleDecision {
  id: string
  at: number
  accountId?: string
  event: string
  inputs: { [key: string]: Json | undefined }
  outcome: Json
}

/** What became of an offer to create a passkey, or that one would have been in place (`eligible`). */
export interface PromptEntry {
  id: string
  at: number
  accountId?: string
  clientId?: string
  deviceHash?: string
  outcome: 'eligible' | 'shown' | 'started' | 'created' | 'not_now' | 'never' | 'failed'
  /** what it came after: a method, `sign_up`, `cross_device` */
  occasion?: string
}

/** What became of one passkey dialog. What the browser says of it is hearsay, and nothing is decided by it. */
export interface CeremonyEntry {
  id: string
  at: number
  /** ms: when the store may remove it */
  expiresAt: number
  /** the same in all entries of one dialog; absent where the browser gave it no name */
  ceremonyId?: string
  accountId?: string
  clientId?: string
  deviceHash?: string
  ceremony: 'get' | 'create'
  /** `automatic`: the dialog opened by itself */
  mediation: 'modal' | 'conditional' | 'immediate' | 'automatic'
  /** `started`, `ok`, `abandoned` (started and never answered), or why there was no passkey */
  outcome: string
  place?: 'here' | 'elsewhere'
  /** the family: Chrome, Safari, … or `other` */
  browser: string
  /** Windows, iPhone, … or `other` */
  platform: string
  /** who keeps the passkey, where that is known */
  provider?: string
  /** ms from the opening of the dialog to its end, by the browser's clock */
  elapsed?: number
  /** what the browser says it can do */
  capabilities?: string[]
}

/** What a message travels by. */
export type Channel = 'mail' | 'sms'

/** One mail or text message. `sealed` holds address and bodies, and is erased on delivery or expiry. */
export interface OutboxMail {
  id: string
  /** absent: a mail */
  channel?: Channel
  at: number
  accountId?: string
  sealed?: string
  /** `kept`: nothing carried it when it was put in, so that it is only shown, and never sent */
  state: 'waiting' | 'sending' | 'kept' | 'delivered' | 'failed' | 'expired'
  attempts: number
  /** not to be tried before; also the end of a sender's claim */
  nextAttemptAt: number
  expiresAt: number
}
