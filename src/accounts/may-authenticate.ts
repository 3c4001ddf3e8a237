import type { Account } from '../storage/types.ts'

/** The one decision whether an account may sign in, hold a session or be issued a token. */
export function accountMayAuthenticate(account: Account | undefined): account is Account {
  return account !== undefined && account.disabledAt === undefined
}
