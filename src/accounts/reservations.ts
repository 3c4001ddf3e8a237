import { setTimeout } from 'node:timers/promises'
import { unlessTaken } from '../errors.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Account, Identifier, IdentifierKind, Storage } from '../storage/types.ts'

export interface Known {
  kind: IdentifierKind
  value: string
}

export interface Reservations {
  /** the account that has it, with what a crash left half-done about it repaired; costs the same reads whether there is one or not */
  holder(id: string): Promise<Account | undefined>
  /** Makes it `pending` for an account that is about to list it, unless somebody else has it, is getting it, or gave it up of late. */
  reserve(wanted: Known, accountId: string): Promise<{ ok: true } | { ok: false; holder?: Account }>
  /** after the account lists it; false when it is reserved no more */
  activate(id: string, accountId: string): Promise<boolean>
  /** what was reserved and not used: at once anybody's */
  free(id: string, accountId: string): Promise<void>
  /** after the account does not list it any more; `protect`: nobody else can have it for a while, so that giving it up can be undone */
  release(id: string, accountId: string, protect: boolean): Promise<void>
  /**
   * Takes an unproven identifier from an account, since somebody has proven it. What the account has open counts no
   * more, and without another proven identifier it is switched off. Resolves to false when the account has proven it
   * meanwhile, or has it no more.
   */
  evict(id: string, accountId: string): Promise<boolean>
}

/** An identifier as the store and the proofs name it. */
export const idOf = ({ kind, value }: Known): string => `${kind}:${value}`

/** ms: how long a pending identifier of an existing account counts as taken; its writer lists it before that, or not at all */
export const pendingLife = 60_000
/** ms: how long nobody else can have what an account gave up */
export const releasedLife = 7 * 24 * 60 * 60 * 1000
/** No account has this id: reading it makes a miss cost what a hit costs. */
export const nobody = '-'
/** ms and times: a creation that is under way is over by then, or its process died */
const patience = { wait: 25, times: 12 }

/**
 * What identifiers say about who has them, and the repair of what a crash leaves. An account has an identifier when it
 * lists it and the record, not released, names it: so no half of a change counts. What one finds:
 * - pending, no such account: a creation is under way, or died. Once it had its time, an account without anything and
 *   switched off takes its id, so that the creation, should it only be slow, cannot be finished any more.
 * - pending, the account does not list it: it is being added; after `pendingLife` it never will be, and is free.
 * - pending, the account lists it: the crash came after what counts; it becomes active.
 * - active, the account does not list it: it was removed, and the release is missing: done now.
 * - released without a time, the account lists it: it is being taken from there; completed now.
 * - active, no such account: the account is gone; free, since an id that was given out is never used again.
 */
export function createReservations({ accounts, identifiers, clock }: Pick<Storage, 'accounts' | 'identifiers' | 'clock'>): Reservations {
  async function holder(id: string): Promise<Account | undefined> {
    const found = await identifiers.get(id)
    const owner = await accounts.get(found?.accountId ?? nobody)
    if (!found || !owner) return undefined
    if (holds(owner, found)) {
      if (found.state === 'pending') await replace(found, { ...found, state: 'active' })
      return owner
    }
    if (found.state === 'active') await replace(found, released(found, clock.now()))
    if (isBeingTaken(found, owner)) await complete(found, owner.id)
    return undefined
  }

  async function reserve(wanted: Known, accountId: string): Promise<{ ok: true } | { ok: false; holder?: Account }> {
    const id = idOf(wanted)
    for (let times = 0; times < 2 * patience.times; times += 1) {
      const ours: Identifier = { id, kind: wanted.kind, value: wanted.value, accountId, state: 'pending', createdAt: clock.now() }
      const found = await identifiers.get(id)
      if (!found) {
        if (await unlessTaken(identifiers.insert(ours))) return { ok: true }
        continue
      }
      const owner = await accounts.get(found.accountId)
      if (owner && holds(owner, found)) return owner.id === accountId ? { ok: true } : { ok: false, holder: owner }
      if (owner && isBeingTaken(found, owner)) {
        await complete(found, owner.id)
        continue
      }
      // Another change of the same account, which is not to lose it by what becomes of ours; or what its crash left.
      if (found.state === 'pending' && found.accountId === accountId && times < patience.times) {
        await setTimeout(patience.wait)
        continue
      }
      if (found.accountId !== accountId) {
        if (found.state === 'active' && owner) {
          await replace(found, released(found, clock.now()))
          return { ok: false }
        }
        if (found.state === 'released' && clock.now() < (found.releasedAt ?? -Infinity) + releasedLife) return { ok: false }
        if (found.state === 'pending' && owner && !isSwitchedOff(owner) && clock.now() < found.createdAt + pendingLife) return { ok: false }
        if (found.state === 'pending' && !owner && (times < patience.times || !(await forestall(found.accountId)))) {
          await setTimeout(patience.wait)
          continue
        }
      }
      if (await replace(found, ours)) return { ok: true }
    }
    return { ok: false }
  }

  /** Whoever was to make this account cannot any more. False when it has come into being. */
  function forestall(accountId: string): Promise<boolean> {
    const now = clock.now()
    return unlessTaken(accounts.insert({ id: accountId, createdAt: now, disabledAt: now, userHandle: randomId(32), identifiers: [], credentialIds: [] }))
  }

  /** Only while it is as it was found. */
  async function replace(found: Identifier, next: Identifier): Promise<boolean> {
    let replaced = false
    await identifiers.update(found.id, (current) => {
      replaced = same(current, found)
      return replaced ? next : undefined
    })
    return replaced
  }

  const change = (id: string, accountId: string, next: (current: Identifier) => Identifier | undefined): Promise<Identifier | undefined> =>
    identifiers.update(id, (current) => (current.accountId === accountId ? next(current) : undefined))

  /**
   * First the record: a crash after that leaves an account that lists what it does not have, and whoever looks for the
   * identifier completes it. Then the account, in one write: from there on nothing that it had open counts.
   */
  async function evict(id: string, accountId: string): Promise<boolean> {
    let taken = false
    const record = await change(id, accountId, (current) => {
      taken = current.state !== 'released' || current.releasedAt === undefined
      return taken ? released(current) : undefined
    })
    return taken && record !== undefined && (await complete(record, accountId))
  }

  async function complete(record: Identifier, accountId: string): Promise<boolean> {
    let evicted = false
    const account = await accounts.update(accountId, (current) => {
      evicted = isBeingTaken(record, current) && !isProven(current, record)
      return evicted ? without(current, record, clock.now()) : undefined
    })
    // Proven between the two writes: it stays where it is.
    if (!evicted && account && isProven(account, record)) await replace(record, { ...record, state: 'active' })
    return evicted
  }

  return {
    holder,
    reserve,
    evict,
    async activate(id, accountId) {
      const record = await change(id, accountId, (current) => (current.state === 'pending' ? { ...current, state: 'active' } : undefined))
      return record?.accountId === accountId && record.state !== 'released'
    },
    async free(id, accountId) {
      // Nobody's: the account may be made after all, by the same request sent twice, and must not seem to lose it.
      await change(id, accountId, (current) => (current.state === 'pending' ? { ...released(current), accountId: nobody } : undefined))
    },
    async release(id, accountId, protect) {
      await change(id, accountId, (current) => (current.state === 'released' ? undefined : released(current, protect ? clock.now() : undefined)))
    },
  }
}

function released({ releasedAt: _, ...identifier }: Identifier, at?: number): Identifier {
  return { ...identifier, state: 'released', ...(at !== undefined && { releasedAt: at }) }
}

/** As if it had never had it: no session, grant or token from before counts (`endedAt`), nor a recovery that runs. */
function without(account: Account, taken: Identifier, now: number): Account {
  const { recovery, signedUp: _, ...kept } = account
  const identifiers = account.identifiers.filter((entry) => idOf(entry) !== taken.id)
  // A username needs no proof: it belongs to the account whose sign-up finished.
  const livesOn = identifiers.some(({ kind, verifiedAt }) => kind === 'username' || verifiedAt !== undefined)
  return {
    ...kept,
    identifiers,
    endedAt: now,
    ...(livesOn ? recovery && { recovery } : { disabledAt: account.disabledAt ?? now }),
  }
}

export const entryIn = (account: Account, wanted: Known) => account.identifiers.find((entry) => idOf(entry) === idOf(wanted))

const holds = (account: Account, record: Identifier): boolean => record.state !== 'released' && entryIn(account, record) !== undefined

const isBeingTaken = (record: Identifier, account: Account): boolean =>
  record.state === 'released' && record.releasedAt === undefined && entryIn(account, record) !== undefined

const isProven = (account: Account, record: Identifier): boolean => entryIn(account, record)?.verifiedAt !== undefined

/** What `forestall` leaves. */
const isSwitchedOff = ({ disabledAt, identifiers }: Account): boolean => disabledAt !== undefined && identifiers.length === 0

const same = (a: Identifier, b: Identifier): boolean =>
  a.accountId === b.accountId && a.state === b.state && a.createdAt === b.createdAt && a.releasedAt === b.releasedAt
