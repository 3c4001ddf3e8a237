// The largest metadata: only it knows the patterns of each kind of number, and so which of them take no messages.
import { parsePhoneNumberFromString, type CountryCode, type NumberType } from 'libphonenumber-js/max'

/** `value` is E.164: `+447700900123`. */
export type PhoneNormalisation = { ok: true; value: string; throttleKey: string } | { ok: false; reason: 'empty' | 'form' | 'country' | 'no_such_number' }

/** With its punctuation and blanks; E.164 itself has at most 15 digits. */
const longest = 40
const digits = { shortest: 4, longest: 17 }
/** What people write between digits: blanks, brackets, dots, slashes, and every dash that editors and contact apps put there. */
const punctuation = /[\s()./\-\u2010-\u2015\u2212\u30FC]/gu
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** Numbers that cost whoever calls or is called, that belong to a service, or that reach no phone: a code sent there is money lost or never read. */
const noPhones: ReadonlySet<NumberType> = new Set(['PREMIUM_RATE', 'SHARED_COST', 'TOLL_FREE', 'PERSONAL_NUMBER', 'UAN', 'VOICEMAIL', 'PAGER'])

/** Whether a text could be meant as a phone number: digits of any script and the signs between them. */
export const looksLikePhone = (text: string): boolean => {
  const plain = plainOf(text)
  const count = plain.replace(/^\+/, '').length
  return /^\+?\d+$/.test(plain) && count >= digits.shortest && (count <= digits.longest || plain.startsWith('+'))
}

/**
 * Reads what a person typed as a phone number: international, or as it is dialled in the default region. Extensions and
 * letters are refused, since no message reaches them; so are numbers that bill and numbers of services.
 */
export function createPhoneNormaliser(defaultRegion: string | undefined): (text: string) => PhoneNormalisation {
  return (text) => {
    if (text.trim() === '') return { ok: false, reason: 'empty' }
    const plain = plainOf(text)
    if (control.test(text) || text.trim().length > longest || !/^\+?\d{4,}$/.test(plain)) return { ok: false, reason: 'form' }

    const number = parse(plain, defaultRegion) ?? parse(plain.replace(/^00/, '+'), undefined)
    if (number !== undefined) return { ok: true, value: number, throttleKey: number }
    const national = !plain.startsWith('+') && !plain.startsWith('00')
    if (national && defaultRegion === undefined) return { ok: false, reason: 'country' }
    return { ok: false, reason: looksReal(plain, defaultRegion) ? 'no_such_number' : 'form' }
  }
}

function parse(plain: string, region: string | undefined): string | undefined {
  if (region === undefined && !plain.startsWith('+')) return undefined
  const number = parsePhoneNumberFromString(plain, { extract: false, ...(region !== undefined && { defaultCountry: region as CountryCode }) })
  if (!number?.isValid()) return undefined
  const type = number.getType()
  return type !== undefined && noPhones.has(type) ? undefined : number.number
}

/** A number with a country and as many digits as numbers have there, and yet none that anybody has been given. */
function looksReal(plain: string, region: string | undefined): boolean {
  const number = parsePhoneNumberFromString(plain.replace(/^00/, '+'), { extract: false, ...(region !== undefined && { defaultCountry: region as CountryCode }) })
  return number !== undefined && number.isPossible() && !number.isValid()
}

/** `+44 7700 900123`; what is no number stays as it is. */
export const readablePhone = (value: string): string => parsePhoneNumberFromString(value, { extract: false })?.formatInternational() ?? value

/** The same where no line may end inside it. Reading takes such blanks and dashes for what they stand for. */
export const unbrokenPhone = (value: string): string => readablePhone(value).replaceAll(' ', '\u00A0').replaceAll('-', '\u2011')

/** Only digits in ASCII and the plus in front. Contact apps wrap numbers in marks for the writing direction: nobody typed them. */
function plainOf(text: string): string {
  const folded = text.trim().normalize('NFKC').replace(/\p{Cf}/gu, '').replace(punctuation, '')
  return folded.replace(/\p{Nd}/gu, asciiDigit)
}

/** Each script has its digits in rows of ten, zero first (Unicode Standard 4.6). */
function asciiDigit(digit: string): string {
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0)! - before - 1))) before += 1
  return String(before % 10)
}
