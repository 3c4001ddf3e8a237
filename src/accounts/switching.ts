import type { Account, Storage } from '../storage/types.ts'

export interface Switching {
  /** Ends what the account has open, a recovery and a help link too, on every process; undefined when there is no such account. May be repeated. */
  disable(accountId: string): Promise<Account | undefined>
  /** Lets it sign in again; nothing that was open comes back. undefined when there is no such account. */
  enable(accountId: string): Promise<Account | undefined>
}

interface Deps {
  storage: Pick<Storage, 'accounts' | 'clock'>
  revocation: { endAll(accountId: string): Promise<void> }
  tickets: { revokeEnrol(accountId: string): Promise<void> }
  audit: { record(type: 'account.disabled' | 'account.enabled', subject: { accountId: string }, detail: Record<never, never>): Promise<void> }
}

/** Switching accounts off and on. */
export function createSwitching({ storage: { accounts, clock }, revocation, tickets, audit }: Deps): Switching {
  return {
    async disable(accountId) {
      // First the mark that everybody asks for: should the process die here, what is left open is refused wherever it is used.
      const account = await accounts.update(accountId, ({ recovery: _, ...current }) => ({ ...current, disabledAt: current.disabledAt ?? clock.now() }))
      if (!account) return undefined
      await revocation.endAll(accountId)
      await tickets.revokeEnrol(accountId)
      await audit.record('account.disabled', { accountId }, {})
      return account
    },

    async enable(accountId) {
      // Again, for what a request wrote that had begun before the account was switched off.
      if (!(await accounts.get(accountId))) return undefined
      await revocation.endAll(accountId)
      const account = await accounts.update(accountId, ({ disabledAt: _, ...current }) => current)
      await audit.record('account.enabled', { accountId }, {})
      return account
    },
  }
}
