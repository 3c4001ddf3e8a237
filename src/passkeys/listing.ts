import { isUsable } from '../policy/passkeys.ts'
import type { Account, Passkey, Storage } from '../storage/types.ts'

/**
 * Makes the account list its passkey if it is usable, and not list it otherwise; resolves to the account as stored. A
 * passkey is written before its account lists it, and only after guard and verification, so that one found unlisted
 * (the process died in between) is adopted, unless it came with what somebody has disowned since; one that is taken away
 * is marked before its account drops it. `may` is asked in the very write that lists it.
 */
export async function listInAccount(
  { accounts, passkeys }: Pick<Storage, 'accounts' | 'passkeys'>,
  account: Account,
  passkey: Passkey,
  may: (current: Account) => boolean = ({ frozen }) => frozen === undefined || passkey.createdAt < frozen.since,
): Promise<Account> {
  if (account.credentialIds.includes(passkey.id) === isUsable(passkey)) return account
  if (!isUsable(passkey)) return (await accounts.update(account.id, (current) => without(current, passkey.id))) ?? account
  const listed = await accounts.update(account.id, (current) =>
    current.credentialIds.includes(passkey.id) || !may(current)
      ? undefined
      : { ...current, credentialIds: [...current.credentialIds, passkey.id] },
  )
  // Whoever marked it since we read it may have looked at the account before us.
  const now = await passkeys.get(passkey.id)
  if (now && isUsable(now)) return listed ?? account
  return (await accounts.update(account.id, (current) => without(current, passkey.id))) ?? account
}

function without(account: Account, id: string): Account | undefined {
  if (!account.credentialIds.includes(id)) return undefined
  return { ...account, credentialIds: account.credentialIds.filter((listed) => listed !== id) }
}
