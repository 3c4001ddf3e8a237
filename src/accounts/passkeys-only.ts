import type { Proof } from '../policy/types.ts'
import type { Account, Change, Storage } from '../storage/types.ts'
import type { Changes } from './changes.ts'
import { proofStands } from './may-authenticate.ts'

/** `unchanged`: it was so already; `no_way_back`: who loses the only passkey would be locked out; `frozen`: somebody has to decide first. */
export type PasskeysOnlyOutcome = 'done' | 'unchanged' | 'no_way_back' | 'frozen'

export interface PasskeysOnly {
  /**
   * Nothing phishable signs in any more, and what was open by that alone ends; or it does again. Nobody is locked out by
   * it. The caller has asked the guard. `by`: from where it was done; left out: by the operator.
   */
  set(account: Account, on: boolean, by?: Pick<Change, 'deviceHash' | 'userAgent'>): Promise<PasskeysOnlyOutcome>
  /** Whether it would be `no_way_back`, and what there is of the two that make one: passkeys, and recovery codes that are left. */
  wayBack(account: Account): { enough: boolean; passkeys: number; codes: number }
}

interface Deps {
  storage: Pick<Storage, 'accounts' | 'changes' | 'clock'>
  changes: Pick<Changes, 'record'>
  revocation: { endSessions(accountId: string, which: (session: { proofs: Proof[] }) => boolean): Promise<number> }
  audit: { record(type: 'account.passkeys_only', subject: { accountId: string }, detail: { on: boolean; changeId: string }): Promise<void> }
  /** tells the person, with what stops it */
  announce(account: Account, change: Change): Promise<void>
  config: { verification: { methods: readonly string[] } }
}

/** Instead of a browser's: pages and mails say who it was. */
const operator = { deviceHash: 'operator', userAgent: 'operator' }

/** Switching phishable methods off for one account, and on again. Written in the order of any addition: change, mail, account. */
export function createPasskeysOnly({ storage: { accounts, changes: stored, clock }, changes, revocation, audit, announce, config }: Deps): PasskeysOnly {
  function whyNot({ passkeysOnlySince, frozen, credentialIds, factors }: Account, on: boolean): Exclude<PasskeysOnlyOutcome, 'done'> | undefined {
    if ((passkeysOnlySince !== undefined) === on) return 'unchanged'
    if (frozen) return 'frozen'
    return !on || wayBack({ credentialIds, ...(factors && { factors }) }).enough ? undefined : 'no_way_back'
  }

  function wayBack({ credentialIds, factors }: Pick<Account, 'credentialIds' | 'factors'>) {
    const passkeys = credentialIds.length
    const codes = config.verification.methods.includes('recovery_code') ? (factors?.recovery_codes?.left ?? 0) : 0
    return { enough: passkeys > 1 || (passkeys > 0 && codes > 0), passkeys, codes }
  }

  return {
    wayBack,
    async set(account, on, by = operator) {
      const refused = whyNot(account, on)
      if (refused) return refused
      const change = await changes.record({ ...by, accountId: account.id, kind: on ? 'passkeys_only_on' : 'passkeys_only_off' })
      await announce(account, change)
      let outcome: PasskeysOnlyOutcome = 'done'
      const now = await accounts.update(account.id, (current) => {
        const { passkeysOnlySince: _, ...rest } = current
        outcome = whyNot(current, on) ?? 'done'
        return outcome === 'done' ? { ...rest, ...(on && { passkeysOnlySince: clock.now() }) } : undefined
      })
      if (!now || outcome !== 'done') {
        // It did not happen: there is nothing to take back.
        await stored.update(change.id, (current) => ({ ...current, settled: { at: clock.now(), how: 'undone' } }))
        return outcome
      }
      if (on) await revocation.endSessions(account.id, ({ proofs }) => proofs.length > 0 && !proofs.some((proof) => proofStands(now, proof)))
      await audit.record('account.passkeys_only', { accountId: account.id }, { on, changeId: change.id })
      return outcome
    },
  }
}
