import type { PromptEntry } from '../storage/types.ts'
import type { CrossDevice, Place } from './cross-device.ts'
import type { EnrolmentDecision } from './enrolment.ts'
import { otherMethods } from './types.ts'

/** `explain`: on a page that says what a passkey is. `automatic`: the browser's dialog opens by itself. `off`: not at all. */
export const creationSettings = ['explain', 'automatic', 'off'] as const
export type Creation = (typeof creationSettings)[number]

/** What a passkey may be offered after. `cross_device`: a sign-in with the passkey of a phone. */
export const promptOccasions = ['sign_up', ...otherMethods, 'cross_device'] as const
export type PromptOccasion = (typeof promptOccasions)[number]

/** What became of offers, as far as it decides about the next one. */
export const telling = ['shown', 'started', 'created', 'not_now', 'never', 'failed'] as const satisfies PromptEntry['outcome'][]

export interface PromptSettings {
  /** the sign-ins that one may be offered after */
  after: readonly PromptOccasion[]
  /** ms to wait after the first refusal */
  cooldown: number
  /** each further wait is so many times longer */
  growth: number
  /** offers in all */
  maximum: number
  /** who signed in with a phone is offered a passkey of this device */
  localAfterCrossDevice: boolean
}

export interface PromptFacts {
  /** of this account, in any order: one `shown` for each offer, then what became of it */
  history: PromptEntry[]
  now: number
  /** what holds at this app */
  settings: { crossDevice: CrossDevice; creation: Creation; prompts: PromptSettings }
  /** undefined: a sign-in with a passkey of this very device, or none at all */
  occasion: PromptOccasion | undefined
  /** who it is belongs to those who are offered passkeys at all */
  inRollout: boolean
  /** where one can be made (`creationPlaces`), the place that leads first; empty where the browser cannot */
  places: readonly Place[]
  /** where the account has one already that serves in this browser */
  has: readonly Place[]
  guard: EnrolmentDecision
  /** the browser's own dialog was closed in this sign-in */
  refusedJustNow: boolean
}

export type PromptDecision = {
  /** for the operator, in words */
  reason: string
  /** "Don't ask again" stands there from the second time on */
  neverButton: boolean
  /** a page explains it first; otherwise the browser's dialog opens by itself */
  explain: boolean
} & ({ offer: true; place: Place } | { offer: false; place?: undefined })

/** The same, as far as it is settled: what was asked before, and where this one would be made. */
type Case = Omit<PromptFacts, 'places' | 'occasion' | 'history'> & { place: Place; occasion: PromptOccasion; past: PromptEntry[]; offers: number }

/** What speaks against an offer: the first that holds is the reason. */
const objections: { when: (facts: Case) => boolean; reason: string | ((facts: Case) => string) }[] = [
  { when: ({ settings }) => settings.creation === 'off', reason: 'offers are switched off' },
  { when: ({ guard }) => !guard.allow, reason: 'a passkey may not be added with these proofs' },
  { when: ({ inRollout }) => !inRollout, reason: 'not among those who are offered passkeys' },
  // A dialog that can only ask for a phone or a key is for those whose operator wants these.
  { when: ({ place, settings }) => place === 'elsewhere' && settings.crossDevice !== 'maximize', reason: 'this device cannot keep a passkey' },
  { when: ({ occasion, settings }) => !settings.prompts.after.includes(occasion), reason: ({ occasion }) => `nothing is offered after ${occasion}` },
  { when: ({ occasion, settings }) => occasion === 'cross_device' && !settings.prompts.localAfterCrossDevice, reason: 'none of this device is offered to who signed in with a phone' },
  { when: ({ occasion, place }) => occasion === 'cross_device' && place === 'elsewhere', reason: 'signed in with a phone, which is what this app prefers' },
  { when: ({ refusedJustNow }) => refusedJustNow, reason: 'the dialog of the browser was closed a moment ago' },
  { when: (facts) => !isNew(facts) && facts.has.includes(facts.place), reason: ({ place }) => (place === 'here' ? 'there is a passkey for this device' : 'there is a passkey on a phone or a security key') },
  { when: ({ past }) => past.some(({ outcome }) => outcome === 'never'), reason: 'asked not to be asked again' },
  { when: (facts) => !isNew(facts) && facts.offers >= facts.settings.prompts.maximum, reason: ({ offers }) => `offered ${offers} times already` },
  { when: (facts) => facts.now < waitsUntil(facts), reason: 'offered a short while ago' },
]

/** Whether to offer a passkey now. Decide once per sign-in and keep the answer: showing the offer is part of the history. */
export function mayOfferPasskey({ history, occasion, places: [place], ...rest }: PromptFacts): PromptDecision {
  if (occasion === undefined) return no('signed in with a passkey of this device')
  if (place === undefined) return no('this browser cannot make passkeys')
  const past = history.filter(({ outcome }) => outcome !== 'eligible')
  const offers = sinceCreated(past).filter(({ outcome }) => outcome === 'shown').length
  const facts: Case = { ...rest, occasion, place, past, offers }
  const against = objections.find(({ when }) => when(facts))?.reason
  if (against !== undefined) return no(typeof against === 'string' ? against : against(facts))
  return {
    offer: true,
    place,
    neverButton: offers > 0,
    // A QR code is shown to nobody who has not pressed for it.
    explain: rest.settings.creation === 'explain' || place === 'elsewhere',
    reason: isNew(facts) ? 'the account was just created' : `signed in by ${occasion} without a passkey ${place === 'here' ? 'for this device' : 'on a phone or a security key'}`,
  }
}

/** A sign-up is asked once, however seldom others are. */
const isNew = ({ occasion, past }: Case): boolean => occasion === 'sign_up' && past.length === 0

/** Each further refusal makes for a longer wait. */
function waitsUntil({ past, offers, settings: { prompts: { cooldown, growth } } }: Case): number {
  const lastAt = Math.max(-Infinity, ...sinceCreated(past).map(({ at }) => at))
  return lastAt + cooldown * growth ** Math.max(0, offers - 1)
}

/** Who created a passkey did not refuse: only what came afterwards counts. */
function sinceCreated(history: PromptEntry[]): PromptEntry[] {
  const createdAt = Math.max(-Infinity, ...history.filter(({ outcome }) => outcome === 'created').map(({ at }) => at))
  return history.filter(({ at }) => at > createdAt)
}

const no = (reason: string): PromptDecision => ({ offer: false, neverButton: false, explain: false, reason })
