import { isUsableHere, signInOffer, type CrossDevice, type Place, type Reachable, type SignInOffer } from '../policy/cross-device.ts'
import { kindOfPasskey, type PasskeyKind } from '../policy/passkeys.ts'
import type { Passkey } from '../storage/types.ts'
import type { Fabric } from './authenticators.ts'
import { isPhone } from './user-agent.ts'

/** What script found out about its browser (WebAuthn Level 3, 5.1.7). A hint: it decides what is offered, never what is allowed. */
/* a type, not an interface: it is stored as JSON */
export type Capabilities = {
  /** script ran at all */
  script: boolean
  /** PublicKeyCredential exists */
  webauthn: boolean
  /** a platform authenticator with user verification */
  platform: boolean
  /** autofill of passkeys */
  conditional?: boolean
  /** tells by itself when there is no passkey here, without a QR code */
  immediate?: boolean
  /** the passkey of a phone, by QR code; absent: the browser does not say */
  hybrid?: boolean
}

/** One passkey of the account, as far as it says where it can be used. */
export interface KnownPasskey extends Reachable {
  kind: PasskeyKind
  fabric?: Fabric
  /** where it was made, by that device itself: "Windows" */
  platforms: string[]
  /** this browser's record names it */
  here: boolean
}

export interface Signals {
  /** `anybody`: the first screen; `named`: right after somebody was named; `confirm`: more is asked of somebody who is known */
  asks: 'anybody' | 'named' | 'confirm'
  browser: { family: string; platform: string; phone: boolean; inApp: boolean }
  /** absent: nothing was heard of it yet, which counts as able */
  capabilities?: Capabilities | undefined
  /** this browser's record: passkeys of whoever is named were used or made here; on the first screen, of anybody */
  here: boolean
  /** immediate mode was asked already, right before this: it found nothing, or was closed */
  asked?: boolean
  /** of the account; absent: not to be told here */
  passkeys?: KnownPasskey[] | undefined
  /** dialogs that ended without a passkey: in this run, and in this browser since the last success */
  failures: { run: number; recent: number }
  /** what this browser's record names is no passkey of the account any more */
  gone: boolean
  policy: {
    crossDevice: CrossDevice
    /** a passkey is among what may be used for this */
    passkeyCounts: boolean
    /** the enrolment guard asks, which may use a phone whatever the strategy */
    guard?: boolean
  }
}

/**
 * `automatic`: the dialog opens by itself. `button`: the passkey's own screen, which waits for a press. `autofill_only`:
 * another method leads, with the passkey beside it. `other_method_first`: the same, and the passkey is not among the first.
 */
export type Show = 'automatic' | 'button' | 'autofill_only' | 'other_method_first'

export interface Decision {
  show: Show
  /** a phone, or a security key, is among the ways */
  crossDevice: boolean
  /** where the passkey is asked for */
  lead: Place
  reason: Reason
  /** for the operator */
  words: string
}

export type Reason = (typeof rules)[number]['reason']

/** One dialog that was closed says little. */
const tolerated = 1

interface Seen {
  signals: Signals
  offer: SignInOffer
  /** those that policy lets in here */
  usable: KnownPasskey[] | undefined
  /** the browser can reach a phone, as far as it says */
  reachesPhone: boolean
}

interface Rule<R extends string = string> {
  reason: R
  /** rules of an earlier stage come first; within a stage no two hold at once */
  stage: 'able' | 'experience' | 'here' | 'known' | 'unknown'
  words: string
  when(seen: Seen): boolean
  show: Show
  lead?: Place
}

const isAble = ({ policy, capabilities, browser }: Signals): boolean => policy.passkeyCounts && capabilities?.script !== false && capabilities?.webauthn !== false && !browser.inApp

const fails = ({ failures: { run, recent } }: Signals): boolean => run > tolerated || recent > tolerated

/** A dialog without a press before it does not open there, or counts against the page. */
const needsPress = ({ family, platform }: Signals['browser']): boolean => family === 'Safari' || platform === 'iPhone' || platform === 'iPad'

const appleSystems = ['Mac', 'iPhone', 'iPad']

/** Whether what carries the passkey from device to device carries it to this one. */
export function carriesTo(fabric: Fabric, { family, platform }: Pick<Signals['browser'], 'family' | 'platform'>): boolean {
  switch (fabric) {
    case 'icloud':
      return appleSystems.includes(platform)
    case 'google':
      return platform === 'Android' || platform === 'Chrome OS' || family === 'Chrome'
    case 'microsoft':
      return platform === 'Windows' || family === 'Edge'
    case 'samsung':
      return platform === 'Android'
    case 'manager':
      return true
  }
}

const isSyncedHere = ({ browser }: Signals, { kind, fabric, platforms }: KnownPasskey): boolean =>
  kind === 'synced' && (fabric === undefined ? platforms.includes(browser.platform) : carriesTo(fabric, browser))

/** A laptop cannot be scanned, and one that says nothing of phones may be of any kind. */
const isOnPhone = ({ kind, transports, fabric, platforms }: KnownPasskey): boolean =>
  kind !== 'security_key' && (transports.includes('hybrid') || fabric === 'icloud' || fabric === 'google' || fabric === 'samsung' || platforms.some(isPhone))

const isKey = ({ kind }: KnownPasskey): boolean => kind === 'security_key'

const uses = (seen: Seen, what: (passkey: KnownPasskey) => boolean): boolean => seen.usable?.some(what) === true

/** Policy wants the phone first, and this person can use one, or may be anybody. */
const prefersElsewhere = (seen: Seen): boolean =>
  seen.offer.first === 'elsewhere' && (seen.signals.asks === 'anybody' || (seen.reachesPhone && uses(seen, isOnPhone)) || uses(seen, isKey))

const leadsHere = (seen: Seen): boolean => seen.signals.here && !prefersElsewhere(seen)

const worksHere = (seen: Seen): boolean => uses(seen, (passkey) => isSyncedHere(seen.signals, passkey))

const onPhone = (seen: Seen): boolean => seen.offer.elsewhere && seen.reachesPhone && uses(seen, isOnPhone)
const onKey = (seen: Seen): boolean => seen.offer.elsewhere && uses(seen, isKey)

/** Of what is known of the account: whether it leads to a passkey here, before those elsewhere. */
const knownHere = (seen: Seen): boolean => !prefersElsewhere(seen) && worksHere(seen)
const isBound = ({ kind }: KnownPasskey): boolean => kind === 'device_bound'
const knownElsewhere = (seen: Seen): boolean => seen.usable !== undefined && seen.usable.length > 0 && !knownHere(seen)

/**
 * In this order, the first that holds decides. What a browser cannot do comes before what went wrong in it, that before
 * what was used in it, and that before what is known of the account.
 */
export const rules = [
  { reason: 'not_accepted', stage: 'able', words: 'a passkey is not among what may be used here', show: 'other_method_first',
    when: ({ signals }) => !signals.policy.passkeyCounts },
  { reason: 'no_script', stage: 'able', words: 'the browser ran no script, without which there are no passkeys', show: 'other_method_first',
    when: ({ signals: { policy, capabilities } }) => policy.passkeyCounts && capabilities?.script === false },
  { reason: 'no_support', stage: 'able', words: 'the browser knows no passkeys', show: 'other_method_first',
    when: ({ signals: { policy, capabilities } }) => policy.passkeyCounts && capabilities?.script !== false && capabilities?.webauthn === false },
  { reason: 'in_app', stage: 'able', words: 'the browser is part of another app, where passkeys often do not work', show: 'other_method_first',
    when: ({ signals: { policy, capabilities, browser } }) => policy.passkeyCounts && capabilities?.script !== false && capabilities?.webauthn !== false && browser.inApp },

  { reason: 'failed_here', stage: 'experience', words: 'passkey dialogs ended without a passkey more than once in this browser', show: 'other_method_first',
    when: ({ signals }) => isAble(signals) && fails(signals) },
  { reason: 'gone', stage: 'experience', words: 'the passkey that was used in this browser is no longer one of the account', show: 'other_method_first',
    when: (seen) => isAble(seen.signals) && !fails(seen.signals) && seen.signals.gone && !worksHere(seen) && !onPhone(seen) && !onKey(seen) },

  { reason: 'used_here', stage: 'here', words: 'a passkey of this account was used in this browser', show: 'automatic',
    when: (seen) => leadsHere(seen) && seen.signals.asks === 'named' && !seen.signals.asked && !needsPress(seen.signals.browser) },
  { reason: 'used_here_press', stage: 'here', words: 'a passkey of this account was used in this browser, which opens its dialog after a press', show: 'button',
    when: (seen) => leadsHere(seen) && seen.signals.asks === 'named' && !seen.signals.asked && needsPress(seen.signals.browser) },
  { reason: 'used_here_asked', stage: 'here', words: 'a passkey of this account was used in this browser, which has just asked for it without an answer', show: 'button',
    when: (seen) => leadsHere(seen) && seen.signals.asks === 'named' && seen.signals.asked === true },
  { reason: 'used_here_confirm', stage: 'here', words: 'a passkey of this account was used in this browser and can confirm it', show: 'button',
    when: (seen) => leadsHere(seen) && seen.signals.asks === 'confirm' },
  { reason: 'used_here_unnamed', stage: 'here', words: 'a passkey was used in this browser, and nobody is named yet', show: 'button',
    when: (seen) => leadsHere(seen) && seen.signals.asks === 'anybody' },

  { reason: 'has_none', stage: 'known', words: 'the account has no passkey', show: 'other_method_first',
    when: ({ signals }) => signals.passkeys?.length === 0 },
  { reason: 'none_allowed', stage: 'known', words: 'the account has passkeys of other devices only, which are not taken here', show: 'other_method_first',
    when: ({ signals, usable }) => signals.passkeys !== undefined && signals.passkeys.length > 0 && usable?.length === 0 },
  { reason: 'synced_here', stage: 'known', words: 'the account has a passkey that is synced to this kind of device', show: 'button',
    when: knownHere },
  { reason: 'on_phone', stage: 'known', words: 'the account has a passkey on a phone, which can be used here', show: 'button', lead: 'elsewhere',
    when: (seen) => knownElsewhere(seen) && onPhone(seen) },
  { reason: 'security_key', stage: 'known', words: 'the account has a security key, and no other passkey that works here', show: 'button', lead: 'elsewhere',
    when: (seen) => knownElsewhere(seen) && !onPhone(seen) && onKey(seen) },
  { reason: 'bound_elsewhere', stage: 'known', words: 'the passkeys of the account stay on other devices, as far as is known', show: 'autofill_only',
    when: (seen) => knownElsewhere(seen) && !onPhone(seen) && !onKey(seen) && uses(seen, isBound) },
  { reason: 'synced_elsewhere', stage: 'known', words: 'the passkeys of the account are synced by something that does not work on this kind of device', show: 'autofill_only',
    when: (seen) => knownElsewhere(seen) && !onPhone(seen) && !onKey(seen) && !uses(seen, isBound) },

  { reason: 'nothing_to_hold_one', stage: 'unknown', words: 'the browser has nothing to keep a passkey in, and reaches no phone', show: 'other_method_first',
    when: ({ signals: { capabilities } }) => holdsNone(capabilities) },
  { reason: 'prefer_phone', stage: 'unknown', words: 'nothing is known of the account here, and a phone is what is wanted', show: 'autofill_only', lead: 'elsewhere',
    when: ({ signals: { capabilities }, offer }) => !holdsNone(capabilities) && offer.first === 'elsewhere' },
  { reason: 'not_known', stage: 'unknown', words: 'no passkey of this account was used in this browser, as far as may be told', show: 'autofill_only',
    when: ({ signals: { capabilities }, offer }) => !holdsNone(capabilities) && offer.first === 'here' },
] as const satisfies Rule[]

function holdsNone(capabilities: Capabilities | undefined): boolean {
  return capabilities?.platform === false && capabilities.conditional === false && capabilities.hybrid === false
}

const inOrder: readonly Rule<Reason>[] = rules

/** Pure: the same signals always lead to the same decision. */
export function decide(signals: Signals): Decision {
  const seen = lookAt(signals)
  const rule = inOrder.find(({ when }) => when(seen))!
  return decisionOf(rule, seen)
}

/** Every rule that holds, in order: the first decides. */
export function matching(signals: Signals): (Decision & { stage: Rule['stage'] })[] {
  const seen = lookAt(signals)
  return inOrder.filter(({ when }) => when(seen)).map((rule) => ({ ...decisionOf(rule, seen), stage: rule.stage }))
}

function decisionOf({ reason, words, show, lead = 'here', stage }: Rule<Reason>, { offer }: Seen): Decision {
  return { show, crossDevice: stage !== 'able' && offer.elsewhere, lead, reason, words }
}

function lookAt(signals: Signals): Seen {
  const { policy: { crossDevice, guard = false }, browser: { phone }, capabilities, here, passkeys } = signals
  const offer = signInOffer(crossDevice, { phone, marked: here, immediate: capabilities?.immediate === true }, { guard })
  return {
    signals,
    offer,
    usable: guard ? passkeys : passkeys?.filter((passkey) => isUsableHere(crossDevice, passkey)),
    reachesPhone: capabilities?.hybrid !== false,
  }
}

/** A passkey as it is stored, for `decide`. `here`: ids that this browser's record names. */
export function knownPasskey(passkey: Passkey, { fabric, here }: { fabric: Fabric | undefined; here: readonly string[] }): KnownPasskey {
  const { attachment, transports, enrolledUserAgent, id } = passkey
  return {
    kind: kindOfPasskey(passkey),
    transports,
    ...(attachment && { attachment }),
    ...(fabric && { fabric }),
    platforms: attachment === 'cross-platform' ? [] : platformIn(enrolledUserAgent),
    here: here.includes(id),
  }
}

/** "Chrome on Windows" */
const platformIn = (label: string): string[] => {
  const name = label.split(' on ').at(1)
  return name ? [name] : []
}
