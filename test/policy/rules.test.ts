import test from 'ava'
import { decide, holds, outcomes, outcomesAt, type Condition, type Rule } from '../../src/policy/rules.ts'
import { ruleEvents, signalNames, signals, type SignalName, type Signals, type SignalValue } from '../../src/policy/signals.ts'
import { attainable, availableMethods } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'

const words = ['a', 'b', 'c']
const levels = [...attainable]

/** A value as each kind of signal has them; null is what nobody knows. */
const valueOf = (name: SignalName): fc.Arbitrary<SignalValue> => {
  const of = {
    flag: fc.boolean(),
    word: fc.constantFrom(...words),
    words: fc.uniqueArray(fc.constantFrom(...words)),
    count: fc.nat(4),
    age: fc.nat(4),
    level: fc.constantFrom(...levels),
  }[signals[name].kind] as fc.Arbitrary<SignalValue>
  return fc.option(of, { nil: null })
}

const testOf = (name: SignalName) => {
  const { kind } = signals[name]
  if (kind === 'flag') return fc.record({ is: fc.boolean() })
  if (kind === 'word' || kind === 'words') return fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 }).map((list) => ({ oneOf: new Set(list) }))
  return fc.record({ atLeast: fc.nat(4), below: fc.nat(4) }, { requiredKeys: [] })
}

const leaf = fc.constantFrom(...signalNames).chain((signal) => testOf(signal).map((test): Condition => ({ signal, test })))
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('condition'), { maxLength: 3 }).map((all): Condition => ({ all })),
    fc.array(tie('condition'), { maxLength: 3 }).map((any): Condition => ({ any })),
    tie('condition').map((not): Condition => ({ not })),
  ),
}))

const all = fc.record(Object.fromEntries(signalNames.map((name) => [name, valueOf(name)]))) as fc.Arbitrary<Signals>
/** some of them have not been looked at */
const some = fc.tuple(all, fc.subarray(signalNames)).map(([found, looked]): Signals => Object.fromEntries(looked.map((name) => [name, found[name]])))

const rule = fc.record({
  name: fc.string({ minLength: 1 }),
  on: fc.subarray([...ruleEvents], { minLength: 1 }),
  when: condition,
  then: fc.subarray([...outcomes], { minLength: 1 }),
  ask: fc.record({ acr: fc.constantFrom(...levels), methods: fc.subarray([...availableMethods], { minLength: 1 }) }, { requiredKeys: [] }),
  because: fc.string(),
}) as fc.Arbitrary<Rule>
const event = fc.constantFrom(...ruleEvents)

const law = (title: string, property: fc.IRawProperty<never>) =>
  test(title, (t) => t.notThrows(() => fc.assert(property as fc.IRawProperty<unknown>, { numRuns: 500 })))

const same = (a: Condition, b: Condition, found: Signals) => holds(a, found) === holds(b, found)

law('not not a = a', fc.property(condition, some, (a, found) => same({ not: { not: a } }, a, found)) as never)
law('not (a and b) = not a or not b', fc.property(condition, condition, some, (a, b, found) =>
  same({ not: { all: [a, b] } }, { any: [{ not: a }, { not: b }] }, found)) as never)
law('not (a or b) = not a and not b', fc.property(condition, condition, some, (a, b, found) =>
  same({ not: { any: [a, b] } }, { all: [{ not: a }, { not: b }] }, found)) as never)
law('a and b = b and a, a or b = b or a', fc.property(condition, condition, some, (a, b, found) =>
  same({ all: [a, b] }, { all: [b, a] }, found) && same({ any: [a, b] }, { any: [b, a] }, found)) as never)
law('a and (b or c) = (a and b) or (a and c)', fc.property(condition, condition, condition, some, (a, b, c, found) =>
  same({ all: [a, { any: [b, c] }] }, { any: [{ all: [a, b] }, { all: [a, c] }] }, found)) as never)
law('nothing to hold holds, nothing to choose from does not', fc.property(some, (found) =>
  holds({ all: [] }, found) === true && holds({ any: [] }, found) === false) as never)
law('with everything looked at, everything is decided', fc.property(condition, all, (a, found) => holds(a, found) !== undefined) as never)

law('what is decided with some signals stays so when more are looked at', fc.property(condition, all, fc.subarray(signalNames), (a, found, looked) => {
  const early = holds(a, Object.fromEntries(looked.map((name) => [name, found[name]])))
  return early === undefined || early === holds(a, found)
}) as never)

law('looking at what is undecided, and at nothing else, comes to the same as looking at everything', fc.property(fc.array(rule, { maxLength: 5 }), event, all, (rules, event, found) => {
  const looked: Signals = {}
  let step = decide(rules, event, looked)
  while (step.undecided.length > 0) {
    for (const name of step.undecided) {
      if (name in looked) return false
      looked[name] = found[name] ?? null
    }
    step = decide(rules, event, looked)
  }
  // What proofs there are says which challenges are still open.
  const proofs = { 'proof.level': found['proof.level'] ?? null, 'proof.methods': found['proof.methods'] ?? null }
  return fc.stringify(decide(rules, event, { ...looked, ...proofs })) === fc.stringify(decide(rules, event, found))
}) as never)

law('the order of the rules says nothing but whose words are quoted', fc.property(fc.array(rule, { maxLength: 5 }), event, all, fc.infiniteStream(fc.nat()), (rules, event, found, keys) => {
  const shuffled = rules.map((one) => [keys.next().value as number, one] as const).sort(([a], [b]) => a - b).map(([, one]) => one)
  const plain = (list: Rule[]) => {
    const { explanation: _, rules: names, ...verdict } = decide(list, event, found)
    return fc.stringify({ ...verdict, names: names.toSorted() })
  }
  return plain(rules) === plain(shuffled)
}) as never)

law('another rule never makes it milder', fc.property(fc.array(rule, { maxLength: 4 }), rule, event, all, (rules, more, event, found) => {
  const [before, after] = [decide(rules, event, found), decide([...rules, more], event, found)]
  const rank = (acr: string | undefined) => (acr === undefined ? -1 : levels.indexOf(acr as never))
  return (
    (before.outcome === 'allow' || after.outcome === 'deny') &&
    (after.notify || !before.notify) &&
    (after.suppressPrompt || !before.suppressPrompt) &&
    (after.outcome === 'deny' || rank(after.challenge?.acr) >= rank(before.challenge?.acr))
  )
}) as never)

law('an event brings about only what it can', fc.property(fc.array(rule, { maxLength: 5 }), event, all, (rules, event, found) => {
  const verdict = decide(rules, event, found)
  const can = outcomesAt[event]
  return (
    (verdict.outcome === 'allow' || can.includes('deny')) &&
    (!verdict.challenge || can.includes('challenge')) &&
    (!verdict.notify || can.includes('notify')) &&
    (!verdict.suppressPrompt || can.includes('suppress_prompt'))
  )
}) as never)

const flag = (is: boolean): Condition => ({ signal: 'device.known', test: { is } })
const always: Condition = { all: [] }
const make = (more: Partial<Rule>): Rule => ({ name: 'r', on: ['sign_in'], when: always, then: ['deny'], because: 'why', ...more })
const asks = (ask: Rule['ask'], name = 'r'): Rule => make({ name, then: ['challenge'], ...(ask && { ask }) })

const comparisons: [name: string, signal: SignalName, test: Extract<Condition, { signal: SignalName }>['test'], value: SignalValue, holds: boolean][] = [
  ['a flag', 'device.known', { is: true }, true, true],
  ['a flag the other way round', 'device.known', { is: false }, true, false],
  ['an unknown flag is not false', 'device.known', { is: false }, null, false],
  ['one of the words', 'country', { oneOf: new Set(['GB', 'IE']) }, 'IE', true],
  ['none of the words', 'country', { oneOf: new Set(['GB', 'IE']) }, 'FR', false],
  ['an unknown word', 'country', { oneOf: new Set(['GB']) }, null, false],
  ['a list that holds one', 'proof.methods', { oneOf: new Set(['passkey']) }, ['email_otp', 'passkey'], true],
  ['a list that holds none', 'proof.methods', { oneOf: new Set(['passkey']) }, ['email_otp'], false],
  ['a number from', 'failures.account', { atLeast: 8 }, 8, true],
  ['a number not yet from', 'failures.account', { atLeast: 8 }, 7, false],
  ['a number below', 'failures.account', { below: 8 }, 7, true],
  ['a number no more below', 'failures.account', { below: 8 }, 8, false],
  ['an age that is not known', 'device.age', { below: 8 }, null, false],
  ['a level from', 'proof.level', { atLeast: 3 }, 'phr', true],
  ['a level below', 'proof.level', { below: 3 }, 'urn:latchkey:acr:mfa', true],
  ['a level not below', 'proof.level', { below: 3 }, 'phr', false],
  ['no proof is no level', 'proof.level', { below: 3 }, null, false],
  ['a listed domain', 'domain', { domainIn: new Set(['bad.example']) }, 'bad.example', true],
  ['below a listed domain', 'domain', { domainIn: new Set(['bad.example']) }, 'a.b.bad.example', true],
  ['a domain that ends alike', 'domain', { domainIn: new Set(['bad.example']) }, 'notbad.example', false],
  ['above a listed domain', 'domain', { domainIn: new Set(['bad.example']) }, 'example', false],
]

for (const [name, signal, test_, value, expected] of comparisons) {
  test(`${name}: ${expected}`, (t) => {
    t.is(holds({ signal, test: test_ }, { [signal]: value }), expected)
    t.is(holds({ not: { signal, test: test_ } }, { [signal]: value }), !expected)
    t.is(holds({ signal, test: test_ }, {}), undefined)
  })
}

test('nothing matches: nothing happens', (t) => {
  t.deepEqual(decide([make({ when: flag(true) }), make({ on: ['recovery'] })], 'sign_in', { 'device.known': false }), {
    outcome: 'allow', notify: false, suppressPrompt: false, rules: [], undecided: [],
  })
})

test('a no is stronger than all the rest; its words are quoted', (t) => {
  const rules = [make({ name: 'a', then: ['notify'], because: 'told' }), asks({ acr: 'phr' }, 'b'), make({ name: 'c', because: 'no' }), make({ name: 'd', then: ['allow'] })]
  t.like(decide(rules, 'sign_in', {}), { outcome: 'deny', notify: true, rules: ['a', 'b', 'c', 'd'], explanation: 'no' })
})

test('the higher level and the methods of both are asked for', (t) => {
  const both = [asks({ acr: 'urn:latchkey:acr:mfa', methods: ['passkey', 'email_otp'] }), asks({ acr: 'phr', methods: ['passkey'] })]
  t.deepEqual(decide(both, 'sign_in', {}).challenge, { acr: 'phr', methods: ['passkey'] })
})

test('two lists without a method in common are a no', (t) => {
  const { outcome, challenge } = decide([asks({ methods: ['passkey'] }), asks({ methods: ['email_otp'] })], 'sign_in', {})
  t.is(outcome, 'deny')
  t.is(challenge, undefined)
})

test('what the proofs have is not asked for again', (t) => {
  const rules = [asks({ acr: 'urn:latchkey:acr:mfa', methods: ['email_otp'] })]
  const after = (level: string | null, methods: string[]) => decide(rules, 'sign_in', { 'proof.level': level, 'proof.methods': methods }).challenge
  t.deepEqual(after(null, []), { acr: 'urn:latchkey:acr:mfa', methods: ['email_otp'] })
  t.deepEqual(after('phr', ['passkey']), { methods: ['email_otp'] })
  t.deepEqual(after('urn:latchkey:acr:1fa', ['email_otp']), { acr: 'urn:latchkey:acr:mfa' })
  t.is(after('phr', ['email_otp', 'passkey']), undefined)
})

test('a rule that stands for two events brings about at each what it can', (t) => {
  const rules = [make({ on: ['sign_in', 'prompt'], then: ['challenge', 'suppress_prompt'], ask: { acr: 'phr' } })]
  t.like(decide(rules, 'sign_in', {}), { challenge: { acr: 'phr' }, suppressPrompt: false })
  const { challenge, suppressPrompt } = decide(rules, 'prompt', {})
  t.deepEqual([challenge, suppressPrompt], [undefined, true])
})

test('a rule on trial is only recorded', (t) => {
  t.like(decide([make({ name: 'new', then: ['allow'] })], 'sign_in', {}), { outcome: 'allow', notify: false, rules: ['new'] })
})
