import { outcomesAt, type Outcome } from '../policy/rules.ts'
import { isKnownAt, ruleEvents, signals } from '../policy/signals.ts'
import { rankOf } from '../policy/types.ts'
import { eachItem } from './checks.ts'
import type { Check, PartViolation } from './checks.ts'
import { editDistance } from './known-settings.ts'
import { anatomy, type Leaf } from './policy-conditions.ts'
import type { WrittenRule } from './policy-schema.ts'
import { accountClientId, demoClientId } from './schema.ts'
import { isRecord } from './source.ts'

export interface PolicySubject {
  rule: WrittenRule
  /** of the files; absent while clients are wrong themselves */
  clientIds?: string[]
}

const events = ({ rule }: PolicySubject) => [rule.on].flat()
const outcomesOf = ({ rule }: PolicySubject): Outcome[] => [rule.then].flat()
const partsOf = ({ rule }: PolicySubject) => anatomy(rule.when, [])

/** What a rule must be beyond its form. */
export const policyChecks: Check<PolicySubject>[] = [
  {
    setting: 'when',
    allowed: 'at least one signal',
    violation: (subject) => partsOf(subject).empty.map((part) => ({ part, message: 'says nothing' })),
  },
  {
    setting: 'when',
    reads: ['on'],
    allowed: 'signals that are known at each event of the rule',
    violation: (subject) =>
      partsOf(subject).leaves.flatMap(({ path, signal }) => {
        const strange = events(subject).filter((event) => !isKnownAt(signal, event))
        return strange.length === 0 ? [] : [{ part: path, message: `is not known at ${strange.join(' and ')}` }]
      }),
  },
  {
    setting: 'when',
    allowed: 'atLeast below what stands under below',
    violation: (subject) => partsOf(subject).leaves.flatMap((leaf) => (isEmptyRange(leaf) ? [{ part: leaf.path, message: 'holds for nothing' }] : [])),
  },
  {
    setting: 'when',
    allowed: 'the client_id of a file in clients',
    violation: (subject) => unknownClients(subject),
  },
  {
    setting: 'then',
    reads: ['on'],
    violation: (subject) =>
      part(subject.rule.then, (outcome) => {
        const places = ruleEvents.filter((event) => outcomesAt[event].includes(outcome))
        return events(subject).some((event) => places.includes(event)) ? undefined : `means nothing at ${events(subject).join(' and ')} (it does at ${places.join(', ')})`
      }),
  },
  {
    setting: 'on',
    reads: ['then'],
    violation: (subject) =>
      part(subject.rule.on, (event) =>
        outcomesOf(subject).some((outcome) => outcomesAt[event].includes(outcome)) ? undefined : `has no use for ${outcomesOf(subject).join(' and ')} (there is ${outcomesAt[event].join(', ')})`),
  },
  {
    setting: 'ask',
    reads: ['then'],
    allowed: 'ask with level, methods or both',
    violation: ({ rule: { ask, then } }) => {
      if (![then].flat().includes('challenge')) return undefined
      if (!ask) return 'is missing: challenge has to say what it asks for'
      return Object.keys(ask).length === 0 ? 'says nothing' : undefined
    },
  },
  {
    setting: 'ask',
    reads: ['then'],
    allowed: 'ask together with then: challenge',
    violation: ({ rule: { ask, then } }) => (ask && ![then].flat().includes('challenge') ? 'is set, but nothing is asked for' : undefined),
  },
  {
    setting: 'ask.methods',
    reads: ['ask.level'],
    allowed: 'methods of which one reaches the level, or no level',
    violation: ({ rule: { ask } }) =>
      ask?.level && ask.methods && rankOf(ask.level) >= rankOf('phr') && !ask.methods.includes('passkey') ? `cannot reach ${ask.level}: only a passkey does` : undefined,
  },
]

/** Of a single value or a list of them. */
function part<Value extends string>(values: Value | Value[], check: (value: Value) => string | undefined): PartViolation[] {
  if (Array.isArray(values)) return eachItem(values, check)
  const message = check(values)
  return message === undefined ? [] : [{ part: [], message }]
}

function isEmptyRange({ signal, value }: Leaf): boolean {
  if (!isRecord(value)) return false
  const { atLeast, below } = value
  if (atLeast === undefined || below === undefined) return below === 0 || (signals[signal].kind === 'level' && rankOf(String(below)) === 0)
  return signals[signal].kind === 'level' ? rankOf(String(atLeast)) >= rankOf(String(below)) : Number(atLeast) >= Number(below)
}

function unknownClients(subject: PolicySubject): PartViolation[] {
  if (!subject.clientIds) return []
  const clientIds = [...subject.clientIds, demoClientId, accountClientId]
  return partsOf(subject).leaves.flatMap(({ path, signal, value }) => {
    if (signal !== 'client') return []
    const check = (id: string) => (clientIds.includes(id) ? undefined : `is no app here${meant(id, clientIds)}`)
    return part(value as string | string[], check).map(({ part, message }) => ({ part: [...path, ...part], message }))
  })
}

function meant(id: string, ids: string[]): string {
  const [nearest] = ids.map((name) => ({ name, distance: editDistance(name, id) })).sort((a, b) => a.distance - b.distance)
  return nearest && nearest.distance <= 2 ? `, did you mean ${nearest.name}?` : ''
}
