import { AppError } from '../errors.ts'
import type { Proof } from '../policy/types.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Account, Change, ChangeKind, Storage } from '../storage/types.ts'
import { createEffects, type Settlement } from './effects.ts'
import { madeBefore, madeByChange, reliedOnlyOn } from './made-by.ts'

export interface Where {
  deviceHash: string
  /** "Chrome on Windows" */
  userAgent: string
}

/** The one place where what opens an account is recorded, taken away, frozen and undone. Each entry of the audit log about it is written here. */
export interface Changes {
  /** `removed`: an identifier or method that goes, as it was. Record before what cannot be repeated, and before the notice. */
  record(input: Where & { accountId: string; kind: ChangeKind; subject?: string; removed?: Change['removed'] }): Promise<Change>
  get(id: string): Promise<Change | undefined>
  /** disowned and not yet decided, oldest first */
  listOpen(accountId: string): Promise<Change[]>
  /**
   * "This wasn't me": what the change added stops working, what it removed stays removed, the sessions that it made end,
   * and the account stays as it is until somebody decides. Pressing again does nothing more, nor does it after the
   * decision. undefined: unknown, or too old.
   */
  freeze(changeId: string, by?: Where): Promise<{ change: Change; account: Account } | undefined>
  /** Decides about everything that was disowned, and lifts the freeze. The caller has asked the guard. */
  settle(accountId: string, how: Settlement, by?: Where): Promise<void>
  /** Takes one change back while `until` lasts; undefined when it is too late, decided, or disowned. The caller has asked the guard. */
  undo(changeId: string, by?: Where): Promise<Change | undefined>
  /**
   * The caller has asked the guard. It signs nobody in any more, and can be brought back for 7 days. Sessions in which
   * nothing else was proven end. `AppError('not_found')` when the account has no such passkey.
   */
  removePasskey(account: Account, passkeyId: string, where: Where): Promise<Change>
}

export interface ChangesDeps {
  storage: Pick<Storage, 'accounts' | 'identifiers' | 'passkeys' | 'factors' | 'devices' | 'changes' | 'clock'>
  revocation: { endSessions(accountId: string, which: (session: { uid: string; proofs: Proof[] }) => boolean): Promise<number> }
  audit: ChangeAudit
}

interface ChangeAudit {
  record(type: 'passkey.removed', subject: Subject, detail: { passkeyId: string; changeId: string }): Promise<void>
  record(type: 'change.frozen' | 'change.undone', subject: Subject, detail: { changeId: string; kind: string }): Promise<void>
  record(type: 'change.settled', subject: Subject, detail: { changeId: string; kind: string; how: Settlement }): Promise<void>
}
type Subject = { accountId: string; deviceHash?: string; userAgent?: string }

/** ms */
const changeableFor = 7 * 24 * 60 * 60 * 1000

/**
 * No write spans two records, so each step goes in an order that a crash may cut short anywhere:
 * - Freezing: the mark on the change (without it nothing is frozen; with it `listOpen` and the next press complete the
 *   rest), then what signs in, then the account, then its sessions.
 * - Deciding: the mark on each change, which the first decision wins, then what it is about, and last the account: until
 *   then it stays frozen and deciding again completes it.
 * - Taking back: what it is about, and last the mark on the change, so that it can be repeated until it is done.
 * - Removing: the change (alone it is harmless), then the passkey, the account, the sessions.
 * - Adding a passkey, starting a recovery: the change, the mail that lets people disown it, then the thing itself. Whoever
 *   dies in between has told of what never came: disowning that stops changes as any other, and nothing else.
 */
export function createChanges({ storage, revocation, audit }: ChangesDeps): Changes {
  const { accounts, changes, passkeys, clock } = storage
  const effects = createEffects(storage)

  async function record({ accountId, kind, subject, deviceHash, userAgent, removed }: Parameters<Changes['record']>[0]): Promise<Change> {
    const at = clock.now()
    const change: Change = {
      id: randomId(), accountId, at, kind, deviceHash, userAgent, until: at + changeableFor,
      ...(subject !== undefined && { subject }),
      ...(removed && { removed }),
    }
    await changes.insert(change)
    return change
  }

  async function freeze(changeId: string, by?: Where) {
    const found = await changes.get(changeId)
    const before = found && (await accounts.get(found.accountId))
    if (!found || !before || isOver(found)) return undefined
    const stash = await effects.stashOf(found, before)
    let first = false
    const change = await changes.update(changeId, (current) => {
      first = current.frozenAt === undefined
      if (current.settled || !first) return undefined
      return { ...current, frozenAt: clock.now(), ...(stash && { removed: stash }) }
    })
    if (!change) return undefined
    if (change.settled) return { change, account: before }
    const account = await disown(change)
    if (first) await audit.record('change.frozen', { accountId: change.accountId, ...by }, { changeId, kind: change.kind })
    return account && { change: (await changes.get(changeId)) ?? change, account }
  }

  /** Everything that a disowned change brings with it; may be repeated. */
  async function disown(change: Change): Promise<Account | undefined> {
    const take = await effects.takeAway(change)
    const account = await accounts.update(change.accountId, (current) => withFreeze(take(current), change))
    await revocation.endSessions(change.accountId, madeByChange(change))
    // Decided while we were at it: the decision stands.
    const decided = await changes.get(change.id)
    if (!decided?.settled) return account
    await carryOut(decided)
    return lift(change.accountId, [change.id])
  }

  async function settle(accountId: string, how: Settlement, by?: Where): Promise<void> {
    const account = await accounts.get(accountId)
    const open = await listOpen(accountId)
    const ids = new Set([...(account?.frozen?.changeIds ?? []), ...open.map(({ id }) => id)])
    // Newest first: who was added and then removed is to end as removed.
    const named = (await Promise.all([...ids].map((id) => changes.get(id)))).filter((change) => change !== undefined).toSorted((a, b) => b.at - a.at)
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

  async function listOpen(accountId: string): Promise<Change[]> {
    const open = (await changes.listByAccount(accountId)).filter(({ frozenAt, settled }) => frozenAt !== undefined && !settled)
    if (open.length === 0) return open
    const account = await accounts.get(accountId)
    for (const change of open) if (account && !account.frozen?.changeIds.includes(change.id)) await disown(change)
    return open
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

  async function removePasskey(account: Account, passkeyId: string, where: Where): Promise<Change> {
    const found = await passkeys.get(passkeyId)
    if (found?.accountId !== account.id || found.removedAt !== undefined) throw new AppError('not_found', 'the account has no such passkey')
    const change = await record({ ...where, accountId: account.id, kind: 'passkey_removed', subject: passkeyId })
    await accounts.update(account.id, await effects.dropPasskey(passkeyId, account.id))
    await revocation.endSessions(account.id, reliedOnlyOn(change))
    await audit.record('passkey.removed', { accountId: account.id, ...where }, { passkeyId, changeId: change.id })
    return change
  }

  /** Nobody can be kept from pressing for ever; what is disowned already can be pressed again. */
  function isOver(change: Change): boolean {
    return change.frozenAt === undefined && clock.now() >= change.until
  }

  function isUndoable({ settled, frozenAt, until }: Change): boolean {
    return !settled && frozenAt === undefined && clock.now() < until
  }

  return { record, get: (id) => changes.get(id), listOpen, freeze, settle, undo, removePasskey }
}

function withFreeze(account: Account, { id, at, frozenAt }: Change): Account {
  const { frozen } = account
  return {
    ...account,
    lastFrozenAt: frozenAt ?? at,
    frozen: {
      at: frozen?.at ?? frozenAt ?? at,
      since: Math.min(frozen?.since ?? at, at),
      changeIds: [...new Set([...(frozen?.changeIds ?? []), id])],
    },
  }
}
