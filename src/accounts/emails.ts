import type { Account } from '../storage/types.ts'
import { normaliseEmail } from './normalise-email.ts'

/** The account's addresses, the primary one first. */
export const emailsOf = (account: Account | undefined): string[] =>
  (account?.identifiers ?? []).filter(({ kind }) => kind === 'email').map(({ value }) => value)

/** The keys under which all ways to write these mailboxes are one. */
export const throttleKeys = (emails: string[]): string[] =>
  emails.flatMap((email) => {
    const read = normaliseEmail(email)
    return read.ok ? [read.throttleKey] : []
  })
