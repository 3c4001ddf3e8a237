/**
 * What every backend must offer. Small interfaces, no transaction across two of them: each caller writes in an order in
 * which a crash between two writes can be repaired on next touch. Absent is `undefined`. Times are milliseconds since
 * 1970 by the store's clock (`Storage.clock`). A natural key that is taken gives `AppError('already_exists')`; a store
 * that cannot be reached gives `AppError('store_unavailable')`.
 */
import type { Account, AuditEntry, CeremonyEntry, Change, Channel, Device, Factor, Identifier, Json, OutboxMail, Passkey, PromptEntry, RuleDecision } from './records.ts'

export type * from './records.ts'

/** Process time plus the measured offset to the store, so that every process agrees on what has expired. */
export interface Clock {
  /** milliseconds since 1970 */
  now(): number
}

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

export interface Devices extends AccountDocuments<Device> {
  listByDevice(deviceHash: string): Promise<Device[]>
}

/** Append-only records, queried by account and time. */
export interface Log<T extends { id: string; at: number; accountId?: string }> {
  append(entry: T): Promise<void>
  /** newest first, `after` <= at < `before` (ms) */
  query(where: { accountId?: string; after?: number; before?: number; limit: number }): Promise<T[]>
}

/** A log whose entries can be asked for by what became of them. */
export interface OutcomeLog<T extends { id: string; at: number; accountId?: string; outcome: string }> extends Log<T> {
  /** `outcomes`: of these only */
  query(where: { accountId?: string; after?: number; before?: number; outcomes?: readonly T['outcome'][]; limit: number }): Promise<T[]>
}

export interface Ceremonies extends OutcomeLog<CeremonyEntry> {
  /**
   * Of the first `limit` entries `started` with `after` <= at < `before` (ms), oldest first, those whose ceremony has no
   * other entry. `cursor`: look on from there; absent when there are no more.
   */
  unanswered(where: { after: number; before: number; limit: number; cursor?: string }): Promise<{ entries: CeremonyEntry[]; cursor?: string }>
}

/** Kept up to date by the store with each write, so that asking costs the same for any number of records. */
export interface Tallies {
  /** how many accounts have a passkey, and how many have none */
  accounts(): Promise<AccountTally>
}

export interface AccountTally {
  withPasskey: number
  without: number
}

/** An undelivered mail past its expiry reads as `expired` and without its body, whether or not a sweep has come by. */
export interface Outbox {
  put(mail: OutboxMail): Promise<void>
  get(id: string): Promise<OutboxMail | undefined>
  /** claims at most `limit` due messages (`waiting`, or `sending` whose claim ran out) of a channel until `claimUntil`: one process gets each */
  claimDue(channel: Channel, now: number, claimUntil: number, limit: number): Promise<OutboxMail[]>
  update(id: string, fn: (current: OutboxMail) => OutboxMail | undefined): Promise<OutboxMail | undefined>
  /** newest first, only those whose body is still there */
  list(limit: number): Promise<OutboxMail[]>
  /** messages that are still to be delivered, for the metrics; without a channel those of all */
  depth(channel?: Channel): Promise<number>
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
  readonly prompts: OutcomeLog<PromptEntry>
  readonly ceremonies: Ceremonies
  readonly outbox: Outbox
  readonly tallies: Tallies
  /** rejects with `AppError('store_unavailable')` when it cannot answer; also re-measures the clock */
  ping(): Promise<void>
  /** waits for queued writes, then closes */
  close(): Promise<void>
}
