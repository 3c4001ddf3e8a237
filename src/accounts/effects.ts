import { unlessTaken } from '../errors.ts'
import { isUsable } from '../policy/passkeys.ts'
import type { Account, Change, Factor, Identifier, IdentifierKind, Json, Passkey, Storage } from '../storage/types.ts'

export type Settlement = 'undone' | 'confirmed'

/** What is left to be done to the account's own record, in one write with whatever else changes there. */
export type AccountEffect = (account: Account) => Account

export interface Effects {
  /** what is kept of an addition that is about to be taken away, so that it can be put back */
  stashOf(change: Change, account: Account): Promise<Change['removed']>
  /** disowned: what was added stops working, what was removed stays removed */
  takeAway(change: Change): Promise<AccountEffect>
  /** it was the owner after all: what was taken away works again */
  putBack(change: Change): Promise<AccountEffect>
  /** undone for good: as if it had not happened */
  revert(change: Change): Promise<AccountEffect>
  /** after the account lists a passkey again: not one that was frozen or removed meanwhile */
  correctListing(change: Change): Promise<void>
  /** removed: it signs nobody in, and is kept for a while */
  dropPasskey(passkeyId: string, accountId: string): Promise<AccountEffect>
}

type Entry = Account['identifiers'][number]
const unchanged: AccountEffect = (account) => account

/**
 * What changes do to what they are about. Each function writes the record of the passkey, identifier, factor or device
 * first, may be repeated, and leaves the account's part to its caller.
 */
export function createEffects({ accounts, identifiers, passkeys, factors, devices, clock }: Pick<Storage, 'accounts' | 'identifiers' | 'passkeys' | 'factors' | 'devices' | 'clock'>): Effects {
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
    await identifiers.update(id, (identifier) => (identifier.accountId === accountId ? { ...identifier, state: 'released' } : undefined))
    return (account) => ({ ...account, identifiers: account.identifiers.filter((entry) => idOf(entry) !== id) })
  }

  /** Only while nobody else has it. */
  async function restoreIdentifier(entry: Entry | undefined, accountId: string): Promise<AccountEffect> {
    if (!entry) return unchanged
    const id = idOf(entry)
    const { kind, value } = entry
    const fresh: Identifier = { id, kind, value, accountId, state: 'pending', createdAt: clock.now() }
    const inserted = await unlessTaken(identifiers.insert(fresh))
    const stored = inserted ? fresh : await identifiers.update(id, (identifier) => (identifier.accountId === accountId ? { ...identifier, state: 'active' } : undefined))
    if (stored?.accountId !== accountId) return unchanged
    return (account) => (account.identifiers.some((listed) => idOf(listed) === id) ? account : { ...account, identifiers: [...account.identifiers, entry] })
  }

  async function restoreFactor(factor: Factor | undefined): Promise<AccountEffect> {
    if (factor) await unlessTaken(factors.insert(factor))
    return unchanged
  }

  async function dropFactor(id: string): Promise<AccountEffect> {
    await factors.delete(id)
    return unchanged
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
      case 'recovery_codes_made': return dropFactor(subject)
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
      case 'recovery_codes_made': return restoreFactor(factorOf(removed))
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
      case 'method_removed': return restoreFactor(factorOf(removed))
      default: return takeAway(change)
    }
  }

  async function stashOf({ kind, subject, removed }: Change, account: Account): Promise<Change['removed']> {
    if (subject === undefined || removed) return removed
    if (kind === 'identifier_added') return account.identifiers.find((entry) => idOf(entry) === subject)
    if (kind !== 'method_added' && kind !== 'recovery_codes_made') return undefined
    const factor = await factors.get(subject)
    return factor && { ...factor }
  }

  async function correctListing({ kind, subject, accountId }: Change): Promise<void> {
    if (subject === undefined || (kind !== 'passkey_added' && kind !== 'passkey_removed')) return
    const passkey = await passkeys.get(subject)
    if (passkey && isUsable(passkey)) return
    await accounts.update(accountId, (account) => (account.credentialIds.includes(subject) ? unlisted(subject)(account) : undefined))
  }

  return { stashOf, takeAway, putBack, revert, correctListing, dropPasskey }
}

const idOf = ({ kind, value }: Entry): string => `${kind}:${value}`

type Stash = { [key: string]: Json | undefined } | undefined

/** What `stashOf` or the remover of an identifier put there. */
function entryOf(removed: Stash): Entry | undefined {
  const { kind, value, verifiedAt } = removed ?? {}
  if (typeof kind !== 'string' || typeof value !== 'string') return undefined
  return { kind: kind as IdentifierKind, value, ...(typeof verifiedAt === 'number' && { verifiedAt }) }
}

function factorOf(removed: Stash): Factor | undefined {
  return typeof removed?.['sealed'] === 'string' ? (removed as unknown as Factor) : undefined
}
