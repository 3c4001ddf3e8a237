import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import type { Accounts } from './accounts.ts'
import { isStoppedSince } from './freeze.ts'
import { createReservations, entryIn, idOf, pendingLife, type Known } from './reservations.ts'
import { hasWayIn } from './way-in.ts'

/**
 * What changes about the identifiers of an account. Every caller has asked the guard, and records and tells of the change.
 * What `account` is given for is not done when changes were stopped since it was read.
 */
export interface Identifiers {
  /**
   * With `verifiedAt` it is proven, and an account that has it without proof loses it. `taken`: somebody else has it, is
   * getting it, or gave it up less than 7 days ago, or changes were stopped; who gave it up can have it back at once.
   */
  add(account: Account, identifier: Known & { verifiedAt?: number }): Promise<'added' | 'taken' | 'too_many'>
  /** `at` (ms). The account as it is then; undefined when it does not have it any more, or was switched off. */
  markProven(accountId: string, identifier: Known, at: number): Promise<Account | undefined>
  /** Replaces one that is not proven, a typo or a username, in its place. `taken` also when there is no such one. Nobody else can have the old username for 7 days. */
  correct(account: Account, from: Known, to: Known): Promise<'corrected' | 'taken'>
  /** Moves a proven one, or a username, to the front of its kind; undefined when the account has no such one. */
  makePrimary(accountId: string, identifier: Known): Promise<Account | undefined>
  /**
   * Nobody else can have it for 7 days, unless it was never proven. `last_way_in`: nothing would be left to sign in by,
   * or every account has to have one of that kind. undefined: the account has no such one, or changes were stopped.
   */
  remove(account: Account, identifier: Known): Promise<'removed' | 'last_way_in' | undefined>
  /** Why it could not be removed now: every account has to have one, or nothing else opens the account; undefined: it could. */
  whyKept(account: Account, identifier: Known): 'required' | 'last_way_in' | undefined
  /**
   * Whoever has proven an identifier gets a new account with it, and nothing of the one that had it without proof: that
   * one loses it, all it has open ends, and without another proven identifier it is switched off. Of parallel calls all
   * get the same account. `AppError('already_exists')` when it was proven there meanwhile.
   */
  takeOver(identifier: Known, from: Account, verifiedAt: number, locale?: string): Promise<Account>
}

export interface IdentifiersDeps {
  storage: Pick<Storage, 'accounts' | 'identifiers' | 'clock'>
  accounts: Pick<Accounts, 'create'>
  revocation: { endAll(accountId: string): Promise<void> }
  config: Pick<Config, 'identifiers' | 'clients' | 'verification'>
}

/** Who keeps registering what is being taken from them is not followed for ever. */
const attempts = 5

/**
 * No write spans account and identifier, so each step goes in an order that a crash may cut short anywhere; what it
 * leaves is repaired by whoever next looks for that identifier (`reservations.ts`).
 */
export function createIdentifiers({ storage, accounts: { create }, revocation, config }: IdentifiersDeps): Identifiers {
  const { accounts, clock } = storage
  const reservations = createReservations(storage)
  const most: Record<IdentifierKind, number> = { email: config.identifiers.email.max, phone: config.identifiers.phone.max, username: 1 }

  async function add(account: Account, { verifiedAt, ...identifier }: Known & { verifiedAt?: number }): Promise<'added' | 'taken' | 'too_many'> {
    const id = idOf(identifier)
    if (!entryIn(account, identifier) && isFull(account, identifier.kind)) return 'too_many'
    const since = clock.now()
    if (!(await reserve(identifier, account.id, verifiedAt))) return 'taken'
    let stopped = false
    // A crash here leaves a reservation that lapses after `pendingLife`.
    const updated = await accounts.update(account.id, (current) => {
      stopped = isStoppedSince(account, current)
      if (stopped) return undefined
      // Switched off meanwhile, since another of its identifiers was taken over: what is proven is not to end there.
      if (current.disabledAt !== undefined) return undefined
      const there = entryIn(current, identifier)
      if (there) return verifiedAt === undefined || there.verifiedAt !== undefined ? undefined : proven(current, identifier, verifiedAt)
      // Whoever was held up for so long may have lost the reservation: nothing is listed that is not held.
      if (isFull(current, identifier.kind) || clock.now() >= since + pendingLife / 2) return undefined
      return { ...current, identifiers: [...current.identifiers, { ...identifier, ...(verifiedAt !== undefined && { verifiedAt }), addedAt: clock.now() }] }
    })
    if (!stopped && updated && updated.disabledAt === undefined && entryIn(updated, identifier)) {
      // A crash here leaves it pending and listed: whoever looks for it makes it active.
      return (await keep(identifier, account.id)) ? 'added' : 'taken'
    }
    // What was there before stays where it is.
    if (stopped && updated && entryIn(updated, identifier)) return 'taken'
    await reservations.free(id, account.id)
    return updated && !stopped && isFull(updated, identifier.kind) ? 'too_many' : 'taken'
  }

  /** What is listed now becomes active. Where it was lost, which takes a change that hung for long, it is listed no more. */
  async function keep(identifier: Known, accountId: string): Promise<boolean> {
    const id = idOf(identifier)
    if (await reservations.activate(id, accountId)) return true
    if ((await reservations.reserve(identifier, accountId)).ok && (await reservations.activate(id, accountId))) return true
    await accounts.update(accountId, (current) => ({ ...current, identifiers: current.identifiers.filter((entry) => idOf(entry) !== id) }))
    return false
  }

  /** What is proven displaces what is not. */
  async function reserve(identifier: Known, accountId: string, verifiedAt: number | undefined): Promise<boolean> {
    for (let left = attempts; left > 0; left -= 1) {
      const outcome = await reservations.reserve(identifier, accountId)
      if (outcome.ok) return true
      if (verifiedAt === undefined || !outcome.holder || !(await evict(identifier, outcome.holder))) return false
    }
    return false
  }

  /**
   * A crash after the first write of `evict`: the record is nobody's, and whoever looks for it completes the rest. After
   * the second: what the account had open is refused wherever it is used, by its `endedAt`; only its remains are left.
   */
  async function evict(identifier: Known, from: Account): Promise<boolean> {
    if (entryIn(from, identifier)?.verifiedAt !== undefined || identifier.kind === 'username') return false
    if (!(await reservations.evict(idOf(identifier), from.id))) return false
    await revocation.endAll(from.id)
    return true
  }

  async function markProven(accountId: string, identifier: Known, at: number): Promise<Account | undefined> {
    // Who is losing it at this moment must not prove it.
    if ((await reservations.holder(idOf(identifier)))?.id !== accountId) return undefined
    const account = await accounts.update(accountId, (current) => {
      const entry = entryIn(current, identifier)
      return entry && entry.verifiedAt === undefined && current.disabledAt === undefined ? proven(current, identifier, at) : undefined
    })
    return account && entryIn(account, identifier)?.verifiedAt !== undefined ? account : undefined
  }

  async function correct(account: Account, from: Known, to: Known): Promise<'corrected' | 'taken'> {
    if (idOf(from) === idOf(to) || from.kind !== to.kind || entryIn(account, to)) return 'taken'
    const since = clock.now()
    if (!(await reserve(to, account.id, undefined))) return 'taken'
    // A crash here leaves a reservation that lapses after `pendingLife`.
    let corrected = false
    await accounts.update(account.id, (current) => {
      const old = entryIn(current, from)
      corrected = old !== undefined && old.verifiedAt === undefined && !entryIn(current, to) && current.disabledAt === undefined && clock.now() < since + pendingLife / 2
      if (isStoppedSince(account, current)) corrected = false
      if (!corrected) return undefined
      // A typo is as old as the sign-up; another username is as new as any other addition.
      const next = { ...old, kind: to.kind, value: to.value, ...(to.kind === 'username' && { addedAt: clock.now() }) }
      return { ...current, identifiers: current.identifiers.map((entry) => (entry === old ? next : entry)) }
    })
    if (!corrected) {
      await reservations.free(idOf(to), account.id)
      return 'taken'
    }
    const kept = await keep(to, account.id)
    // A crash before this leaves the typo active and listed nowhere: whoever looks for it releases it.
    await reservations.release(idOf(from), account.id, from.kind === 'username')
    return kept ? 'corrected' : 'taken'
  }

  async function makePrimary(accountId: string, identifier: Known): Promise<Account | undefined> {
    let found = false
    const account = await accounts.update(accountId, (current) => {
      const entry = entryIn(current, identifier)
      found = entry !== undefined && (entry.kind === 'username' || entry.verifiedAt !== undefined)
      if (!entry || !found) return undefined
      return { ...current, identifiers: [entry, ...current.identifiers.filter((one) => one !== entry)] }
    })
    return found ? account : undefined
  }

  async function remove(account: Account, identifier: Known): Promise<'removed' | 'last_way_in' | undefined> {
    let outcome: 'removed' | 'last_way_in' | undefined
    let protect = false
    // The account first, since whether it may go is decided by what it then has.
    await accounts.update(account.id, (current) => {
      const entry = entryIn(current, identifier)
      const identifiers = current.identifiers.filter((one) => one !== entry)
      outcome = undefined
      if (isStoppedSince(account, current)) return undefined
      outcome = entry && (whyKept(current, identifier) === undefined ? 'removed' : 'last_way_in')
      protect = entry?.kind === 'username' || entry?.verifiedAt !== undefined
      return outcome === 'removed' ? settled({ ...current, identifiers }) : undefined
    })
    // A crash here leaves it active and listed nowhere, so that it finds nobody: whoever looks for it releases it.
    if (outcome === 'removed') await reservations.release(idOf(identifier), account.id, protect)
    return outcome
  }

  function whyKept(account: Account, identifier: Known): 'required' | 'last_way_in' | undefined {
    const { kind } = identifier
    const identifiers = account.identifiers.filter((entry) => idOf(entry) !== idOf(identifier))
    if (config.identifiers[kind].signUp === 'required' && !identifiers.some((entry) => entry.kind === kind)) return 'required'
    return hasWayIn({ ...account, identifiers }, config) ? undefined : 'last_way_in'
  }

  async function takeOver({ kind, value }: Known, from: Account, verifiedAt: number, locale?: string): Promise<Account> {
    const identifier = { kind, value }
    for (let holder: Account | undefined = from, left = attempts; left > 0; left -= 1) {
      if (holder) await evict(identifier, holder)
      // A crash here leaves it free: the next proof makes an account in the ordinary way.
      const outcome = await create({ identifiers: [{ ...identifier, verifiedAt }], ...(locale !== undefined && { locale }) })
      if (outcome.ok) return outcome.account
      holder = outcome.account
      if (holder && entryIn(holder, identifier)?.verifiedAt !== undefined) {
        if (holder.id !== from.id) return holder
        break
      }
    }
    throw new AppError('already_exists', 'the identifier was proven elsewhere, or belongs to a change under way')
  }

  const isFull = ({ identifiers }: Account, kind: IdentifierKind): boolean => identifiers.filter((entry) => entry.kind === kind).length >= most[kind]

  return { add, markProven, correct, makePrimary, remove, whyKept, takeOver }
}

const proven = (account: Account, identifier: Known, at: number): Account =>
  settled({ ...account, identifiers: account.identifiers.map((entry) => (idOf(entry) === idOf(identifier) ? { ...entry, verifiedAt: at } : entry)) })

/** Where it was signed up matters only while something of the sign-up is not proven. */
function settled(account: Account): Account {
  const { signedUp, ...settledAccount } = account
  const open = account.identifiers.some(({ kind, verifiedAt, addedAt }) => kind !== 'username' && verifiedAt === undefined && addedAt === undefined)
  return signedUp && !open ? settledAccount : account
}
