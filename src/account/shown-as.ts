import { unbrokenPhone } from '../accounts/normalise-phone.ts'
import { readableEmail } from '../accounts/readable-email.ts'
import { identifierKinds } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'

type Entry = Account['identifiers'][number]

/** An identifier as people write it. */
export const readable = ({ kind, value }: Pick<Entry, 'kind' | 'value'>): string =>
  kind === 'email' ? readableEmail(value) : kind === 'phone' ? unbrokenPhone(value) : value

/** Whose account it is: its first identifier. */
export function shownAs({ identifiers }: Account): string | undefined {
  const first = identifierKinds.map((wanted) => identifiers.find(({ kind }) => kind === wanted)).find((entry) => entry !== undefined)
  return first && readable(first)
}
