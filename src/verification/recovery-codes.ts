import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import type { Budgets } from './budgets.ts'
import type { VerificationMethod } from './method.ts'

export interface RecoveryCodesDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'clock'>
  keyring: Keyring
  accounts: { findByIdentifier(identifier: { kind: IdentifierKind; value: string }): Promise<Account | undefined> }
  budgets: Budgets
}

/** How recovery codes are made. The caller has asked the guard. */
export interface RecoveryCodes {
  /** Ten codes like 4KTP-9WQX, to be shown once; the ones before them end in the same write. */
  make(account: Account): Promise<{ codes: string[]; factorId: string }>
  /** whether these are codes of the account that were not used: what a page was given back may go into a file */
  areCurrent(account: Account, codes: string[]): Promise<boolean>
}

/** Codes on paper: each works once. */
export function createRecoveryCodes(_deps: RecoveryCodesDeps): VerificationMethod & RecoveryCodes {
  const notYet = () => Promise.reject(new AppError('internal', 'not built yet'))
  return { name: 'recovery_code', isAvailable: () => false, check: notYet, make: notYet, areCurrent: notYet }
}
