/** Which ways are open, exactly: before a proof those that anybody could have, after it those that lead on. */
import test from 'ava'
import type { Flow } from '../../src/login/flow.ts'
import { assessSituation } from '../../src/login/situation.ts'
import { fresh, prove, typeIdentifier, type LoginState, type Typed, type Way } from '../../src/login/state.ts'
import { otherMethods, type Method, type Proof } from '../../src/policy/types.ts'
import type { Account } from '../../src/storage/types.ts'
import { account, appWith, minute, now, thisBrowser } from './rig.ts'

const asIs = <T>(value: unknown): T => value as T
const email: Typed = { kind: 'email', value: 'maya@example.com' }
const bare = account(email.value)
const rich: Account = {
  ...account(email.value, ['passkey']),
  identifiers: [...bare.identifiers, { kind: 'phone', value: '+447911123456', verifiedAt: 1 }],
  factors: { totp: { since: 1 }, recovery_codes: { since: 1, left: 3 } },
}
const withoutPasskey: Account = { ...rich, credentialIds: [] }
const proof = (method: Method, more: Partial<Proof> = {}): Proof => ({ method, at: now - minute, accountId: bare.id, deviceHash: thisBrowser, usablePasskey: false, ...more })
const mfa = { acrValues: ['urn:latchkey:acr:mfa'], essential: false }
const any = { acrValues: [], essential: false }

interface Case {
  who?: Account
  state?: LoginState
  session?: Proof[]
  requirement?: object
  downgrade?: string
  kinds?: string[]
  typedAccount?: Account
}

function flowOf({ who, state = fresh(), session, requirement = any, downgrade = 'notify', kinds = ['email', 'phone'], typedAccount }: Case): Flow {
  const identifiers = Object.fromEntries(['email', 'phone', 'username'].map((kind) => [kind, { signIn: kinds.includes(kind), signUp: 'off' }]))
  return asIs({
    now, state, account: who, typedAccount, devices: [], typedDevice: undefined, passkeys: [],
    ctx: { state: { device: { hash: thisBrowser } }, get: () => '' },
    request: {
      prompt: 'login', startedAt: now, requirement, client: appWith(), app: { id: 'shop' },
      ...(session && who && { session: { accountId: who.id, uid: 's', proofs: session } }),
    },
    deps: {
      config: { assurance: { downgrade }, verification: { methods: [...otherMethods], strategy: { email: 'at_sign_up', phone: 'at_sign_up' } }, identifiers, passkeys: { creation: 'off' } },
      storage: { prompts: { query: async () => [] }, ephemeral: { get: async () => undefined } },
      devices: { isRecognised: () => false, isElsewhere: () => false },
      passkeys: { listFor: async ({ credentialIds }: Account) => credentialIds.map((id) => ({ id, transports: ['internal'], aaguid: '', enrolledUserAgent: 'Chrome on Windows', backupEligible: true })) },
    },
  })
}

const typed = typeIdentifier(fresh(), email, 'sign_in')
const byCode = (usablePasskey: boolean) => prove(typed, proof('email_otp', { usablePasskey }))
const passkeys: Way[] = ['passkey', 'other_device']

const table: Record<string, [of: Case, ways: Way[], first?: Way]> = {
  'anybody': [{ state: typed }, [...passkeys, 'email_otp', 'sms_otp', 'totp', 'recovery_code'], 'email_otp'],
  'anybody, where there are no numbers': [{ state: typed, kinds: ['email'] }, [...passkeys, 'email_otp', 'totp', 'recovery_code'], 'email_otp'],
  'anybody who typed a number': [{ state: typeIdentifier(fresh(), { kind: 'phone', value: '+447911123456' }, 'sign_in') }, [...passkeys, 'email_otp', 'sms_otp', 'totp', 'recovery_code'], 'sms_otp'],
  'anybody, where there are usernames alone': [{ state: typeIdentifier(fresh(), { kind: 'username', value: 'maya' }, 'sign_in'), kinds: ['username'] }, [...passkeys, 'totp', 'recovery_code'], 'passkey'],
  'an app that takes links alone': [{ state: typed, requirement: { ...any, methods: ['email_link'] } }, ['email_link'], 'email_link'],
  'a browser that knows them': [{ state: typed, typedAccount: bare }, ['email_otp'], 'email_otp'],
  'a browser that knows them, passkeys only': [{ state: typed, typedAccount: { ...rich, passkeysOnlySince: 1 } }, [...passkeys, 'recovery_code'], 'passkey'],
  'two kinds are asked for, one is proven': [{ who: withoutPasskey, session: [proof('email_otp')], requirement: mfa }, ['sms_otp', 'totp']],
  '… the same kind twice is one': [{ who: withoutPasskey, session: [proof('email_link')], requirement: mfa }, ['sms_otp', 'totp']],
  '… and there is no other': [{ who: bare, session: [proof('email_otp')], requirement: mfa }, []],
  '… and what is proven is too old': [{ who: withoutPasskey, session: [proof('email_otp', { at: now - 60 * minute })], requirement: { ...mfa, maxAge: 60 } }, ['email_otp', 'sms_otp', 'totp']],
  '… of an account with a passkey, where codes do not add up': [{ who: rich, session: [proof('email_otp', { usablePasskey: true })], requirement: mfa, downgrade: 'allow' }, passkeys],
  '… of an app that takes no apps': [{ who: withoutPasskey, session: [proof('email_otp')], requirement: { ...mfa, methods: ['email_otp', 'sms_otp'] } }, ['sms_otp']],
  'a code although there is a passkey, step_up': [{ who: rich, state: byCode(true), downgrade: 'step_up' }, [...passkeys, 'sms_otp', 'totp', 'recovery_code']],
  '… block': [{ who: rich, state: byCode(true), downgrade: 'block' }, [...passkeys, 'recovery_code']],
  '… and a second kind was proven on top': [{ who: rich, state: prove(byCode(true), proof('totp', { usablePasskey: true })), downgrade: 'step_up' }, passkeysAndRecovery()],
  'a code in a browser that is new to an account with a second kind: that one lets a passkey be added': [{ who: withoutPasskey, state: byCode(false) }, ['sms_otp', 'totp', 'recovery_code']],
  'a passkey is asked for, and there is none: what lets one be made': [{ who: withoutPasskey, session: [proof('email_otp')], requirement: { acrValues: ['phr'], essential: false } }, ['sms_otp', 'totp', 'recovery_code']],
}

/** Nothing is missing any more; a passkey may be added after one of these. */
function passkeysAndRecovery(): Way[] {
  return [...passkeys, 'recovery_code']
}

for (const [name, [of, ways, first]] of Object.entries(table)) {
  test(`ways: ${name}`, async (t) => {
    const situation = await assessSituation(flowOf(of))
    t.deepEqual(situation.ways, ways)
    if (first) t.is(situation.first, first)
  })
}

test('a second kind on top finishes where step_up asks for it, and does not where block does', async (t) => {
  const state = prove(byCode(true), proof('totp', { usablePasskey: true }))
  t.true((await assessSituation(flowOf({ who: rich, state, downgrade: 'step_up' }))).met)
  t.false((await assessSituation(flowOf({ who: rich, state, downgrade: 'block' }))).met)
  t.true((await assessSituation(flowOf({ who: rich, session: [proof('email_otp', { usablePasskey: true })], state: prove(fresh(), proof('sms_otp', { usablePasskey: true })), downgrade: 'step_up' }))).met, 'the first kind was proven in the session')
})

test('what a rule asks for on top is missing until something new is proven, whatever there is', async (t) => {
  const state: LoginState = { ...prove(typed, proof('totp')), challenge: { methods: ['totp'] } }
  const situation = await assessSituation(flowOf({ who: withoutPasskey, state }))
  t.false(situation.met)
  t.deepEqual(situation.ways, ['email_otp', 'sms_otp', 'totp', 'recovery_code'])
})
