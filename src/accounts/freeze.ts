import type { Account, Change, ChangeKind } from '../storage/types.ts'
import { isOfDisowned } from './made-by.ts'

/**
 * What lets nobody in by itself: who may decide has to be older than the press, not than this. An old notice of a sign-in
 * must not keep the owner's younger passkey from deciding for ever; what its browser added is stopped with it, and counts.
 */
const opensNothing: ReadonlySet<ChangeKind> = new Set(['new_device', 'recovery_started', 'recovery_code_used'])

/** A recovery that runs in the browser of a disowned change runs no more. */
export function withoutRecoveryOf(change: Change, account: Account): Account {
  const { recovery, ...rest } = account
  return recovery && isOfDisowned(recovery, change) ? rest : account
}

/** The account while it is not decided whose the change was: frozen since the earliest of them. */
export function withFreeze(account: Account, change: Change): Account {
  const { id, at, frozenAt, kind } = change
  const { frozen } = account
  return {
    ...account,
    lastFrozenAt: frozenAt ?? at,
    frozen: {
      at: frozen?.at ?? frozenAt ?? at,
      since: Math.min(frozen?.since ?? Infinity, opensNothing.has(change.kind) ? frozenAt ?? at : at),
      changeIds: [...new Set([...(frozen?.changeIds ?? []), id])],
      ...((frozen?.passkey || kind === 'passkey_added' || kind === 'passkey_removed') && { passkey: true as const }),
    },
  }
}

/** Whether changes were stopped since the account was read as `then`, when the guard was asked: what was begun before that is not carried out. */
export function isStoppedSince(then: Account, { lastFrozenAt, frozen }: Account): boolean {
  return lastFrozenAt !== then.lastFrozenAt || frozen?.changeIds.some((id) => !then.frozen?.changeIds.includes(id)) === true
}
