import { z } from 'zod'
import { idOf, nobody, type Known } from '../accounts/reservations.ts'
import type { Normaliser, Refusal } from '../accounts/normalise.ts'
import type { Config } from '../config/schema.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { fromBase32 } from '../verification/base32.ts'

/** Somebody from another system, as a line says. */
export interface Person {
  sub?: string
  /** the primary one of each kind first */
  identifiers: (Known & { proven: boolean })[]
  name?: string
  locale?: string
  /** ms */
  createdAt?: number
  totpKey?: Uint8Array
}

export type Reading = { person: Person } | { problems: string[] }

/** Said for a value that is not shown: the file has it. */
const plain = (longest: number) => z.string().min(1).max(longest).regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'holds a line break or a control character')

const notATime = 'is not a time: seconds since 1970, or text as in 2020-01-31T12:00:00Z'

/** Claims under the names of OpenID Connect Core 5.1. Nothing else is taken: a misspelt name must not lose anything silently. */
const schema = z.strictObject({
  /** Core 2: at most 255 ASCII characters; apps that have it go on as before */
  sub: z.string().max(255).regex(/^[\x21-\x7E]+$/, 'is not 1 to 255 characters of ASCII without blanks').refine((sub) => sub !== nobody, 'cannot be used').exactOptional(),
  email: z.string().exactOptional(),
  email_verified: z.boolean().exactOptional(),
  /** instead of `email`: all of them, the primary one first */
  emails: z.array(z.strictObject({ email: z.string(), email_verified: z.boolean().exactOptional() })).min(1).exactOptional(),
  phone_number: z.string().exactOptional(),
  phone_number_verified: z.boolean().exactOptional(),
  preferred_username: z.string().exactOptional(),
  name: plain(200).exactOptional(),
  locale: z.string().max(35).refine(isLanguage, 'is not a language tag (BCP 47)').exactOptional(),
  /** seconds since 1970, as `updated_at` is, or RFC 3339 */
  created_at: z.union([z.number(), z.iso.datetime({ offset: true, error: notATime })], notATime).transform((at) => (typeof at === 'number' ? at * 1000 : Date.parse(at)))
    .refine((at) => Number.isFinite(at) && at >= 0, 'is not a time').exactOptional(),
  totp: z.strictObject({
    key: z.string().transform((key) => fromBase32(key)),
    algorithm: z.literal('SHA1', 'is not SHA1: authenticator apps know nothing else').exactOptional(),
    digits: z.literal(6, 'is not 6').exactOptional(),
    period: z.literal(30, 'is not 30').exactOptional(),
  }).exactOptional(),
})

/** bytes: 80 bits are what the first apps made; RFC 4226 wants 128 for new keys, and these are not new */
const keyLength = { least: 10, most: 64 }

const reasons: Record<Refusal, string> = {
  empty: 'is empty',
  form: 'cannot be read',
  local_part: 'has letters before the @ that mail servers do not take',
  country: 'has no country: write +44…, or set identifiers.phone.defaultRegion',
  no_such_number: 'is no number that anybody has',
  reserved: 'is reserved',
  confusable: 'passes for a name in another script',
}

/** What a line says, or everything that is wrong with it, without the values. `now`: ms. */
export function createLineReader({ identifiers: config }: Pick<Config, 'identifiers'>, normaliser: Normaliser): (text: string | undefined, now: number) => Reading {
  return (text, now) => {
    if (text === undefined) return { problems: ['is longer than 64 KB, or not UTF-8'] }
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return { problems: ['is not JSON'] }
    }
    const parsed = schema.safeParse(value)
    if (!parsed.success) return { problems: parsed.error.issues.map((issue) => described(issue, value)) }
    const line = parsed.data
    const problems: string[] = []

    function identifier(field: string, kind: IdentifierKind, typed: string, proven: boolean): Person['identifiers'] {
      const read = normaliser.read(typed, [kind])
      if (read.ok) return [{ kind, value: read.value, proven }]
      problems.push(`${field}: ${reasons[read.reason]}`)
      return []
    }

    if (line.email !== undefined && line.emails) problems.push('emails: stands beside email: write one of them')
    if (line.email === undefined && line.email_verified !== undefined) problems.push('email_verified: stands without email')
    if (line.phone_number === undefined && line.phone_number_verified !== undefined) problems.push('phone_number_verified: stands without phone_number')
    if (line.created_at !== undefined && line.created_at > now) problems.push('created_at: is in the future')
    if (line.totp && (line.totp.key === undefined || line.totp.key.length < keyLength.least || line.totp.key.length > keyLength.most)) {
      problems.push(`totp.key: is not ${keyLength.least} to ${keyLength.most} bytes in base32`)
    }
    if ((line.emails?.length ?? 0) > config.email.max) problems.push(`emails: are more than the ${config.email.max} of identifiers.email.max`)
    const emails = line.emails ?? (line.email === undefined ? [] : [{ email: line.email, email_verified: line.email_verified ?? false }])
    const identifiers = [
      ...emails.flatMap(({ email, email_verified = false }, index) => identifier(line.emails ? `emails[${index}]` : 'email', 'email', email, email_verified)),
      ...(line.phone_number === undefined ? [] : identifier('phone_number', 'phone', line.phone_number, line.phone_number_verified ?? false)),
      ...(line.preferred_username === undefined ? [] : identifier('preferred_username', 'username', line.preferred_username, false)),
    ]
    if (new Set(identifiers.map(idOf)).size < identifiers.length) problems.push('emails: name one address twice')
    if (identifiers.length === 0 && problems.length === 0) problems.push('has no email, phone_number or preferred_username: nothing would find the account')
    if (problems.length > 0) return { problems }
    return {
      person: {
        identifiers,
        ...(line.sub !== undefined && { sub: line.sub }),
        ...(line.name !== undefined && { name: line.name }),
        ...(line.locale !== undefined && { locale: line.locale }),
        ...(line.created_at !== undefined && { createdAt: line.created_at }),
        ...(line.totp?.key && { totpKey: line.totp.key }),
      },
    }
  }
}

function described(issue: z.core.$ZodIssue, line: unknown): string {
  const { path, code } = issue
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '')
  if (code === 'unrecognized_keys') return `${[field, ...issue.keys].filter(Boolean).join('.')}: is not known here`
  return field === '' ? 'is not a JSON object' : `${field}: ${sentence(issue, line)}`
}

const typeNames: Record<string, string> = { string: 'text', boolean: 'true or false', array: 'a list', object: 'a JSON object' }

function sentence({ code, message, path, ...issue }: z.core.$ZodIssue, line: unknown): string {
  if (code === 'too_small') return 'is empty'
  if (code === 'too_big') return 'is too long'
  if (code !== 'invalid_type' || !('expected' in issue)) return message
  const value = path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), line)
  return value === undefined ? 'is missing' : `is not ${typeNames[String(issue.expected)] ?? 'what belongs here'}`
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
