import { kindOf, type Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'

/** The one decision whether an account may sign in, hold a session or be issued a token. */
export function accountMayAuthenticate(account: Account | undefined): account is Account {
  return account !== undefined && account.disabledAt === undefined
}

/**
 * Whether a proof recorded earlier still stands: the passkey, identifier or factor that made it belongs to the account
 * now, and the account takes such proofs. What was frozen, removed or switched off proves nothing any more, in whatever
 * session or login it was recorded.
 */
export function proofStands(account: Account, { method, at, credentialId, identifier }: Proof): boolean {
  if (account.passkeysOnlySince !== undefined && kindOf(method) !== undefined) return false
  if (method === 'totp' && at < (account.factors?.totp?.since ?? Infinity)) return false
  // Who signs in by an old code and makes new ones has proven no less.
  if (method === 'recovery_code' && !account.factors?.recovery_codes) return false
  if (credentialId !== undefined && !account.credentialIds.includes(credentialId)) return false
  return identifier === undefined || account.identifiers.some(({ kind, value }) => `${kind}:${value}` === identifier)
}
