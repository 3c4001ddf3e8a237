import { randomId } from '../secrets/keyring.ts'
import type { Account, Recovery, Storage } from '../storage/types.ts'

export interface Recoveries {
  /**
   * Starts the wait, or gives the one that this browser has started already. Another browser's is replaced: whoever
   * asks last waits longest, and the addresses of the account are told each time: `announce` is called before the wait
   * begins, so that a process that dies in between leaves a mail about nothing, never a wait that nobody was told of.
   */
  start(account: Account, where: { deviceHash: string; userAgent: string }, announce?: (recovery: Recovery) => Promise<void>): Promise<Recovery>
  /** whether this call ended it */
  cancel(accountId: string, recoveryId: string): Promise<boolean>
  /** the right to add one passkey: true for exactly one caller, and only while it is ready */
  use(accountId: string, recoveryId: string): Promise<boolean>
}

/** ms: how long a recovery can be used once it is ready */
const usableFor = 7 * 24 * 60 * 60 * 1000

interface RecoveryAudit {
  record(type: 'recovery.started', subject: Subject, detail: { recoveryId: string; readyAt: number }): Promise<void>
  record(type: 'recovery.cancelled' | 'recovery.used', subject: Subject, detail: { recoveryId: string }): Promise<void>
}
type Subject = { accountId: string; deviceHash?: string; userAgent?: string }

export interface RecoveriesDeps {
  storage: Pick<Storage, 'accounts' | 'clock'>
  /** ms: `recovery.delay` */
  delay: number
  audit: RecoveryAudit
}

/** Ways back that take time. Each step is one atomic write of the account's own record, and an entry of the audit log. */
export function createRecoveries({ storage: { accounts, clock }, delay, audit }: RecoveriesDeps): Recoveries {
  /** Takes the recovery off the account where `may` says so; whether it was this call that did. */
  async function take(accountId: string, recoveryId: string, may: (recovery: Recovery) => boolean): Promise<boolean> {
    let taken = false
    await accounts.update(accountId, ({ recovery, ...account }) => {
      taken = recovery?.id === recoveryId && may(recovery)
      return taken ? account : undefined
    })
    return taken
  }

  return {
    async start({ id }, { deviceHash, userAgent }, announce) {
      const now = clock.now()
      const isRunning = (recovery: Recovery | undefined): boolean => recovery !== undefined && recovery.deviceHash === deviceHash && now < recovery.expiresAt
      /** since it was told of: what it would have to outlive */
      const isDisowned = ({ lastFrozenAt = now }: Account): boolean => lastFrozenAt > now
      const before = (await accounts.get(id))?.recovery
      if (before && isRunning(before)) return before

      const readyAt = now + delay
      const started: Recovery = { id: randomId(), startedAt: now, readyAt, expiresAt: readyAt + usableFor, deviceHash, userAgent }
      await announce?.(started)
      const account = await accounts.update(id, (current) => (isRunning(current.recovery) || isDisowned(current) ? undefined : { ...current, recovery: started }))
      const recovery = account?.recovery ?? started
      if (recovery.id === started.id) await audit.record('recovery.started', { accountId: id, deviceHash, userAgent }, { recoveryId: recovery.id, readyAt })
      return recovery
    },

    async cancel(accountId, recoveryId) {
      const cancelled = await take(accountId, recoveryId, () => true)
      if (cancelled) await audit.record('recovery.cancelled', { accountId }, { recoveryId })
      return cancelled
    },

    async use(accountId, recoveryId) {
      const used = await take(accountId, recoveryId, ({ readyAt, expiresAt }) => readyAt <= clock.now() && clock.now() < expiresAt)
      if (used) await audit.record('recovery.used', { accountId }, { recoveryId })
      return used
    },
  }
}
