/**
 * Whether a passkey of a phone or a security key may be made and used here, beside one of this device. Attachment and
 * hints are not signed (WebAuthn 5.4.4, 5.8.7): this shapes what people meet and is no security boundary.
 */

export const crossDeviceSettings = ['minimize', 'standard', 'maximize'] as const
export type CrossDevice = (typeof crossDeviceSettings)[number]

/** `here`: the authenticator of this device, or what stands for it (a password manager). `elsewhere`: a phone by QR code, or a security key. */
export type Place = 'here' | 'elsewhere'

/** `sign_up`: together with the account. `adding`: to an account that exists, at a sign-in or on its own pages. */
export type CreationCeremony = 'sign_up' | 'adding'

/** WebAuthn 5.4.4 and 5.8.7 */
export interface Wanted {
  attachment?: 'platform' | 'cross-platform'
  hints: ('client-device' | 'hybrid' | 'security-key')[]
}

/** What is known of the device in front of the person. */
export interface Surface {
  /** a phone or tablet: it is the device that others are crossed to */
  phone: boolean
  /** it can make and keep a passkey itself (`userVerifyingPlatformAuthenticator`) */
  platform: boolean
}

/** Where a passkey may be made, the place that leads first. Empty: none is offered, which is no error. */
export function creationPlaces(strategy: CrossDevice, ceremony: CreationCeremony, { phone, platform }: Surface): Place[] {
  const here: Place[] = platform ? ['here'] : []
  if (strategy === 'minimize') return here
  if (strategy === 'standard') return ceremony === 'sign_up' ? here : [...here, 'elsewhere']
  if (phone) return [...here, 'elsewhere']
  return ceremony === 'sign_up' ? ['elsewhere'] : ['elsewhere', ...here]
}

/** What to ask the browser for, so that a passkey is made in that place. */
export const creationAt = (place: Place): Wanted =>
  place === 'here' ? { attachment: 'platform', hints: ['client-device'] } : { attachment: 'cross-platform', hints: ['hybrid', 'security-key'] }

export interface SignInSurface {
  phone: boolean
  /** a passkey was used or made in this browser */
  marked: boolean
  /** the browser says by itself when there is no passkey here, without a QR code (`immediateGet`) */
  immediate: boolean
}

export interface SignInOffer {
  /** which place the passkey button asks for first */
  first: Place
  /** there is a passkey button: its dialog cannot be a bare QR code that nobody asked for */
  button: boolean
  /** "Passkey on my phone, or a security key" is among the ways */
  elsewhere: boolean
}

/** What a sign-in offers. `guard`: the enrolment guard asks, which may use a phone whatever the strategy. */
export function signInOffer(strategy: CrossDevice, { phone, marked, immediate }: SignInSurface, { guard = false } = {}): SignInOffer {
  if (strategy === 'minimize' && !guard) return { first: 'here', button: marked || immediate, elsewhere: false }
  return { first: strategy === 'maximize' && !phone ? 'elsewhere' : 'here', button: true, elsewhere: true }
}

/** Hints of a request for a passkey: `first` as in the offer, or the place that the person picked. None where the browser's own choice is as good. */
export function signInHints(strategy: CrossDevice, place: Place, { picked = false, guard = false } = {}): Wanted['hints'] {
  if (strategy === 'minimize' && !guard) return ['client-device']
  if (place === 'elsewhere') return ['hybrid', 'security-key']
  return picked ? ['client-device'] : []
}

/** `transports` of an entry of `allowCredentials` (WebAuthn 5.8.3). */
export function transportsAsked(strategy: CrossDevice, transports: string[], { guard = false } = {}): string[] {
  return strategy === 'minimize' && !guard ? ['internal'] : transports
}

/** How a passkey can be reached, as far as it is known. */
export interface Reachable {
  transports: string[]
  attachment?: 'platform' | 'cross-platform'
}

/** Whether a passkey of the account can sign in on this device at all, as the strategy has it. */
export function isUsableHere(strategy: CrossDevice, { transports, attachment }: Reachable): boolean {
  if (strategy !== 'minimize') return true
  return transports.length > 0 ? transports.includes('internal') : attachment === 'platform'
}

/** Where the passkey of an answer was. An absent attachment leaves it to the transports; what they do not say is unknown. */
export function placeOf({ attachment, transports }: Reachable): Place | undefined {
  if (attachment) return attachment === 'platform' ? 'here' : 'elsewhere'
  const internal = transports.includes('internal')
  const other = transports.some((transport) => transport !== 'internal')
  return internal === other ? undefined : internal ? 'here' : 'elsewhere'
}

/** `not_elsewhere`: a passkey of this device is wanted. `not_here`: one of a phone or security key is. `note`: for the audit log. */
export type CrossDeviceVerdict = { ok: true; place?: Place; note?: string } | { ok: false; place: Place; reason: 'not_elsewhere' | 'not_here' }

/**
 * Whether an answer, to a sign-in or a creation, is one that the strategy takes. `transports`: of the answer at a
 * creation, as they were stored at a sign-in. `guard`: asks for this sign-in.
 */
export function judgeAnswer(
  strategy: CrossDevice,
  ceremony: CreationCeremony | 'sign_in',
  answer: Reachable,
  { phone, guard = false }: { phone: boolean; guard?: boolean },
): CrossDeviceVerdict {
  const place = placeOf(answer)
  if (place === undefined) return { ok: true, note: 'neither attachment nor transports say where the passkey is' }
  const asked = guard && ceremony === 'sign_in'
  if (place === 'elsewhere' && strategy === 'minimize' && !asked) return { ok: false, place, reason: 'not_elsewhere' }
  if (place === 'here' && strategy === 'maximize' && ceremony === 'sign_up' && !phone) return { ok: false, place, reason: 'not_here' }
  const unasked = place === 'elsewhere' && strategy === 'standard' && ceremony === 'sign_up'
  return { ok: true, place, ...(unasked && { note: 'made elsewhere, although this device was asked' }) }
}
