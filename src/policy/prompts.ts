import type { PromptEntry } from '../storage/types.ts'
import type { EnrolmentDecision } from './enrolment.ts'
import { otherMethods, type ProofMethod } from './types.ts'

/** `explain`: on a page that says what a passkey is. `automatic`: the browser's dialog opens by itself. `off`: not at all. */
export const creationSettings = ['explain', 'automatic', 'off'] as const
export type Creation = (typeof creationSettings)[number]

/** What a passkey may be offered after. `cross_device`: a sign-in with the passkey of a phone. */
export const promptOccasions = ['sign_up', ...otherMethods, 'cross_device'] as const
export type PromptOccasion = (typeof promptOccasions)[number]

export interface PromptSettings {
  /** ms to wait after the first refusal */
  cooldown: number
  /** each further wait is so many times longer */
  growth: number
  /** offers in all */
  maximum: number
}

export interface PromptFacts {
  /** of this account, in any order: one `shown` for each offer, then what became of it */
  history: PromptEntry[]
  now: number
  config: PromptSettings
  /** it has scripts, the API and something to keep a passkey in */
  browserCan: boolean
  signedInBy: ProofMethod
  hasPasskeyForThisDevice: boolean
  guard: EnrolmentDecision
  /** the account was created in this interaction */
  created: boolean
}

export interface PromptDecision {
  offer: boolean
  /** "Don't ask again" stands there from the second time on */
  neverButton: boolean
  /** for the audit log */
  reason: string
}

/** Whether to offer a passkey now. Decide once per sign-in and keep the answer: showing the offer is part of the history. */
export function mayOfferPasskey(facts: PromptFacts): PromptDecision {
  const { history, now, config, guard, created, signedInBy } = facts
  if (!guard.allow) return no('a passkey may not be added with these proofs')
  if (!facts.browserCan) return no('this browser cannot make passkeys')
  if (created && history.length === 0) return yes('the account was just created', 0)
  if (facts.hasPasskeyForThisDevice) return no('there is a passkey for this device')
  if (history.some((entry) => entry.outcome === 'never')) return no('asked not to be asked again')

  const sinceCreated = afterLastCreation(history)
  const offers = sinceCreated.filter((entry) => entry.outcome === 'shown').length
  if (offers >= config.maximum) return no(`offered ${offers} times already`)
  const lastAt = Math.max(-Infinity, ...sinceCreated.map((entry) => entry.at))
  if (now < lastAt + config.cooldown * config.growth ** Math.max(0, offers - 1)) return no('offered a short while ago')
  return yes(`signed in by ${signedInBy} without a passkey for this device`, offers)
}

/** Who created a passkey did not refuse: only what came afterwards counts. */
function afterLastCreation(history: PromptEntry[]): PromptEntry[] {
  const createdAt = Math.max(-Infinity, ...history.filter((entry) => entry.outcome === 'created').map((entry) => entry.at))
  return history.filter((entry) => entry.at > createdAt)
}

function yes(reason: string, earlierOffers: number): PromptDecision {
  return { offer: true, neverButton: earlierOffers > 0, reason }
}

function no(reason: string): PromptDecision {
  return { offer: false, neverButton: false, reason }
}
