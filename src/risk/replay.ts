import { decide, signalsIn, type Decision, type Rule } from '../policy/rules.ts'
import { ruleEvents, type RuleEvent, type SignalName, type Signals, type SignalValue } from '../policy/signals.ts'
import type { Json, RuleDecision } from '../storage/types.ts'

export interface Difference {
  event: RuleEvent
  /** completes "would …" */
  change: string
  count: number
  /** the newest few: when, by which rules, and what these rest on; nobody is named */
  examples: { at: number; rules: string[]; signals: [name: SignalName, value: SignalValue][] }[]
}

export interface Replay {
  /** decisions that were tried, with those that a kept one stands for */
  tried: number
  different: number
  differences: Difference[]
  /** how many depend on something that nobody looked at then */
  untold: number
  unlooked: [name: SignalName, count: number][]
}

const examplesShown = 3

/** What other rules would have come to, from what was looked at when the kept decisions were made. */
export async function replay(decisions: AsyncIterable<RuleDecision>, rules: readonly Rule[]): Promise<Replay> {
  const differences = new Map<string, Difference>()
  const unlooked = new Map<SignalName, number>()
  let [tried, different, untold] = [0, 0, 0]

  for await (const decision of decisions) {
    const before = outcomeOf(decision)
    const event = ruleEvents.find((name) => name === decision.event)
    if (!event || !before) continue
    const { of, ...verdict } = before
    tried += of
    const signals = decision.inputs as Signals
    const after = decide(rules, event, signals)
    if (after.undecided.length > 0 && after.outcome === 'allow') {
      untold += of
      for (const name of after.undecided) unlooked.set(name, (unlooked.get(name) ?? 0) + of)
      continue
    }
    const changes = changesOf(verdict, after)
    if (changes.length > 0) different += of
    for (const change of changes) {
      const key = `${event} ${change}`
      const difference = differences.get(key) ?? { event, change, count: 0, examples: [] }
      difference.count += of
      if (difference.examples.length < examplesShown) difference.examples.push(exampleOf(decision, verdict.rules, after, rules))
      differences.set(key, difference)
    }
  }
  const mostFirst = [...differences.values()].sort((a, b) => b.count - a.count)
  return { tried, different, differences: mostFirst, untold, unlooked: [...unlooked] }
}

type Verdict = Pick<Decision, 'outcome' | 'challenge' | 'notify' | 'suppressPrompt' | 'rules'>

function outcomeOf({ outcome }: RuleDecision): (Verdict & { of: number }) | undefined {
  if (typeof outcome !== 'object' || outcome === null || Array.isArray(outcome)) return undefined
  const { of = 1 } = outcome as { of?: Json | undefined }
  return { ...(outcome as unknown as Verdict), of: Number(of) }
}

function changesOf(before: Verdict, after: Verdict): string[] {
  if (after.outcome === 'deny') return before.outcome === 'deny' ? [] : ['have been stopped']
  const changes = [
    before.outcome === 'deny' && 'not have been stopped',
    challengeChange(before, after),
    after.notify !== before.notify && (after.notify ? 'have been told of' : 'not have been told of'),
    after.suppressPrompt !== before.suppressPrompt && (after.suppressPrompt ? 'have been offered no passkey' : 'have been offered a passkey'),
  ]
  return changes.filter((change) => change !== false)
}

function challengeChange({ challenge: before }: Verdict, { challenge: after }: Verdict): string | false {
  const words = ({ acr, methods }: NonNullable<Verdict['challenge']>) => [acr, methods?.join(' or ')].filter(Boolean).join(' and ')
  if (!before) return after ? `have been asked for ${words(after)}` : false
  if (!after) return `not have been asked for ${words(before)}`
  return words(before) === words(after) ? false : `have been asked for ${words(after)} instead of ${words(before)}`
}

function exampleOf({ at, inputs }: RuleDecision, before: string[], after: Decision, rules: readonly Rule[]): Difference['examples'][number] {
  const names = [...new Set([...after.rules, ...before])]
  const asked = new Set(rules.filter(({ name }) => names.includes(name)).flatMap(({ when }) => signalsIn(when)))
  const known = Object.entries(inputs) as [SignalName, SignalValue][]
  return { at, rules: after.rules, signals: known.filter(([name, value]) => asked.has(name) && value !== null) }
}
