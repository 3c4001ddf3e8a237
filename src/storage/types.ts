/**
 * What every backend must offer. Small interfaces, no transaction across two of them: each caller writes in an order in
 * which a crash between two writes can be repaired on next touch. Absent is `undefined`. Times are milliseconds since
 * 1970 by the store's clock (`Storage.clock`). A natural key that is taken gives `AppError('already_exists')`; a store
 * that cannot be reached gives `AppError('store_unavailable')`.
 */

/** Process time plus the measured offset to the store, so that every process agrees on what has expired. */
export interface Clock {
  /** milliseconds since 1970 */
  now(): number
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }

/** How an artifact can be found besides by its key. All are opaque to the store. */
export interface ArtifactIndex {
  grantId?: string
  uid?: string
  userCode?: string
  /** of sessions and grants only: what an account has open */
  accountId?: string
}

/** An artifact with where it is stored. */
export interface StoredArtifact {
  key: string
  payload: Json
}

/**
 * The engine's codes, tokens, sessions, grants and interactions. Keys arrive hashed (`oidc/adapter.ts`): a store never
 * sees a value that opens anything.
 */
export interface Artifacts {
  /** insert or replace, but nothing that was consumed is replaced while it lasts; `expiresAt` undefined = no expiry */
  upsert(model: string, key: string, payload: Json, index: ArtifactIndex, expiresAt: number | undefined): Promise<void>
  /** undefined when absent or expired */
  find(model: string, key: string): Promise<Json | undefined>
  /** the key and payload of the one artifact with that uid */
  findByUid(model: string, uid: string): Promise<{ key: string; payload: Json } | undefined>
  findByUserCode(model: string, userCode: string): Promise<{ key: string; payload: Json } | undefined>
  /**
   * One compare-and-set: when `consumed` (ms) of the payload is `from`, absent by default, it becomes now, but later than
   * `from`, and `patch` is merged in; false when the artifact is absent, expired or lost.
   */
  consume(model: string, key: string, change?: { from?: number; patch?: Record<string, Json> }): Promise<boolean>
  /** merges `patch` into the payload; nothing happens when absent */
  patch(model: string, key: string, patch: Record<string, Json>): Promise<void>
  /** one compare-and-delete: deletes it when it is there and not consumed; false otherwise */
  destroyUnconsumed(model: string, key: string): Promise<boolean>
  destroy(model: string, key: string): Promise<void>
  /** every artifact of every model whose index names the grant */
  revokeByGrantId(grantId: string): Promise<void>
  /** the live artifacts of one model whose index names the account, oldest first */
  listByAccount(model: string, accountId: string): Promise<StoredArtifact[]>
}

/** Challenges, codes, login state, budgets: small values that expire. */
export interface Ephemeral {
  get<T extends Json>(key: string): Promise<T | undefined>
  set<T extends Json>(key: string, value: T, expiresAt: number): Promise<void>
  /** insert-if-absent: true for exactly one caller until it expires. The single-use mark of stateless values. */
  claim(key: string, expiresAt: number): Promise<boolean>
  /** reads and deletes in one atomic operation: exactly one caller gets the value */
  take<T extends Json>(key: string): Promise<T | undefined>
  /**
   * Atomic read-modify-write. `fn` is synchronous and pure (it may run more than once). `next: undefined` deletes,
   * `next: 'keep'` leaves the record untouched. Resolves to `result`.
   */
  update<T extends Json, R>(
    key: string,
    fn: (current: T | undefined) => { next: { value: T; expiresAt: number } | 'keep' | undefined; result: R },
  ): Promise<R>
  delete(key: string): Promise<void>
}

/** Lasting documents under a natural key. `update` is atomic with a synchronous pure `fn`. */
export interface Documents<T extends { id: string }> {
  get(id: string): Promise<T | undefined>
  /** `AppError('already_exists')` when the id is taken */
  insert(document: T): Promise<void>
  /** `fn` returns the new document, or undefined to leave it; resolves to the stored document, undefined when absent */
  update(id: string, fn: (current: T) => T | undefined): Promise<T | undefined>
  delete(id: string): Promise<void>
}

/** A document that belongs to an account and is listed by it. */
export interface AccountDocuments<T extends { id: string; accountId: string }> extends Documents<T> {
  listByAccount(accountId: string): Promise<T[]>
}

export type IdentifierKind = 'email' | 'phone' | 'username'

/** A person. `id` is the `sub`: opaque, never used again. */
export interface Account {
  id: string
  createdAt: number
  /** undefined = may sign in */
  disabledAt?: number
  /** WebAuthn `user.id`: base64url of 32 random bytes, never derived from an identifier (WebAuthn 14.6.1) */
  userHandle: string
  /** what finds it, the primary one of each kind first */
  identifiers: { kind: IdentifierKind; value: string; verifiedAt?: number }[]
  credentialIds: string[]
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
  /** ms: somebody disowned a change then; a sign-in without a passkey that was under way comes to nothing */
  lastFrozenAt?: number
}

/** What "this wasn't me" leaves behind. Times are ms. */
export interface Freeze {
  at: number
  /** when the first of the disowned changes happened: a passkey has to be older to decide */
  since: number
  changeIds: string[]
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

/** Further factors (TOTP keys, recovery codes). `data` is sealed. */
export interface Factor {
  id: string
  accountId: string
  kind: 'totp' | 'recovery_codes'
  sealed: string
  createdAt: number
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

export interface Devices extends AccountDocuments<Device> {
  listByDevice(deviceHash: string): Promise<Device[]>
}

/** Append-only records, queried by account and time. */
export interface Log<T extends { id: string; at: number; accountId?: string }> {
  append(entry: T): Promise<void>
  /** newest first, `after` <= at < `before` (ms) */
  query(where: { accountId?: string; after?: number; before?: number; limit: number }): Promise<T[]>
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

/** What became of an offer to create a passkey. */
export interface PromptEntry {
  id: string
  at: number
  accountId?: string
  deviceHash?: string
  outcome: 'shown' | 'created' | 'not_now' | 'never' | 'failed'
}

/** One mail. `sealed` holds address and bodies, and is erased on delivery or expiry. */
export interface OutboxMail {
  id: string
  at: number
  accountId?: string
  sealed?: string
  state: 'waiting' | 'sending' | 'delivered' | 'failed' | 'expired'
  attempts: number
  /** not to be tried before; also the end of a sender's claim */
  nextAttemptAt: number
  expiresAt: number
}

/** An undelivered mail past its expiry reads as `expired` and without its body, whether or not a sweep has come by. */
export interface Outbox {
  put(mail: OutboxMail): Promise<void>
  get(id: string): Promise<OutboxMail | undefined>
  /** claims at most `limit` due mails (`waiting`, or `sending` whose claim ran out) until `claimUntil`: one process gets each */
  claimDue(now: number, claimUntil: number, limit: number): Promise<OutboxMail[]>
  update(id: string, fn: (current: OutboxMail) => OutboxMail | undefined): Promise<OutboxMail | undefined>
  /** newest first, only those whose body is still there */
  list(limit: number): Promise<OutboxMail[]>
  /** mails not yet delivered, for the metrics */
  depth(): Promise<number>
}

export interface Storage {
  readonly kind: 'embedded' | 'redis-mongo'
  readonly clock: Clock
  readonly artifacts: Artifacts
  readonly ephemeral: Ephemeral
  readonly accounts: Documents<Account>
  readonly identifiers: Documents<Identifier>
  readonly passkeys: AccountDocuments<Passkey>
  readonly factors: AccountDocuments<Factor>
  readonly devices: Devices
  readonly changes: AccountDocuments<Change>
  readonly audit: Log<AuditEntry>
  readonly rules: Log<RuleDecision>
  readonly prompts: Log<PromptEntry>
  readonly outbox: Outbox
  /** rejects with `AppError('store_unavailable')` when it cannot answer; also re-measures the clock */
  ping(): Promise<void>
  /** waits for queued writes, then closes */
  close(): Promise<void>
}
