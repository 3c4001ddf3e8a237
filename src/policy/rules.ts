import type { Acr, Method } from './types.ts'

/** When rules are asked. At `sign_up` nothing is proven yet: no signal of an account exists there. */
export const ruleEvents = ['sign_up', 'sign_in', 'prompt', 'enrolment', 'change', 'recovery', 'admin_access'] as const
export type RuleEvent = (typeof ruleEvents)[number]

/** What all matching rules come to. */
export interface RuleVerdict {
  outcome: 'allow' | 'deny'
  /** proofs that are still missing: the level, and one by any of these methods; absent once the proofs have it */
  challenge?: { acr?: Acr; methods?: Method[] }
  /** all proven identifiers are to be told */
  notify: boolean
  /** no passkey is to be offered */
  suppressPrompt: boolean
  /** names of the rules that matched */
  rules: string[]
  /** of the strongest one, for the operator: never shown to the person */
  explanation?: string
}
