import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import type { Budgets } from './budgets.ts'
import type { CheckResult, VerificationMethod } from './method.ts'

export interface TotpDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'ephemeral' | 'clock'>
  keyring: Keyring
  accounts: { findByIdentifier(identifier: { kind: IdentifierKind; value: string }): Promise<Account | undefined> }
  budgets: Budgets
  /** an identifier as people write it: the app shows it under the brand */
  display(identifier: { kind: IdentifierKind; value: string }): string
  config: { theme: { name: string } }
}

/** How an authenticator app is set up and removed. The caller has asked the guard. */
export interface TotpSetUp {
  /** A key that waits for its first code, 15 minutes long; asked again meanwhile it is the same. `key`: base32, `uri`: what the QR code says. */
  begin(account: Account, cid: string): Promise<{ key: string; uri: string }>
  /** The first code of the app makes the key a factor, in place of an older one. The code is spent by it. */
  confirm(account: Account, cid: string, code: string): Promise<CheckResult>
  /** No code of it is taken any more. */
  remove(account: Account): Promise<void>
}

/** Codes of an authenticator app (RFC 6238). */
export function createTotp(_deps: TotpDeps): VerificationMethod & TotpSetUp {
  const notYet = () => Promise.reject(new AppError('internal', 'not built yet'))
  return { name: 'totp', isAvailable: () => false, check: notYet, begin: notYet, confirm: notYet, remove: notYet }
}
