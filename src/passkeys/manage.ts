import { AppError } from '../errors.ts'
import { placeOf } from '../policy/cross-device.ts'
import { isUsable } from '../policy/passkeys.ts'
import type { Account, Passkey, Storage } from '../storage/types.ts'
import { authenticatorFor } from './authenticators.ts'

/** What people do with passkeys that they have. Adding and removing are changes to the ways in, and go through the guard. */
export interface ManagePasskeys {
  /** `name`: 1 to 64 characters, of which blanks at the ends count for nothing; '' takes the own name away. undefined: the account has no such passkey any more. */
  rename(account: Account, id: string, name: string): Promise<Passkey | undefined>
  /** The one that is named on buttons and asked for first. undefined: the account has no such passkey any more. */
  makeDefault(account: Account, id: string): Promise<Account | undefined>
}

/** characters */
export const longestName = 64

export function createManage({ passkeys, accounts }: Pick<Storage, 'passkeys' | 'accounts'>): ManagePasskeys {
  const isTheirs = (account: Account, passkey: Passkey | undefined): passkey is Passkey => passkey?.accountId === account.id && isUsable(passkey)

  return {
    async rename(account, id, text) {
      const name = cleaned(text)
      if (name.length > longestName) throw new AppError('bad_request', 'the name is too long')
      let named = false
      const passkey = await passkeys.update(id, (current) => {
        named = isTheirs(account, current)
        const { name: _, ...rest } = current
        return named ? { ...rest, ...(name !== '' && { name }) } : undefined
      })
      return named ? passkey : undefined
    },

    async makeDefault(account, id) {
      if (!isTheirs(account, await passkeys.get(id))) return undefined
      // The list has the last word: one that was removed in between is no default.
      const updated = await accounts.update(account.id, (current) => (current.credentialIds.includes(id) ? { ...current, defaultPasskeyId: id } : undefined))
      return updated?.defaultPasskeyId === id && updated.credentialIds.includes(id) ? updated : undefined
    },
  }
}

/** What cannot be seen is no part of a name: it could make one passkey look like another. */
export const cleaned = (text: string): string => text.normalize('NFC').replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').replace(/\s+/g, ' ').trim()

/** What a passkey is called: its own name, its keeper, what it is on, or where it was made. */
export function baseName(passkey: Pick<Passkey, 'name' | 'aaguid' | 'enrolledUserAgent' | 'attachment' | 'transports'>): string {
  const { name, aaguid, enrolledUserAgent, transports } = passkey
  const keeper = name ?? authenticatorFor(aaguid)?.name
  if (keeper !== undefined || placeOf(passkey) !== 'elsewhere') return keeper ?? enrolledUserAgent
  return transports.includes('hybrid') || transports.includes('internal') ? 'Phone' : 'Security key'
}

/** … told apart by a number where two would be called the same; `passkeys`: oldest first. */
export function namesOf(passkeys: Passkey[]): Map<string, string> {
  const taken = new Map<string, number>()
  const again = new Set(passkeys.map(baseName).filter((name, index, all) => all.indexOf(name) !== index))
  return new Map(
    passkeys.map((passkey) => {
      const name = baseName(passkey)
      if (!again.has(name)) return [passkey.id, name]
      const number = (taken.get(name) ?? 0) + 1
      taken.set(name, number)
      return [passkey.id, `${name} ${number}`]
    }),
  )
}
