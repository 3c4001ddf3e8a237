import type { Account, Device } from '../storage/types.ts'
import { assess } from './assurance.ts'
import type { ChangeRequest } from './enrolment.ts'
import { passkeyKinds } from './passkeys.ts'
import { provenKinds } from './strategy.ts'
import { availableMethods, identifierKinds, type Acr, type Proof } from './types.ts'

/** When rules are asked. At `sign_up` nothing is proven yet: no signal of an account exists there. */
export const ruleEvents = ['sign_up', 'sign_in', 'prompt', 'enrolment', 'change', 'recovery', 'admin_access'] as const
export type RuleEvent = (typeof ruleEvents)[number]

/** How a signal is compared. `word`: is one of; `words`: holds one of; `count`, `age` (ms) and `level`: from and below. */
export type SignalKind = 'flag' | 'word' | 'words' | 'count' | 'age' | 'level'

export interface SignalSpec {
  kind: SignalKind
  about: string
  /** the only values there are */
  values?: readonly string[]
  /** where it is known: everywhere, once somebody is proven, or at one event */
  at: 'always' | 'proven' | 'change'
  /** the longest list or highest count there is */
  most?: number
}

const spec = <const Spec extends SignalSpec>(spec: Spec): Spec => spec

/** Every other browser is `other`. */
const browserFamilies = ['Chrome', 'Edge', 'Firefox', 'Opera', 'Safari', 'Samsung Internet', 'other'] as const
const platforms = ['Android', 'Chrome OS', 'iPad', 'iPhone', 'Linux', 'Mac', 'Windows', 'other'] as const
const changes = [
  'add_passkey', 'add_identifier', 'add_method', 'remove_passkey', 'remove_identifier', 'remove_method', 'replace_identifier',
  'passkeys_only_on', 'passkeys_only_off', 'new_recovery_codes', 'delete_account', 'settle_freeze', 'download_data',
] as const satisfies ChangeRequest['do'][]
/** failures beyond so many are no more counted */
export const failuresCounted = 50

/** Everything that rules can be about. In the file the part before the dot is a section. */
export const signals = {
  'client': spec({ kind: 'word', at: 'always', about: 'the client_id of the app' }),
  'domain': spec({ kind: 'word', at: 'always', about: 'what stands behind the @ of the address, the account\'s first one where none was typed' }),
  'country': spec({ kind: 'word', at: 'always', about: 'two letters, as the proxy says (server.location.country); XX where it knows none' }),
  'browser.family': spec({ kind: 'word', at: 'always', values: browserFamilies, about: 'as it calls itself' }),
  'browser.platform': spec({ kind: 'word', at: 'always', values: platforms, about: 'as it calls itself' }),
  'browser.inApp': spec({ kind: 'flag', at: 'always', about: 'inside another app, where passkeys often do not work' }),
  'failures.account': spec({ kind: 'count', at: 'always', most: failuresCounted, about: 'failed sign-ins with the address in the last hour, whether it has an account or not' }),
  'failures.network': spec({ kind: 'count', at: 'always', most: failuresCounted, about: 'failed sign-ins from the network in the last hour' }),
  'network.known': spec({ kind: 'flag', at: 'proven', about: 'a browser of the account was seen in this network' }),
  'device.known': spec({ kind: 'flag', at: 'proven', about: 'this browser has signed in to the account before' }),
  'device.recognised': spec({ kind: 'flag', at: 'proven', about: 'the same, before this session, over 24 hours ago, and nobody disowned it' }),
  'device.age': spec({ kind: 'age', at: 'proven', about: 'since its first sign-in to the account' }),
  'account.age': spec({ kind: 'age', at: 'proven', about: 'since it was made' }),
  'account.createdHere': spec({ kind: 'flag', at: 'proven', about: 'it was made in this very sign-in' }),
  'account.recovering': spec({ kind: 'flag', at: 'proven', about: 'a recovery that was started in this browser has waited long enough' }),
  'account.identifiers': spec({ kind: 'words', at: 'proven', values: identifierKinds, about: 'the kinds that are proven' }),
  'account.passkeys': spec({ kind: 'count', at: 'proven', most: 1000, about: 'how many it has' }),
  'account.passkeyKinds': spec({ kind: 'words', at: 'proven', values: passkeyKinds, about: 'of its passkeys' }),
  'account.reach': spec({ kind: 'level', at: 'proven', about: 'the highest level that its ways to sign in can reach, whatever this browser says that it can do' }),
  'proof.method': spec({ kind: 'word', at: 'proven', values: availableMethods, about: 'the last one used' }),
  'proof.methods': spec({ kind: 'words', at: 'proven', values: availableMethods, about: 'all used so far' }),
  'proof.level': spec({ kind: 'level', at: 'proven', about: 'what they come to' }),
  'change': spec({ kind: 'word', at: 'change', values: changes, about: 'what is to be done' }),
} satisfies Record<string, SignalSpec>

export type SignalName = keyof typeof signals
export const signalNames = Object.keys(signals) as SignalName[]

/** What cannot be told without asking the store. */
export type CostlySignal = 'failures.account' | 'failures.network' | 'network.known' | 'account.passkeyKinds'

/** null: it is not known in the world (no proxy says the country). Absent: nobody has looked. */
export type SignalValue = boolean | number | string | string[] | null
export type Signals = { [Name in SignalName]?: SignalValue }

export function isKnownAt(name: SignalName, event: RuleEvent): boolean {
  const { at } = signals[name]
  return at === 'always' || (at === 'proven' ? event !== 'sign_up' : event === at)
}

/** What happens where, as far as it is at hand. Times in ms. */
export interface Scene {
  event: RuleEvent
  now: number
  clientId?: string | undefined
  domain?: string | undefined
  country?: string | undefined
  browser: { browser: string; platform: string; inApp: boolean }
  change?: string | undefined
  account?: Account | undefined
  createdHere: boolean
  recovering: boolean
  /** all that count for the account */
  proofs: Proof[]
  /** this browser's record for the account, if it is still the same browser */
  device?: Device | undefined
  recognised: boolean
  /** of this request: where the record names it, nobody else has to be asked */
  network?: string | undefined
  /** the highest level that the account's ways to sign in can reach, in whatever browser */
  reach?: Acr | undefined
}

/** All signals that are known at the event and cost nothing. */
export function freeSignals(scene: Scene): Signals {
  const all = scene.event === 'sign_up' ? ofRequest(scene) : { ...ofRequest(scene), ...ofAccount(scene) }
  return scene.event === 'change' ? { ...all, change: scene.change ?? null } : all
}

const ofRequest = ({ clientId, domain, country, browser }: Scene): Signals => ({
  'client': clientId ?? null,
  'domain': domain ?? null,
  'country': country ?? null,
  'browser.family': named(browserFamilies, browser.browser),
  'browser.platform': named(platforms, browser.platform),
  'browser.inApp': browser.inApp,
})

const named = (known: readonly string[], name: string): string => (known.includes(name) ? name : 'other')

function ofAccount({ account, now, createdHere, recovering, proofs, device, recognised, network, reach }: Scene): Signals {
  const seenHere = network !== undefined && device?.networks?.includes(network)
  return {
    'device.known': device !== undefined,
    'device.recognised': recognised,
    'device.age': device ? now - device.firstSeenAt : null,
    ...(seenHere && { 'network.known': true }),
    'account.age': account ? now - account.createdAt : null,
    'account.createdHere': createdHere,
    'account.recovering': recovering,
    'account.identifiers': [...new Set(account && provenKinds(account))],
    'account.passkeys': account?.credentialIds.length ?? 0,
    'account.reach': reach ?? null,
    'proof.method': proofs.at(-1)?.method ?? null,
    'proof.methods': [...new Set(proofs.map(({ method }) => method))],
    'proof.level': assess(proofs)?.acr ?? null,
  }
}
