import { unlessTaken } from '../errors.ts'
import { isUsable } from '../policy/passkeys.ts'
import type { Account, Change, ChangeKind, Factor, Identifier, IdentifierKind, Json, Passkey, Storage } from '../storage/types.ts'
import { idOf } from './reservations.ts'

export type Settlement = 'undone' | 'confirmed'

/** What is left to be done to the account's own record, in one write with whatever else changes there. */
export type AccountEffect = (account: Account) => Account

export interface Effects {
  /** what is kept of an addition that is about to be taken away, so that it can be put back */
  stashOf(change: Change, account: Account): Promise<Change['removed']>
  /** what a new factor is about to take the place of, so that it can be undone; undefined: nothing */
  replacedBy(change: Pick<Change, 'kind' | 'subject'>): Promise<Change['removed']>
  /** disowned: what was added stops working, what was removed stays removed */
  takeAway(change: Change): Promise<AccountEffect>
  /** it was the owner after all: what was taken away works again */
  putBack(change: Change): Promise<AccountEffect>
  /** undone for good: as if it had not happened */
  revert(change: Change): Promise<AccountEffect>
  /** the account lists a passkey exactly when it signs in, whoever else decided about it in the same moment */
  correctListing(change: Change): Promise<void>
  /** removed: it signs nobody in, and is kept for a while */
  dropPasskey(passkeyId: string, accountId: string): Promise<AccountEffect>
  /** removed: what is kept of it is in its change */
  dropFactor(factorId: string): Promise<AccountEffect>
}

type Entry = Account['identifiers'][number]
const unchanged: AccountEffect = (account) => account

/**
 * What changes do to what they are about. Each function writes the record of the passkey, identifier, factor or device
 * first, may be repeated, and leaves the account's part to its caller.
 */
export function createEffects({ accounts, identifiers, passkeys, factors, devices, changes, clock }: Pick<Storage, 'accounts' | 'identifiers' | 'passkeys' | 'factors' | 'devices' | 'changes' | 'clock'>): Effects {
  const unlisted = (id: string): AccountEffect => (account) => ({ ...account, credentialIds: account.credentialIds.filter((listed) => listed !== id) })

  async function freezePasskey(id: string, accountId: string): Promise<AccountEffect> {
    await passkeys.update(id, (passkey) => (passkey.frozenAt === undefined ? { ...passkey, frozenAt: clock.now() } : undefined))
    await forgetInBrowsers(id, accountId)
    return unlisted(id)
  }

  async function dropPasskey(id: string, accountId: string): Promise<AccountEffect> {
    await passkeys.update(id, (passkey) => (passkey.removedAt === undefined ? { ...passkey, removedAt: clock.now() } : undefined))
    await forgetInBrowsers(id, accountId)
    return unlisted(id)
  }

  /** Browsers are asked for the passkeys that they used: not for one that would be refused. */
  async function forgetInBrowsers(id: string, accountId: string): Promise<void> {
    for (const device of await devices.listByAccount(accountId)) {
      if (!device.credentialIds.includes(id)) continue
      await devices.update(device.id, (current) => ({ ...current, credentialIds: current.credentialIds.filter((used) => used !== id) }))
    }
  }

  async function restorePasskey(id: string, change: (passkey: Passkey) => Passkey): Promise<AccountEffect> {
    const passkey = await passkeys.update(id, change)
    if (!passkey || !isUsable(passkey)) return unchanged
    return (account) => (account.credentialIds.includes(id) ? account : { ...account, credentialIds: [...account.credentialIds, id] })
  }

  async function releaseIdentifier(id: string, accountId: string): Promise<AccountEffect> {
    // First the account's list would do too: an address counts only while both agree.
    await identifiers.update(id, (identifier) => (identifier.accountId === accountId && identifier.state !== 'released' ? { ...identifier, state: 'released', releasedAt: clock.now() } : undefined))
    return (account) => ({ ...account, identifiers: account.identifiers.filter((entry) => idOf(entry) !== id) })
  }

  /** Only while nobody else has it. */
  async function restoreIdentifier(entry: Entry | undefined, accountId: string): Promise<AccountEffect> {
    if (!entry) return unchanged
    const id = idOf(entry)
    const { kind, value } = entry
    const fresh: Identifier = { id, kind, value, accountId, state: 'pending', createdAt: clock.now() }
    const inserted = await unlessTaken(identifiers.insert(fresh))
    // Pending until the account lists it: active and listed nowhere would be taken for a removal that was cut short.
    const stored = inserted ? fresh : await identifiers.update(id, (identifier) => (identifier.accountId === accountId ? fresh : undefined))
    if (stored?.accountId !== accountId) return unchanged
    return (account) => (account.identifiers.some((listed) => idOf(listed) === id) ? account : { ...account, identifiers: [...account.identifiers, entry] })
  }

  /** What is there by now stays: the account lists whatever is found. */
  async function restoreFactor(factor: Factor | undefined): Promise<AccountEffect> {
    if (!factor) return unchanged
    const stored = (await unlessTaken(factors.insert(factor))) ? factor : await factors.get(factor.id)
    return stored ? (account) => ({ ...account, factors: { ...account.factors, ...listingOf(stored) } }) : unchanged
  }

  async function dropFactor(id: string): Promise<AccountEffect> {
    await factors.delete(id)
    return unlistedFactor(id)
  }

  /**
   * Emptied before it is deleted: what was spent since the stash was made stays spent when it is put back. After a crash
   * in between the stash as it was made will do.
   */
  async function freezeFactor(change: Change, id: string): Promise<AccountEffect> {
    if (await isSuperseded(change)) return unchanged
    let last: Factor | undefined
    await factors.update(id, (factor) => {
      last = factor
      const { sealed: _, macs: __, ...empty } = factor
      return empty
    })
    const added = last
    if (added?.sealed !== undefined || added?.macs) await changes.update(change.id, (current) => ({ ...current, removed: { ...current.removed, added: { ...added } } }))
    return dropFactor(id)
  }

  /** The new one goes, and what it took the place of comes back. */
  async function revertFactor(change: Change, id: string): Promise<AccountEffect> {
    if (await isSuperseded(change)) return unchanged
    const drop = await dropFactor(id)
    const restore = await restoreFactor(factorOf(change.removed?.['before']))
    return (account) => restore(drop(account))
  }

  /** There is one factor of each kind: a later change of it that still counts is what it is by now. */
  async function isSuperseded({ id, accountId, subject, at }: Change): Promise<boolean> {
    const all = await changes.listByAccount(accountId)
    return all.some((other) => other.id !== id && factorChanges.has(other.kind) && other.subject === subject && other.at > at && other.settled?.how !== 'undone')
  }

  async function markDevice(id: string, disowned: boolean): Promise<AccountEffect> {
    await devices.update(id, ({ disownedAt, ...device }) => (disowned ? { ...device, disownedAt: disownedAt ?? clock.now() } : device))
    return unchanged
  }

  const cancelRecovery = (id: string): AccountEffect => ({ recovery, ...account }) => (recovery && recovery.id !== id ? { ...account, recovery } : account)
  const passkeysOnly = (since: number | undefined): AccountEffect => ({ passkeysOnlySince: _, ...account }) => ({ ...account, ...(since !== undefined && { passkeysOnlySince: since }) })

  async function takeAway(change: Change): Promise<AccountEffect> {
    const { kind, subject, accountId } = change
    if (subject === undefined) return unchanged
    switch (kind) {
      case 'passkey_added': return freezePasskey(subject, accountId)
      case 'identifier_added': return releaseIdentifier(subject, accountId)
      case 'method_added':
      case 'recovery_codes_made': return freezeFactor(change, subject)
      case 'recovery_started': return cancelRecovery(subject)
      case 'new_device': return markDevice(subject, true)
      // Who reads a mailbox must not switch a protection off by it, nor bring back what the owner removed.
      default: return unchanged
    }
  }

  async function putBack(change: Change): Promise<AccountEffect> {
    const { kind, subject, accountId, removed } = change
    if (subject === undefined) return unchanged
    switch (kind) {
      case 'passkey_added': return restorePasskey(subject, ({ frozenAt: _, ...passkey }) => passkey)
      case 'identifier_added': return restoreIdentifier(entryOf(removed), accountId)
      case 'method_added':
      case 'recovery_codes_made': return (await isSuperseded(change)) ? unchanged : restoreFactor(factorOf(removed?.['added']))
      case 'new_device': return markDevice(subject, false)
      default: return unchanged
    }
  }

  async function revert(change: Change): Promise<AccountEffect> {
    const { kind, subject, accountId, removed } = change
    if (kind === 'passkeys_only_on') return passkeysOnly(undefined)
    if (kind === 'passkeys_only_off') return passkeysOnly(clock.now())
    if (subject === undefined) return unchanged
    switch (kind) {
      case 'passkey_added': return dropPasskey(subject, accountId)
      case 'passkey_removed': return restorePasskey(subject, ({ removedAt: _, ...passkey }) => passkey)
      case 'identifier_removed': return restoreIdentifier(entryOf(removed), accountId)
      case 'method_added':
      case 'recovery_codes_made': return revertFactor(change, subject)
      case 'method_removed': return (await isSuperseded(change)) ? unchanged : restoreFactor(factorOf(removed))
      default: return takeAway(change)
    }
  }

  async function stashOf(change: Change, account: Account): Promise<Change['removed']> {
    const { kind, subject, removed } = change
    if (subject !== undefined && (kind === 'method_added' || kind === 'recovery_codes_made')) {
      const factor = removed?.['added'] || (await isSuperseded(change)) ? undefined : await factors.get(subject)
      return factor ? { ...removed, added: { ...factor } } : removed
    }
    if (subject === undefined || removed || kind !== 'identifier_added') return removed
    return account.identifiers.find((entry) => idOf(entry) === subject)
  }

  async function replacedBy({ kind, subject }: Pick<Change, 'kind' | 'subject'>): Promise<Change['removed']> {
    if (subject === undefined || (kind !== 'method_added' && kind !== 'recovery_codes_made')) return undefined
    const before = await factors.get(subject)
    return { ...(before && { before: { ...before } }) }
  }

  async function correctListing({ kind, subject, accountId }: Change): Promise<void> {
    if (subject === undefined || (kind !== 'passkey_added' && kind !== 'passkey_removed')) return
    // Of two that decide at once the later one finds what the earlier one has written since.
    const passkey = await passkeys.get(subject)
    const usable = passkey?.accountId === accountId && isUsable(passkey)
    await accounts.update(accountId, (account) => {
      if (account.credentialIds.includes(subject) === usable) return undefined
      return usable ? { ...account, credentialIds: [...account.credentialIds, subject] } : unlisted(subject)(account)
    })
  }

  return { stashOf, replacedBy, takeAway, putBack, revert, correctListing, dropPasskey, dropFactor }
}

type Stash = { [key: string]: Json | undefined } | undefined

/** What `stashOf` or the remover of an identifier put there. */
function entryOf(removed: Stash): Entry | undefined {
  const { kind, value, verifiedAt, addedAt } = removed ?? {}
  if (typeof kind !== 'string' || typeof value !== 'string') return undefined
  return { kind: kind as IdentifierKind, value, ...(typeof verifiedAt === 'number' && { verifiedAt }), ...(typeof addedAt === 'number' && { addedAt }) }
}

const factorChanges = new Set<ChangeKind>(['method_added', 'method_removed', 'recovery_codes_made'])

/** A key that is sealed, or HMACs of codes: nothing else is ever kept of a factor. */
function factorOf(kept: Json | undefined): Factor | undefined {
  if (kept === null || typeof kept !== 'object' || Array.isArray(kept)) return undefined
  return typeof kept['sealed'] === 'string' || Array.isArray(kept['macs']) ? (kept as unknown as Factor) : undefined
}

/** What the account's own record says of a factor. */
function listingOf({ kind, createdAt: since, macs = [] }: Factor): NonNullable<Account['factors']> {
  return kind === 'totp' ? { totp: { since } } : { recovery_codes: { since, left: macs.length } }
}

/** `id` is `<kind>:<account id>`. */
export const unlistedFactor = (id: string): AccountEffect => ({ factors, ...account }) => {
  const left = Object.fromEntries(Object.entries(factors ?? {}).filter(([kind]) => !id.startsWith(`${kind}:`))) as NonNullable<Account['factors']>
  return Object.keys(left).length === 0 ? account : { ...account, factors: left }
}
