import { AppError } from '../errors.ts'
import type { Proof } from '../policy/types.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Account, Change, ChangeKind, Factor, Storage } from '../storage/types.ts'
import { createEffects, type AccountEffect, type Settlement, unlistedFactor } from './effects.ts'
import { isStoppedSince, withFreeze, withoutRecoveryOf } from './freeze.ts'
import { cameOf, madeBefore, madeByChange, reliedOnlyOn } from './made-by.ts'

export interface Where {
  deviceHash: string
  /** "Chrome on Windows" */
  userAgent: string
}

/** The one place where what opens an account is recorded, taken away, frozen and undone. Each entry of the audit log about it is written here. */
export interface Changes {
  /**
   * `began` (ms): of a sign-in. `removed`: an identifier or method that goes, as it was; what a new factor takes the place
   * of is found here. Record before what cannot be repeated, before a factor is made, and before the notice.
   */
  record(input: Where & { accountId: string; kind: ChangeKind; began?: number; subject?: string; removed?: Change['removed'] }): Promise<Change>
  get(id: string): Promise<Change | undefined>
  /** every change of an account that is kept */
  listOf(accountId: string): Promise<Change[]>
  /** disowned and not yet decided, oldest first */
  listOpen(accountId: string): Promise<Change[]>
  /** what was disowned with a change, oldest first, the change itself among it; nothing once it is decided */
  listStopped(change: Change): Promise<Change[]>
  /**
   * "This wasn't me": what the change added stops working, what it removed stays removed, the sessions that it made end,
   * and the account stays as it is until somebody decides. So with all that its browser did from then on, and with a
   * recovery that runs there. Pressing again does nothing more, nor does it after the decision. undefined: unknown, or
   * too old.
   */
  freeze(changeId: string, by?: Where): Promise<{ change: Change; account: Account } | undefined>
  /** Decides about all that was disowned, or those of `shown` alone, and lifts the freeze of them. The caller has asked the guard. */
  settle(accountId: string, how: Settlement, by?: Where, shown?: readonly string[]): Promise<void>
  /** Takes one change back while `until` lasts; undefined when it is too late, decided, or disowned. The caller has asked the guard. */
  undo(changeId: string, by?: Where): Promise<Change | undefined>
  /**
   * The caller has asked the guard. It signs nobody in any more, and can be brought back for 7 days. Sessions in which
   * nothing else was proven end. `AppError('not_found')` when the account has no such passkey. undefined: it stays, since
   * the account as it is then is not `enough` without it, or changes were stopped since it was read as `account`.
   */
  removePasskey(account: Account, passkeyId: string, where: Where, enough?: (left: Account) => boolean): Promise<Change | undefined>
  /**
   * So for an authenticator app, and undefined for the same reasons.
   * `AppError('not_found')` when the account has none.
   */
  removeFactor(account: Account, factorId: string, where: Where, enough: (left: Account) => boolean): Promise<Change | undefined>
}

export interface ChangesDeps {
  storage: Pick<Storage, 'accounts' | 'identifiers' | 'passkeys' | 'factors' | 'devices' | 'changes' | 'clock'>
  revocation: { endSessions(accountId: string, which: (session: { uid: string; proofs: Proof[] }) => boolean): Promise<number> }
  audit: ChangeAudit
}

interface ChangeAudit {
  record(type: 'passkey.removed', subject: Subject, detail: { passkeyId: string; changeId: string }): Promise<void>
  record(type: 'method.removed', subject: Subject, detail: { method: Factor['kind']; changeId: string }): Promise<void>
  record(type: 'change.frozen' | 'change.undone', subject: Subject, detail: { changeId: string; kind: string }): Promise<void>
  record(type: 'change.settled', subject: Subject, detail: { changeId: string; kind: string; how: Settlement }): Promise<void>
}
type Subject = { accountId: string; deviceHash?: string; userAgent?: string }

/** ms */
const changeableFor = 7 * 24 * 60 * 60 * 1000

/**
 * No write spans two records, so each step goes in an order that a crash may cut short anywhere:
 * - Freezing: the mark on the change (without it nothing is frozen; with it `listOpen` and the next press complete the
 *   rest), then on what came of it, then what signs in, then the account, then its sessions.
 * - Deciding: the mark on each change, which the first decision wins, then what it is about, and last the account: until
 *   then it stays frozen and deciding again completes it.
 * - Taking back: what it is about, and last the mark on the change, so that it can be repeated until it is done.
 * - Removing: the change (alone it is harmless), then the passkey and the account, or the account and the factor, last the sessions.
 * - Adding a passkey, starting a recovery: the change, the mail that lets people disown it, then the thing itself. Whoever
 *   dies in between has told of what never came: disowning that stops changes as any other, and nothing else.
 */
export function createChanges({ storage, revocation, audit }: ChangesDeps): Changes {
  const { accounts, changes, passkeys, factors, clock } = storage
  const effects = createEffects(storage)

  async function record({ accountId, kind, subject, deviceHash, userAgent, began, removed }: Parameters<Changes['record']>[0]): Promise<Change> {
    const at = clock.now()
    const kept = removed ?? (await effects.replacedBy({ kind, ...(subject !== undefined && { subject }) }))
    const change: Change = {
      id: randomId(), accountId, at, kind, deviceHash, userAgent, until: at + changeableFor,
      ...(began !== undefined && { began }),
      ...(subject !== undefined && { subject }),
      ...(kept && { removed: kept }),
    }
    await changes.insert(change)
    return change
  }

  async function freeze(changeId: string, by?: Where) {
    const found = await changes.get(changeId)
    const before = found && (await accounts.get(found.accountId))
    if (!found || !before || isOver(found)) return undefined
    const marked = await mark(found, before, clock.now())
    if (!marked) return undefined
    const { change, first } = marked
    if (change.settled) return { change, account: before }
    const account = await disown(change, by)
    if (first) await noteFrozen(change, by)
    return account && { change: (await changes.get(changeId)) ?? change, account }
  }

  /** Disowned from `at` (ms) on, unless it is so already or decided. What it added is kept with it, to be put back. */
  async function mark(found: Change, account: Account, at: number): Promise<{ change: Change; first: boolean } | undefined> {
    const stash = await effects.stashOf(found, account)
    let first = false
    const change = await changes.update(found.id, (current) => {
      first = current.frozenAt === undefined && !current.settled
      return first ? { ...current, frozenAt: at, ...(stash && { removed: stash }) } : undefined
    })
    return change && { change, first }
  }

  /** Everything that a disowned change brings with it; may be repeated. */
  async function disown(change: Change, by?: Where): Promise<Account | undefined> {
    const { accountId } = change
    const group = [change]
    // A recovery that is stopped with it may be older: what its browser did since then is stopped as well.
    for (const one of group) {
      const came = await markWhatCameOf(one, by)
      group.push(...came.filter(({ id }) => group.every((known) => known.id !== id)))
    }
    const takes: AccountEffect[] = []
    for (const one of group) takes.push(await effects.takeAway(one))
    const account = await accounts.update(accountId, (current) => withoutRecoveryOf(change, group.reduce(withFreeze, takes.reduce((before, take) => take(before), current))))
    const ends = group.map(madeByChange)
    await revocation.endSessions(accountId, (session) => ends.some((which) => which(session)))
    return (await keepDecided(change, group)) ?? account
  }

  async function markWhatCameOf(change: Change, by: Where | undefined): Promise<Change[]> {
    const account = await accounts.get(change.accountId)
    if (!account) return []
    const marked: Change[] = []
    for (const other of cameOf(change, await changes.listByAccount(change.accountId), account.recovery)) {
      const { change: stored, first } = (await mark(other, account, change.frozenAt ?? clock.now())) ?? {}
      if (!stored || stored.settled) continue
      if (first) await noteFrozen(stored, by)
      marked.push(stored)
    }
    return marked
  }

  const noteFrozen = ({ id: changeId, accountId, kind }: Change, by: Where | undefined) => audit.record('change.frozen', { accountId, ...by }, { changeId, kind })

  /** Decided while it was being disowned: the decision stands, about the change for all that came of it. */
  async function keepDecided({ id, accountId }: Change, group: Change[]): Promise<Account | undefined> {
    const how = (await changes.get(id))?.settled?.how
    const stored = await Promise.all(group.map(async (one) => (how === undefined ? changes.get(one.id) : (await decide(one.id, how))?.change)))
    const decided = stored.filter((one) => one?.settled !== undefined).filter((one) => one !== undefined).toSorted(newestFirst)
    if (decided.length === 0) return undefined
    for (const one of decided) await carryOut(one)
    return lift(accountId, decided.map((one) => one.id))
  }

  async function settle(accountId: string, how: Settlement, by?: Where, shown?: readonly string[]): Promise<void> {
    const account = await accounts.get(accountId)
    const open = await listOpen(accountId)
    const ids = new Set([...(account?.frozen?.changeIds ?? []), ...open.map(({ id }) => id)].filter((id) => !shown || shown.includes(id)))
    const named = (await Promise.all([...ids].map((id) => changes.get(id)))).filter((change) => change !== undefined).toSorted(newestFirst)
    for (const { id } of named) {
      const decided = await decide(id, how)
      if (!decided) continue
      await carryOut(decided.change)
      if (decided.first) await audit.record('change.settled', { accountId, ...by }, { changeId: id, kind: decided.change.kind, how })
    }
    await lift(accountId, [...ids])
  }

  /** The first decision is the one that counts. */
  async function decide(id: string, how: Settlement): Promise<{ change: Change; first: boolean } | undefined> {
    let first = false
    const change = await changes.update(id, (current) => {
      first = current.settled === undefined
      return first ? { ...current, settled: { at: clock.now(), how } } : undefined
    })
    return change && { change, first }
  }

  async function carryOut(change: Change): Promise<void> {
    const apply = await effects[change.settled?.how === 'confirmed' ? 'putBack' : 'revert'](change)
    await accounts.update(change.accountId, apply)
    if (change.settled?.how === 'undone') await revocation.endSessions(change.accountId, change.frozenAt === undefined ? reliedOnlyOn(change) : madeBefore(change))
    await effects.correctListing(change)
  }

  function lift(accountId: string, changeIds: string[]): Promise<Account | undefined> {
    return accounts.update(accountId, ({ frozen, ...account }) => {
      const left = frozen?.changeIds.filter((id) => !changeIds.includes(id)) ?? []
      return frozen && left.length > 0 ? { ...account, frozen: { ...frozen, changeIds: left } } : account
    })
  }

  /** Completes what a crash cut short, and takes in what was recorded in the moment of a press. */
  async function listOpen(accountId: string): Promise<Change[]> {
    const all = await changes.listByAccount(accountId)
    const open = all.filter(isOpen)
    if (open.length === 0) return open
    const account = await accounts.get(accountId)
    const incomplete = open.filter((change) => !account?.frozen?.changeIds.includes(change.id) || !cameOf(change, all, account.recovery).every(isOpen))
    if (!account || incomplete.length === 0) return open
    for (const change of incomplete) await disown(change)
    return (await changes.listByAccount(accountId)).filter(isOpen)
  }

  async function listStopped(change: Change): Promise<Change[]> {
    if (!isOpen(change)) return []
    const all = await changes.listByAccount(change.accountId)
    const came = new Set([change.id, ...cameOf(change, all, undefined).map(({ id }) => id)])
    return all.filter((one) => came.has(one.id) && isOpen(one))
  }

  async function undo(changeId: string, by?: Where): Promise<Change | undefined> {
    const change = await changes.get(changeId)
    if (!change || !isUndoable(change)) return undefined
    const settled = { at: clock.now(), how: 'undone' } as const
    await carryOut({ ...change, settled })
    let first = false
    const stored = await changes.update(changeId, (current) => {
      first = isUndoable(current)
      return first ? { ...current, settled } : undefined
    })
    if (first) await audit.record('change.undone', { accountId: change.accountId, ...by }, { changeId, kind: change.kind })
    return stored
  }

  async function removePasskey(account: Account, passkeyId: string, where: Where, enough = (_: Account): boolean => true): Promise<Change | undefined> {
    const found = await passkeys.get(passkeyId)
    if (found?.accountId !== account.id || found.removedAt !== undefined) throw new AppError('not_found', 'the account has no such passkey')
    const change = await record({ ...where, accountId: account.id, kind: 'passkey_removed', subject: passkeyId })
    // Marked first, or whoever looks at it puts it back into the list. Of two windows that each remove one the list picks the winner.
    const unlisted = await effects.dropPasskey(passkeyId, account.id)
    if (!(await unlist(account, unlisted, enough))) {
      await carryOut({ ...change, settled: { at: clock.now(), how: 'undone' } })
      return notDone(change)
    }
    await revocation.endSessions(account.id, reliedOnlyOn(change))
    await audit.record('passkey.removed', { accountId: account.id, ...where }, { passkeyId, changeId: change.id })
    return change
  }

  /** Whether it may go is decided by what the account then has. */
  async function unlist(account: Account, without: AccountEffect, enough: (left: Account) => boolean): Promise<boolean> {
    let done = false
    await accounts.update(account.id, (current) => {
      const left = without(current)
      done = enough(left) && !isStoppedSince(account, current)
      return done ? left : undefined
    })
    return done
  }

  /** It did not happen: the addition that it was about can still be disowned. */
  async function notDone({ id }: Change): Promise<undefined> {
    await changes.update(id, (current) => ({ ...current, settled: { at: clock.now(), how: 'undone' } }))
  }

  async function removeFactor(account: Account, factorId: string, where: Where, enough: (left: Account) => boolean): Promise<Change | undefined> {
    const found = await factors.get(factorId)
    if (found?.accountId !== account.id) throw new AppError('not_found', 'the account has no such factor')
    const change = await record({ ...where, accountId: account.id, kind: 'method_removed', subject: factorId, removed: { ...found } })
    // The account first: a code counts only while both list it.
    if (!(await unlist(account, unlistedFactor(factorId), enough))) return notDone(change)
    await effects.dropFactor(factorId)
    await revocation.endSessions(account.id, reliedOnlyOn(change))
    await audit.record('method.removed', { accountId: account.id, ...where }, { method: found.kind, changeId: change.id })
    return change
  }

  /** Nobody can be kept from pressing for ever; what is disowned already can be pressed again. */
  function isOver(change: Change): boolean {
    return change.frozenAt === undefined && clock.now() >= change.until
  }

  function isUndoable({ settled, frozenAt, until }: Change): boolean {
    return !settled && frozenAt === undefined && clock.now() < until
  }

  return { record, get: (id) => changes.get(id), listOf: (accountId) => changes.listByAccount(accountId), listOpen, listStopped, freeze, settle, undo, removePasskey, removeFactor }
}

const isOpen = ({ frozenAt, settled }: Change): boolean => frozenAt !== undefined && !settled

/** Who was added and then removed is to end as removed. */
const newestFirst = (a: Change, b: Change): number => b.at - a.at
