import type { RuleEvent, SignalName, Signals, SignalValue } from './signals.ts'
import { rankOf, type Acr, type Method } from './types.ts'

/** What a rule brings about. `allow` changes nothing: the rule is on trial, and its matches are only recorded. */
export const outcomes = ['allow', 'challenge', 'notify', 'suppress_prompt', 'deny'] as const
export type Outcome = (typeof outcomes)[number]

/** Where an outcome means something. Before anybody is proven there is nobody to ask for more or to tell. */
export const outcomesAt: Record<RuleEvent, readonly Outcome[]> = {
  sign_up: ['allow', 'deny'],
  sign_in: ['allow', 'challenge', 'notify', 'deny'],
  prompt: ['allow', 'suppress_prompt'],
  enrolment: ['allow', 'challenge', 'notify', 'deny'],
  change: ['allow', 'challenge', 'notify', 'deny'],
  recovery: ['allow', 'challenge', 'notify', 'deny'],
  admin_access: ['allow', 'challenge', 'notify', 'deny'],
}

export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | { signal: SignalName; test: Test }

export type Test =
  | { is: boolean }
  /** a word is one of these, a list holds one of these */
  | { oneOf: ReadonlySet<string> }
  /** a domain, or one below it */
  | { domainIn: ReadonlySet<string> }
  /** a number, an age in ms, or the rank of a level */
  | { atLeast?: number; below?: number }

export interface Challenge {
  acr?: Acr
  /** one proof by any of these */
  methods?: Method[]
}

export interface Rule {
  name: string
  on: readonly RuleEvent[]
  when: Condition
  then: readonly Outcome[]
  /** present with `challenge` */
  ask?: Challenge
  /** why, for operators */
  because: string
}

/** What all matching rules come to. */
export interface RuleVerdict {
  outcome: 'allow' | 'deny'
  /** proofs that are still missing: the level, and one by any of these methods; absent once the proofs have it */
  challenge?: Challenge
  /** all proven identifiers are to be told */
  notify: boolean
  /** no passkey is to be offered */
  suppressPrompt: boolean
  /** names of the rules that matched */
  rules: string[]
  /** of the strongest one, for the operator: never shown to the person */
  explanation?: string
}

export interface Decision extends RuleVerdict {
  /** signals that nobody has looked at, on which it depends whether more rules match */
  undecided: SignalName[]
}

/**
 * Asks every rule of the event. All that match count, in whatever order they stand: a no is stronger than asking for
 * more, of two levels the higher one is asked for, and of two lists of methods one that is in both.
 */
export function decide(rules: readonly Rule[], event: RuleEvent, signals: Signals): Decision {
  const undecided = new Set<SignalName>()
  const matching = rules.filter((rule) => {
    if (!rule.on.includes(event)) return false
    const held = holds(rule.when, signals)
    if (held === undefined) for (const name of openIn(rule.when, signals)) undecided.add(name)
    return held === true
  })
  return { ...combine(matching, event, signals), undecided: [...undecided] }
}

/** True, false, or undefined while it depends on a signal that nobody has looked at. What is not known matches nothing. */
export function holds(condition: Condition, signals: Signals): boolean | undefined {
  if ('all' in condition) return every(condition.all, signals, false)
  if ('any' in condition) return every(condition.any, signals, true)
  if ('not' in condition) {
    const held = holds(condition.not, signals)
    return held === undefined ? undefined : !held
  }
  const value = signals[condition.signal]
  return value === undefined ? undefined : value !== null && passes(condition.test, value)
}

/** `all` with `decisive` false, `any` with true: one that is decisive decides, whatever is not yet known. */
function every(conditions: Condition[], signals: Signals, decisive: boolean): boolean | undefined {
  let open = false
  for (const condition of conditions) {
    const held = holds(condition, signals)
    if (held === decisive) return decisive
    if (held === undefined) open = true
  }
  return open ? undefined : !decisive
}

function openIn(condition: Condition, signals: Signals): SignalName[] {
  if ('signal' in condition) return signals[condition.signal] === undefined ? [condition.signal] : []
  if ('not' in condition) return openIn(condition.not, signals)
  const parts = 'all' in condition ? condition.all : condition.any
  return parts.filter((part) => holds(part, signals) === undefined).flatMap((part) => openIn(part, signals))
}

/** All that a condition looks at. */
export function signalsIn(condition: Condition): SignalName[] {
  if ('signal' in condition) return [condition.signal]
  if ('not' in condition) return signalsIn(condition.not)
  return ('all' in condition ? condition.all : condition.any).flatMap(signalsIn)
}

function passes(test: Test, value: NonNullable<SignalValue>): boolean {
  if ('is' in test) return value === test.is
  if ('oneOf' in test) return Array.isArray(value) ? value.some((word) => test.oneOf.has(word)) : test.oneOf.has(String(value))
  if ('domainIn' in test) return isListed(String(value), test.domainIn)
  const number = typeof value === 'number' ? value : rankOf(String(value))
  return number >= (test.atLeast ?? -Infinity) && number < (test.below ?? Infinity)
}

/** Throw-away mail lives below the domains that lists name. */
function isListed(domain: string, list: ReadonlySet<string>): boolean {
  for (let name = domain; name !== ''; name = name.includes('.') ? name.slice(name.indexOf('.') + 1) : '') {
    if (list.has(name)) return true
  }
  return false
}

/** Weakest first. */
const strength: readonly Outcome[] = ['allow', 'suppress_prompt', 'notify', 'challenge', 'deny']

function combine(matching: readonly Rule[], event: RuleEvent, signals: Signals): RuleVerdict {
  const here = matching.map((rule) => ({ ...rule, then: rule.then.filter((outcome) => outcomesAt[event].includes(outcome)) }))
  const saying = (outcome: Outcome) => here.filter(({ then }) => then.includes(outcome))
  const challenge = strictest(saying('challenge').flatMap(({ ask }) => ask ?? []))
  const impossible = challenge?.methods?.length === 0
  const strongest = strength.toReversed().flatMap(saying)[0]
  const missing = challenge && !impossible ? stillMissing(challenge, signals) : undefined
  return {
    outcome: impossible || saying('deny').length > 0 ? 'deny' : 'allow',
    ...(missing && { challenge: missing }),
    notify: saying('notify').length > 0,
    suppressPrompt: saying('suppress_prompt').length > 0,
    rules: here.map(({ name }) => name),
    ...(strongest && { explanation: strongest.because }),
  }
}

/** What fulfils all of them; with no method left, nothing does. */
function strictest(challenges: readonly Challenge[]): Challenge | undefined {
  return challenges.reduce<Challenge | undefined>((strict, { acr, methods }) => {
    const higher = acr && (strict?.acr === undefined || rankOf(acr) > rankOf(strict.acr)) ? acr : strict?.acr
    const both = methods && strict?.methods ? strict.methods.filter((method) => methods.includes(method)) : (methods ?? strict?.methods)
    return { ...(higher && { acr: higher }), ...(both && { methods: both }) }
  }, undefined)
}

function stillMissing({ acr, methods }: Challenge, signals: Signals): Challenge | undefined {
  const { 'proof.level': level, 'proof.methods': used } = signals
  const belowLevel = acr !== undefined && (typeof level !== 'string' || rankOf(level) < rankOf(acr))
  const noMethod = methods !== undefined && !(Array.isArray(used) && methods.some((method) => used.includes(method)))
  if (!belowLevel && !noMethod) return undefined
  return { ...(belowLevel && { acr }), ...(noMethod && { methods }) }
}
