/** The embedded store's own parts over a database in memory, whose process can be made to die at any write. */
import { DatabaseSync } from 'node:sqlite'
import { createChanges } from '../../src/accounts/changes.ts'
import { createRecoveries } from '../../src/accounts/recovery.ts'
import { createSwitching } from '../../src/accounts/switching.ts'
import { createTickets } from '../../src/accounts/tickets.ts'
import { createRevocation } from '../../src/oidc/revocation.ts'
import type { Proof } from '../../src/policy/types.ts'
import { createArtifacts } from '../../src/storage/sqlite/artifacts.ts'
import { createCommitQueue, type Write } from '../../src/storage/sqlite/commit-queue.ts'
import { createAccountDocuments, createDocuments, createListing } from '../../src/storage/sqlite/documents.ts'
import { createEphemeral } from '../../src/storage/sqlite/ephemeral.ts'
import { migrate } from '../../src/storage/sqlite/migrations.ts'
import { createSweep } from '../../src/storage/sqlite/sweep.ts'
import type { Account, Change, Device, Factor, Identifier, Json, Passkey } from '../../src/storage/types.ts'

export const start = Date.UTC(2026, 0, 1)
export const hour = 3_600_000
export const day = 24 * hour
export const delay = day

export const here = { deviceHash: 'laptop', userAgent: 'Chrome on Windows' }
export const there = { deviceHash: 'stranger', userAgent: 'Firefox on Linux' }

export class Died extends Error {}

export interface Entry { type: string; accountId?: string; deviceHash?: string; detail: object }

export type World = ReturnType<typeof createWorld>

export function createWorld() {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  const queue = createCommitQueue(database)
  let now = start
  let writesLeft = Infinity
  /** The write that the process dies at does not happen, nor does any after it. */
  const write: Write = (job) => (--writesLeft < 0 ? Promise.reject(new Died()) : queue.write(job))
  const clock = { now: () => now }
  const connection = { database, write, clock }
  const entries: Entry[] = []
  const audit = { record: async (type: string, subject: object, detail: object) => void entries.push({ type, ...subject, detail }) }

  const storage = {
    clock,
    artifacts: createArtifacts(connection),
    ephemeral: createEphemeral(connection),
    accounts: createDocuments<Account>(connection, 'accounts'),
    identifiers: createDocuments<Identifier>(connection, 'identifiers'),
    passkeys: createAccountDocuments<Passkey>(connection, 'passkeys'),
    factors: createAccountDocuments<Factor>(connection, 'factors'),
    devices: { ...createAccountDocuments<Device>(connection, 'devices'), listByDevice: createListing<Device>(connection, 'devices', 'deviceHash') },
    changes: createAccountDocuments<Change>(connection, 'changes'),
  }
  const revocation = createRevocation(storage)
  const tickets = createTickets(storage)

  async function account(id = 'ada'): Promise<Account> {
    const found = await storage.accounts.get(id)
    if (!found) throw new Error('no such account')
    return found
  }

  return {
    storage,
    entries,
    audit,
    revocation,
    account,
    changes: createChanges({ storage, revocation, audit }),
    recoveries: createRecoveries({ storage, delay, audit }),
    switching: createSwitching({ storage, revocation, tickets, audit }),
    tickets,
    sweep: createSweep(connection),
    advance: (ms: number) => void (now += ms),
    /** the process dies at the write after so many */
    dieAfter: (writes: number) => void (writesLeft = writes),
    survive: () => void (writesLeft = Infinity),
    close: () => database.close(),

    async addAccount(id = 'ada', more: Partial<Account> = {}): Promise<Account> {
      const added: Account = { id, createdAt: now, userHandle: `handle of ${id}`, identifiers: [], credentialIds: [], ...more }
      await storage.accounts.insert(added)
      return added
    },
    /** as registering does: the record, then the account's list */
    async addPasskey(id: string, accountId = 'ada', more: Partial<Passkey> = {}): Promise<void> {
      await storage.passkeys.insert({
        id, accountId, publicKey: '', counter: 0, transports: [], aaguid: '', backupEligible: true, backupState: true, rpId: 'localhost',
        enrolledAcr: 'phr', enrolledUserAgent: 'Chrome on Windows', createdAt: now, ...more,
      })
      await storage.accounts.update(accountId, (current) => ({ ...current, credentialIds: [...current.credentialIds, id] }))
    },
    async addEmail(value: string, accountId = 'ada'): Promise<string> {
      const id = `email:${value}`
      await storage.identifiers.insert({ id, kind: 'email', value, accountId, state: 'active', createdAt: now })
      await storage.accounts.update(accountId, (current) => ({ ...current, identifiers: [...current.identifiers, { kind: 'email', value, verifiedAt: now }] }))
      return id
    },
    /** as a method makes it: the record, in place of an older one, then the account's own */
    async addFactor(factor: Factor): Promise<void> {
      const { id, accountId, kind, createdAt: since, macs = [] } = factor
      await storage.factors.delete(id)
      await storage.factors.insert(factor)
      const listing = kind === 'totp' ? { totp: { since } } : { recovery_codes: { since, left: macs.length } }
      await storage.accounts.update(accountId, (current) => ({ ...current, factors: { ...current.factors, ...listing } }))
    },
    async addDevice(deviceHash: string, accountId = 'ada'): Promise<string> {
      const id = `${deviceHash}:${accountId}`
      await storage.devices.insert({ id, deviceHash, accountId, firstSeenAt: now, lastSeenAt: now, credentialIds: [], userAgent: '' })
      return id
    },
    /** a session with one grant and one refresh token under it */
    async addSession(name: string, proofs: Partial<Proof>[], accountId = 'ada'): Promise<void> {
      const full = proofs.map((proof) => ({ method: 'email_otp', at: now, accountId, usablePasskey: false, ...proof }))
      const payload = { uid: `uid of ${name}`, accountId, proofs: full, authorizations: { shop: { grantId: `grant of ${name}` } } }
      await storage.artifacts.upsert('Session', name, payload as Json, { uid: payload.uid, accountId }, undefined)
      await storage.artifacts.upsert('Grant', `grant of ${name}`, { grantId: `grant of ${name}`, accountId, proofs: full } as Json, { accountId }, undefined)
      await storage.artifacts.upsert('RefreshToken', `token of ${name}`, {}, { grantId: `grant of ${name}` }, undefined)
    },
    /** the names of the sessions that are open, and `name's grant`, `name's token` where only these are left */
    async open(accountId = 'ada'): Promise<string[]> {
      const sessions = (await storage.artifacts.listByAccount('Session', accountId)).map(({ key }) => key)
      const grants = (await storage.artifacts.listByAccount('Grant', accountId)).map(({ key }) => key.replace('grant of ', ''))
      const rows = database.prepare(`select key from artifacts where model = 'RefreshToken'`).all().map(({ key }) => String(key).replace('token of ', ''))
      const left = (names: string[], what: string) => names.filter((name) => !sessions.includes(name)).map((name) => `${name}'s ${what}`)
      return [...sessions, ...left(grants, 'grant'), ...left(rows, 'token')].sort()
    },
    async usable(accountId = 'ada'): Promise<string[]> {
      const passkeys = await storage.passkeys.listByAccount(accountId)
      return passkeys.filter(({ frozenAt, removedAt }) => frozenAt === undefined && removedAt === undefined).map(({ id }) => id).sort()
    },
  }
}

/** The next call of it waits until it is let go; those after it do not. */
export function holdNext<K extends string>(store: Record<K, (...args: never[]) => Promise<unknown>>, method: K) {
  const original = store[method]
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = async (...args: never[]) => {
    store[method] = original
    held.resolve()
    await released.promise
    return original(...args)
  }
  store[method] = holding as typeof original
  return { held: held.promise, release: () => released.resolve() }
}
