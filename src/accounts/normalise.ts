import type { Config } from '../config/schema.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { normaliseEmail } from './normalise-email.ts'
import { createPhoneNormaliser, looksLikePhone, readablePhone } from './normalise-phone.ts'
import { createUsernameNormaliser } from './normalise-username.ts'
import { readableEmail } from './readable-email.ts'

/** An identifier in the one form that is stored and compared. */
export interface Normalised {
  kind: IdentifierKind
  value: string
  /** one for all ways to write it, so that they share their budgets */
  throttleKey: string
  /** as people write it, for pages and mails; reads as `value` again */
  display: string
}

/**
 * `form`: no such identifier, or none that can be used. `local_part`: an address with letters before the @ that mail
 * servers do not take. `country`: a phone number without its country. `no_such_number`: one that reads right and that nobody has. `reserved`, `confusable`: a username that nobody
 * may take, or that passes for another one.
 */
export type Refusal = 'empty' | 'form' | 'local_part' | 'country' | 'no_such_number' | 'reserved' | 'confusable'

/** `kind`: what it was read as; absent where it could be any of those asked for */
export type Reading = ({ ok: true } & Normalised) | { ok: false; reason: Refusal; kind?: IdentifierKind }

type Known = Pick<Normalised, 'kind' | 'value'>

export interface Normaliser {
  /**
   * Reads what a person typed as one of `kinds`; which one, the text alone says: nothing is both an address and a phone
   * number, and a username is neither. `finding`: it may have been taken when other names were allowed, so a username
   * only has to have the form of one.
   */
  read(text: string, kinds: readonly IdentifierKind[], purpose?: 'taking' | 'finding'): Reading
  /** of a stored one */
  display(identifier: Known): string
  /** of a stored one, with the key of its budgets */
  recipient(identifier: Known): Pick<Normalised, 'kind' | 'value' | 'throttleKey'>
}

/** The one place where identifiers get their form. */
export function createNormaliser({ phone, username }: Config['identifiers']): Normaliser {
  const readPhone = createPhoneNormaliser(phone.defaultRegion)
  const readUsername = createUsernameNormaliser(username)

  function read(text: string, kinds: readonly IdentifierKind[], purpose: 'taking' | 'finding' = 'taking'): Reading {
    const kind = (text.trim() === '' ? undefined : kindOf(text, kinds)) ?? (kinds.length === 1 ? kinds[0] : undefined)
    const refused = (reason: Refusal): Reading => ({ ok: false, reason, ...(kind && { kind }) })
    if (text.trim() === '') return refused('empty')
    if (kind === undefined) return refused('form')
    const outcome = kind === 'email' ? normaliseEmail(text) : kind === 'phone' ? readPhone(text) : readUsername(text, purpose)
    if (!outcome.ok) return refused(outcome.reason)
    const { value } = outcome
    return { ok: true, kind, value, throttleKey: outcome.throttleKey, display: display({ kind, value }) }
  }

  return {
    read,
    display,
    recipient({ kind, value }) {
      const email = kind === 'email' ? normaliseEmail(value) : undefined
      return { kind, value, throttleKey: email?.ok ? email.throttleKey : value }
    },
  }
}

/** The kind that a text can be, of those asked for; undefined when it can be none of them. */
function kindOf(text: string, kinds: readonly IdentifierKind[]): IdentifierKind | undefined {
  const can = (kind: IdentifierKind) => (kinds.includes(kind) ? kind : undefined)
  if (/[@＠﹫]/.test(text)) return can('email')
  if (looksLikePhone(text)) return can('phone')
  return can('username')
}

function display({ kind, value }: Known): string {
  if (kind === 'email') return readableEmail(value)
  return kind === 'phone' ? readablePhone(value) : value
}
