import test, { type ExecutionContext } from 'ava'
import { createDevices } from '../../src/accounts/devices.ts'
import { emailsOf, throttleKeys } from '../../src/accounts/emails.ts'
import type { Rule } from '../../src/policy/rules.ts'
import { signalNames } from '../../src/policy/signals.ts'
import { otherMethods, type Proof } from '../../src/policy/types.ts'
import { createFailures } from '../../src/risk/failures.ts'
import { createRisk, type Happening } from '../../src/risk/index.ts'
import type { Account, RuleDecision } from '../../src/storage/types.ts'
import { openTestStore } from '../verification/store.ts'

const minute = 60_000
const hour = 60 * minute

const account: Account = { id: 'account', createdAt: 0, userHandle: 'h', identifiers: [{ kind: 'email', value: 'ada@example.com', verifiedAt: 1 }], credentialIds: ['key'] }
const proof = (method: Proof['method']): Proof => ({ method, at: 0, accountId: 'account', usablePasskey: false })

const happening: Happening = {
  event: 'sign_in', occasion: 'one', now: 0, since: 0, seenFrom: { network: 'home' }, account, createdHere: false, recovering: false,
  browser: { browser: 'Chrome', platform: 'Windows', inApp: false }, proofs: [proof('email_otp')],
}

const config = { loopback: false, verification: { methods: otherMethods } }

/** Over the real store, with every call to it noted. */
async function open(t: ExecutionContext, rules: Rule[]) {
  const { storage, keyring, advance } = await openTestStore(t)
  const calls: string[] = []
  const noting = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get(target, method) {
        const found: unknown = Reflect.get(target, method)
        return typeof found === 'function' ? (...args: unknown[]) => (calls.push(`${name}.${String(method)}`), Reflect.apply(found, target, args)) : found
      },
    })
  const errors: string[] = []
  const noted = {
    clock: storage.clock,
    ephemeral: noting('ephemeral', storage.ephemeral),
    rules: noting('rules', storage.rules),
    passkeys: noting('passkeys', storage.passkeys),
    devices: noting('devices', storage.devices),
  }
  const risk = createRisk({ ...noted, devices: createDevices(noted), keyring, log: { error: (_, message) => void errors.push(message) }, emails: { of: emailsOf, keysOf: throttleKeys }, config: { ...config, rules } })
  const kept = () => storage.rules.query({ limit: 1000 })
  return { risk, failures: createFailures({ ...noted, keyring }), calls, kept, advance, storage, errors }
}

const rule = (more: Partial<Rule>): Rule => ({ name: 'r', on: ['sign_in'], when: { all: [] }, then: ['notify'], because: 'why', ...more })
const unknownNetwork = { signal: 'network.known', test: { is: false } } as const
const manyFailures = { signal: 'failures.account', test: { atLeast: 3 } } as const

test('failures of the last hour are counted, fifty at most, and one mailbox is one', async (t) => {
  const { failures, advance } = await open(t, [])
  for (let n = 0; n < 3; n++) await failures.note({ addresses: ['ada@example.com'], network: 'home' })
  advance(30 * minute)
  await failures.note({ addresses: ['ada@example.com', 'ada@example.com', 'lovelace@example.com'] })
  t.is(await failures.ofAddresses(['ada@example.com']), 4)
  t.is(await failures.ofAddresses(['lovelace@example.com', 'ada@example.com', 'nobody@example.com']), 4)
  t.is(await failures.ofAddresses([]), 0)
  t.is(await failures.ofNetwork('home'), 3)
  advance(30 * minute)
  t.is(await failures.ofAddresses(['ada@example.com']), 1)
  t.is(await failures.ofNetwork('home'), 0)
  for (let n = 0; n < 60; n++) await failures.note({ addresses: ['ada@example.com'] })
  t.is(await failures.ofAddresses(['ada@example.com']), 50)
})

test('failures that come at once are all counted', async (t) => {
  const { failures } = await open(t, [])
  await Promise.all(Array.from({ length: 20 }, () => failures.note({ addresses: ['ada@example.com'], network: 'home' })))
  t.is(await failures.ofAddresses(['ada@example.com']), 20)
  t.is(await failures.ofNetwork('home'), 20)
})

const device = (networks: string[]) => ({ id: 'd:account', deviceHash: 'd', accountId: 'account', firstSeenAt: 0, lastSeenAt: 0, credentialIds: [], userAgent: 'x', networks })

const asked: [name: string, rules: Rule[], happening: Partial<Happening>, calls: string[]][] = [
  ['no rules: nothing', [], {}, []],
  ['rules of another event: nothing', [rule({ on: ['recovery'], when: manyFailures })], {}, []],
  ['a rule that nothing costly decides: nothing', [rule({ when: { all: [{ signal: 'device.known', test: { is: true } }, manyFailures] } })], {}, []],
  ['a signal that a rule depends on: that one', [rule({ when: manyFailures })], {}, ['ephemeral.get']],
  ['one signal of many rules: once', [rule({ name: 'a', when: manyFailures }), rule({ name: 'b', when: { not: manyFailures } })], {}, ['ephemeral.get']],
  ['a network that this browser was seen in: nothing', [rule({ when: unknownNetwork })], { device: device(['home']) }, []],
  ['another network: the other browsers of the account', [rule({ when: unknownNetwork })], { device: device(['office']) }, ['devices.listByAccount']],
  ['kinds of passkeys: the passkeys', [rule({ when: { signal: 'account.passkeyKinds', test: { oneOf: new Set(['synced']) } } })], {}, ['passkeys.listByAccount']],
  ['before a proof: failures, of what was typed', [rule({ on: ['sign_up'], then: ['deny'], when: manyFailures })], { event: 'sign_up' }, ['ephemeral.get']],
]

for (const [name, rules, more, expected] of asked) {
  test(`what the store is asked for; ${name}`, async (t) => {
    const { risk, calls } = await open(t, rules)
    await risk.judge({ ...happening, ...more })
    t.deepEqual(calls.filter((call) => call !== 'rules.append'), expected)
  })
}

test('before a proof known and unknown addresses cost the same and get the same', async (t) => {
  const { risk, calls, kept } = await open(t, [rule({ on: ['sign_up'], then: ['deny'], when: { any: [manyFailures, { signal: 'failures.network', test: { atLeast: 1 } }] } })])
  const { account: _, ...nobody } = happening
  const seen = []
  for (const [occasion, one] of [['known', happening], ['unknown', { ...nobody, typed: 'ada@example.com' }]] as const) {
    calls.length = 0
    seen.push([await risk.judge({ ...one, event: 'sign_up', occasion }), [...calls]])
  }
  t.deepEqual(seen[0], seen[1])
  const [first, second] = await kept()
  t.deepEqual({ ...first, id: '' }, { ...second, id: '' })
  t.is(first?.accountId, undefined)
})

test('a decision is kept with what it rests on, and no full identifier', async (t) => {
  const { risk, failures, kept, storage } = await open(t, [rule({ name: 'many', when: manyFailures, then: ['challenge'], ask: { acr: 'phr' } })])
  for (let n = 0; n < 3; n++) await failures.note({ addresses: ['ada@example.com'] })
  t.deepEqual((await risk.judge(happening)).challenge, { acr: 'phr' })
  const [decision] = await kept()
  t.like(decision, {
    event: 'sign_in',
    accountId: 'account',
    at: storage.clock.now(),
    inputs: { 'failures.account': 3, 'domain': 'example.com', 'proof.method': 'email_otp' },
    outcome: { outcome: 'allow', challenge: { acr: 'phr' }, notify: false, rules: ['many'], explanation: 'why' },
  })
  t.deepEqual(Object.keys(decision?.inputs ?? {}).filter((name) => !(signalNames as string[]).includes(name)), [])
  t.notRegex(JSON.stringify(decision), /ada@|home/)
})

test('asked again at each step of a sign-in it is one decision, until another proof comes', async (t) => {
  const { risk, kept } = await open(t, [])
  for (let n = 0; n < 3; n++) await risk.judge(happening)
  t.is((await kept()).length, 1)
  await risk.judge({ ...happening, proofs: [proof('email_otp'), proof('passkey')] })
  await risk.judge({ ...happening, event: 'enrolment' })
  await risk.judge({ ...happening, occasion: 'two' })
  t.is((await kept()).length, 4)
})

const weightsOf = (decisions: RuleDecision[]) => decisions.map(({ outcome }) => (outcome as NonNullable<RuleDecision['inputs']>)['of'] ?? 1)

test('of ordinary sign-ins by passkey ten a minute are kept, and the next one stands for the others', async (t) => {
  const { risk, kept, advance } = await open(t, [rule({ when: { signal: 'country', test: { oneOf: new Set(['FR']) } } })])
  let occasion = 0
  const signIn = (more: Partial<Happening> = {}) => risk.judge({ ...happening, proofs: [proof('passkey')], occasion: `${occasion++}`, ...more })
  for (let n = 0; n < 25; n++) await signIn()
  t.deepEqual(weightsOf(await kept()), Array(10).fill(1))
  for (let n = 0; n < 15; n++) {
    await signIn({ seenFrom: { country: 'FR' } })
    await signIn({ proofs: [proof('email_otp')] })
    await signIn({ event: 'enrolment' })
  }
  t.deepEqual(weightsOf(await kept()), Array(55).fill(1), 'what is out of the ordinary always is')
  advance(minute)
  for (let n = 0; n < 12; n++) await signIn()
  t.deepEqual(weightsOf(await kept()).slice(0, 10), [...Array(9).fill(1), 16])
  advance(hour)
  await signIn()
  t.is(weightsOf(await kept())[0], 3)
})

test('of addresses that are typed for a sign-up sixty a minute are kept for each answer', async (t) => {
  const { risk, kept, advance } = await open(t, [rule({ on: ['sign_up'], then: ['deny'], when: { signal: 'domain', test: { domainIn: new Set(['bad.example']) } } })])
  const { account: _, ...nobody } = happening
  const type = (domain: string, n: number) => risk.judge({ ...nobody, event: 'sign_up', typed: `ada@${domain}`, occasion: `${domain} ${n}` })
  for (let n = 0; n < 70; n++) for (const domain of ['bad.example', 'good.example']) await type(domain, n)
  t.is((await kept()).length, 120)
  advance(minute)
  for (const domain of ['bad.example', 'good.example']) await type(domain, 70)
  t.deepEqual(weightsOf(await kept()).slice(0, 3), [11, 11, 1])
})

test('a decision that cannot be kept stops nobody', async (t) => {
  const { risk, storage, errors } = await open(t, [rule({})])
  storage.rules.append = () => Promise.reject(new Error('disk full'))
  t.true((await risk.judge(happening)).notify)
  t.deepEqual(errors, ['rule decision lost'])
})
