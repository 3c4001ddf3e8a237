import type { Account, Passkey, Storage } from '../storage/types.ts'

/**
 * Makes the account list its passkey; resolves to the account as stored. A passkey is written before its account lists
 * it, and only after guard and verification, so that one found unlisted (the process died in between) is adopted.
 */
export async function listInAccount(accounts: Storage['accounts'], account: Account, passkey: Passkey): Promise<Account> {
  if (account.credentialIds.includes(passkey.id)) return account
  const listed = await accounts.update(account.id, (current) =>
    current.credentialIds.includes(passkey.id)
      ? undefined
      : { ...current, credentialIds: [...current.credentialIds, passkey.id] },
  )
  return listed ?? account
}
