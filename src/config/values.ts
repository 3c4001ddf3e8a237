import { normaliseEmail } from '../accounts/normalise-email.ts'
import { isIP } from 'node:net'
import { z } from 'zod'
import { strategies, type Strategies } from '../policy/strategy.ts'

/**
 * The kinds of value a setting can have. The `title` of each is the sentence that editors and problems show as "what
 * is allowed", so it is written for operators.
 */

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const durationPattern = /^([1-9]\d{0,8})(ms|s|m|h|d)$/

/** `7d` or `10m` as milliseconds; undefined when it is not a duration */
function parseDuration(text: string): number | undefined {
  const [, count, unit] = durationPattern.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * units[unit as keyof typeof units]
}

/** Read as text like `10m`, seen by the code as milliseconds. The limits are part of the schema. */
export function duration(least: string, most: string) {
  const inRange = (text: string) => within(parseDuration(text), parseDuration(least), parseDuration(most))
  return z
    .string()
    .regex(durationPattern, 'is not a duration')
    .refine(inRange, { error: 'is out of range', abort: true })
    .transform((text) => parseDuration(text) ?? 0)
    .meta({ title: `a duration from ${least} to ${most}: a whole number with ms, s, m, h or d, as in 10m` })
}

function within(value: number | undefined, least = 0, most = Infinity): boolean {
  return value === undefined || (value >= least && value <= most)
}

export const wholeNumber = (least: number, most: number) =>
  z.int().min(least).max(most).meta({ title: `a whole number from ${least} to ${most}` })

/** Text for people: one line, since it ends up in headings and mail headers. */
export const line = (most: number) =>
  z.string().min(1).max(most).regex(/^\P{Cc}+$/u, 'holds a line break or control character')
    .meta({ title: `text on one line, 1 to ${most} characters` })

export const hexColour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'is not a colour')
  .meta({ title: 'a colour as # and six hexadecimal digits, as in "#3355ff" (with quotes: YAML reads # as a comment)' })

export const origin = z
  .string()
  .refine((text) => parseUrl(text)?.origin === text && isWebUrl(text), 'is not an origin')
  .meta({ title: 'scheme, host and port only, as in https://login.example.com (no path, no slash at the end)' })

/** Addresses that the browser or the server calls: https, or http on this machine. */
export const webUrl = z
  .string()
  .refine((text) => isSafeUrl(text), 'is not a safe web address')
  .meta({ title: 'an https:// address (http:// only for localhost, 127.0.0.1 and [::1])' })

export const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, 'is not a host name')
  .refine((text) => !isIP(text), 'is an IP address: passkeys need a name')
  .meta({ title: 'a host name in lower case, as in example.com' })

/** What Apple calls an app ID: the team's or app's prefix and the bundle ID. */
export const appleApp = z
  .string()
  .regex(/^[A-Z0-9]{10}\.[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'is not an app ID')
  .max(200)
  .meta({ title: 'ten letters and digits, a full stop and the bundle ID, as in ABCDE12345.com.example.app' })

export const androidPackage = z
  .string()
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/, 'is not the name of an Android package')
  .max(200)
  .meta({ title: 'the application ID, as in com.example.app' })

export const certificateFingerprint = z
  .string()
  .regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}$/, 'is not a SHA-256 fingerprint')
  .meta({ title: '32 pairs of hexadecimal digits with colons between them, as in 14:6D:E9:… (SHA-256, not SHA-1)' })

/** Peers whose `X-Forwarded-*` headers are believed. */
export const addressRange = z
  .string()
  .refine(isAddressRange, 'is not an address or range')
  .meta({ title: 'an IP address or a range in CIDR form, as in 10.0.0.0/8 or ::1' })

export const smtpUrl = z
  .string()
  .refine((text) => ['smtp:', 'smtps:'].includes(parseUrl(text)?.protocol ?? '') && parseUrl(text)?.hostname !== '', 'is not an SMTP address')
  .meta({ title: 'smtp://user:password@host:port, or smtps:// for TLS from the start; best given as ${SMTP_URL}' })

/** Stands beside the secret of the same name; `references.ts` replaces it by the file's content before the schema is applied. */
export const secretFile = z.string().min(1).exactOptional()
  .meta({ title: 'path of a file that holds the secret, absolute or relative to the config folder' })

export const mailbox = z
  .string()
  .max(320)
  .regex(/^(?:[^<>\p{Cc}]{0,100}<([^<>@\s\p{Cc}]+@[^<>@\s\p{Cc}]+)>|[^<>@\s\p{Cc}]+@[^<>@\s\p{Cc}]+)$/u, 'is not a sender')
  .meta({ title: 'an address, or a name with an address: Example <login@example.com>' })

/** RFC 9110 section 5.1 */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'is not the name of a header')
  .meta({ title: 'the name of a request header, as in CF-IPCountry' })

/** RFC 6749 section 3.3 */
export const scopeToken = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'is not a scope')
  .meta({ title: 'a scope name: printable ASCII without spaces, quotes or backslashes' })

/** RFC 8707 section 2: an absolute URI without a fragment */
export const resourceIndicator = z
  .string()
  .refine((text) => parseUrl(text) !== undefined && !text.includes('#'), 'is not a resource indicator')
  .meta({ title: 'an absolute URI without a fragment, as in https://api.example.com' })

export function parseUrl(text: string): URL | undefined {
  // new URL() repairs blanks and backslashes; a config must say exactly what it means
  return /[\s\\]/.test(text) ? undefined : (URL.parse(text) ?? undefined)
}

/** Whether a URL's host is this machine, in the forms that browsers treat as a secure context. */
export function isLoopbackHost(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\//.test(text)
}

function isSafeUrl(text: string): boolean {
  const url = parseUrl(text)
  if (!url || !isWebUrl(text) || url.username || url.password || url.hash || text.includes('*')) return false
  return url.protocol === 'https:' || isLoopbackHost(url.hostname)
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (!family || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** A country as libphonenumber knows it (ISO 3166-1 alpha-2). */
export const region = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is not a country code')
  .meta({ title: 'two capital letters (ISO 3166), as in GB' })

/** letters, digits and the signs between them */
export const usualUsernames = String.raw`[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?`

/** A pattern for whole usernames; anchors are added where it is used. */
export const usernamePattern = z
  .string()
  .min(1)
  .max(200)
  .refine(isPattern, 'is not a regular expression')
  .meta({ title: 'a regular expression (JavaScript, with the u flag), matched against the whole name' })

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp
  } catch {
    return false
  }
}

const oneStrategy = z.enum(strategies)

const whichStrategy = { title: 'none, at_sign_up or before_first_login, or { email: …, phone: … } with one of them each' }

/** One for all kinds, or one for each: `{ email, phone }` either way. */
export const strategy = z
  .union([oneStrategy, z.strictObject({ email: oneStrategy.default('at_sign_up'), phone: oneStrategy.default('at_sign_up') })], 'is not a strategy')
  .transform((value) => (typeof value === 'string' ? { email: value, phone: value } : value))
  .meta(whichStrategy)

/** The same of an app: a kind that it does not name stays as it is on the server. */
export const ownStrategy = z
  .union([oneStrategy, z.strictObject({ email: oneStrategy.exactOptional(), phone: oneStrategy.exactOptional() })], 'is not a strategy')
  .transform((value): Partial<Strategies> => (typeof value === 'string' ? { email: value, phone: value } : value))
  .meta(whichStrategy)

/** Whether a new account needs an identifier of a kind. */
export const signUpSettings = ['required', 'optional', 'off'] as const

/** Somebody, or `@example.com` for everybody there, in the form in which identifiers are kept. */
export const person = line(254).transform((text) => {
  const trimmed = text.trim().normalize('NFKC')
  if (/^\+[\d\s().-]+$/.test(trimmed)) return `+${trimmed.replace(/\D/g, '')}`
  const email = normaliseEmail(trimmed.startsWith('@') ? `a${trimmed}` : trimmed)
  if (!email.ok) return trimmed.toLowerCase()
  return trimmed.startsWith('@') ? email.value.slice(1) : email.value
})
