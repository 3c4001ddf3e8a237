import { domainToASCII } from 'node:url'

/** An email address in the one form that is stored, compared and mailed to. */
export interface NormalisedEmail {
  /** lower case, ASCII: the domain in its IDNA form */
  value: string
  /** one for all ways to write a mailbox, so that they share their budgets: without `+tag`, at Gmail without dots too */
  throttleKey: string
}

export type EmailNormalisation = ({ ok: true } & NormalisedEmail) | { ok: false; reason: 'empty' | 'form' | 'local_part' }

/** RFC 5321, section 4.5.3.1 */
const longest = { address: 254, localPart: 64, domain: 253 }

/** RFC 5321, section 4.1.2: Dot-string. Quoted forms are left out: nobody has one, and they carry blanks and commas. */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
/** What people write before the @ in their own language (RFC 6531), which not every mail server takes. */
const localPartOfLetters = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u
/** At least two labels, and a last one that is no number, so that no IP address passes for a domain. */
const domainName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** What may go into IDNA: it would decode `%41` and drop invisible characters without a word. */
const domainText = /^[\p{L}\p{M}\p{N}.-]+$/u
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * Reads what a person typed as an email address. Blanks around it, letter case and compatibility forms (full-width
 * letters and the like) do not matter; line breaks and control characters are refused wherever they stand.
 */
export function normaliseEmail(text: string): EmailNormalisation {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: false, reason: 'empty' }
  if (control.test(text) || trimmed.length > longest.address) return { ok: false, reason: 'form' }

  const folded = trimmed.normalize('NFKC').toLowerCase()
  const at = folded.lastIndexOf('@')
  const local = folded.slice(0, Math.max(at, 0))
  const domain = toAsciiDomain(folded.slice(at + 1))
  const value = `${local}@${domain}`
  if (domain === undefined) return { ok: false, reason: 'form' }
  if (!localPart.test(local)) return { ok: false, reason: /\P{ASCII}/u.test(local) && localPartOfLetters.test(local) ? 'local_part' : 'form' }
  if (local.length > longest.localPart || value.length > longest.address) return { ok: false, reason: 'form' }

  return { ok: true, value, throttleKey: throttleKeyOf(local, domain) }
}

/** Domains whose mailboxes have any number of dots (https://support.google.com/mail/answer/7436150). */
const dotless = new Set(['gmail.com', 'googlemail.com'])

function throttleKeyOf(local: string, domain: string): string {
  const mailbox = local.split('+', 1)[0] || local
  return dotless.has(domain) ? `${mailbox.replaceAll('.', '')}@gmail.com` : `${mailbox}@${domain}`
}

function toAsciiDomain(text: string): string | undefined {
  if (!domainText.test(text)) return undefined
  const ascii = domainToASCII(text)
  return ascii.length <= longest.domain && domainName.test(ascii) ? ascii : undefined
}
