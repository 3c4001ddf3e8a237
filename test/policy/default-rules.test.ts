/** The rules that come along, as config/policy/rules.yaml says them. */
import test from 'ava'
import { decide, type RuleVerdict } from '../../src/policy/rules.ts'
import type { RuleEvent, Signals } from '../../src/policy/signals.ts'
import { parseConfig } from '../config/folder.ts'

const { rules } = parseConfig()
const mfa = 'urn:latchkey:acr:mfa'
const oneFactor = 'urn:latchkey:acr:1fa'

const calm: Signals = {
  'client': 'shop', 'domain': 'example.com', 'country': null, 'browser.family': 'Chrome', 'browser.platform': 'Windows', 'browser.inApp': false,
  'failures.account': 0, 'failures.network': 0, 'network.known': true, 'device.known': true, 'device.recognised': true, 'device.age': 1e9,
  'account.age': 1e10, 'account.createdHere': false, 'account.recovering': false, 'account.identifiers': ['email'], 'account.passkeys': 1,
  'account.passkeyKinds': ['synced'], 'account.reach': 'phr', 'proof.method': 'email_otp', 'proof.methods': ['email_otp'], 'proof.level': oneFactor,
}
const byPasskey: Signals = { 'proof.method': 'passkey', 'proof.methods': ['passkey'], 'proof.level': 'phr' }
const stranger: Signals = { 'device.known': false, 'device.recognised': false, 'device.age': null, 'network.known': false }
const nothing: Partial<RuleVerdict> = { outcome: 'allow', notify: false, suppressPrompt: false }

const table: [name: string, event: RuleEvent, signals: Signals, verdict: Partial<RuleVerdict>][] = [
  ['an ordinary sign-in by code', 'sign_in', {}, { ...nothing, rules: [] }],
  ['an ordinary sign-in by passkey', 'sign_in', byPasskey, { ...nothing, rules: [] }],
  ['a passkey on a device and in a network never seen', 'sign_in', { ...byPasskey, ...stranger }, { ...nothing, notify: true, rules: ['new-place'] }],
  ['a device never seen in a known network', 'sign_in', { ...stranger, 'network.known': true }, { ...nothing, rules: [] }],
  ['a known device in a network never seen', 'sign_in', { 'network.known': false }, { ...nothing, rules: [] }],
  ['whoever made the account a moment ago is told nothing', 'sign_in', { ...stranger, 'account.createdHere': true }, { ...nothing, rules: [] }],
  ['a code after many failures, on a strange device', 'sign_in', { ...stranger, 'network.known': true, 'failures.account': 8 }, { outcome: 'allow', challenge: { acr: mfa }, rules: ['many-failures'] }],
  ['… after fewer', 'sign_in', { ...stranger, 'network.known': true, 'failures.account': 7 }, { ...nothing, rules: [] }],
  ['… on a recognised device', 'sign_in', { 'failures.account': 50 }, { ...nothing, rules: [] }],
  ['… by passkey', 'sign_in', { ...byPasskey, ...stranger, 'network.known': true, 'failures.account': 50 }, { ...nothing, rules: [] }],
  ['… of somebody who has nothing but the mailbox', 'sign_in', { ...stranger, 'network.known': true, 'failures.account': 50, 'account.reach': oneFactor }, { ...nothing, rules: [] }],
  ['an offer', 'prompt', stranger, { ...nothing, rules: [] }],
  ['an offer after many failures', 'prompt', { ...stranger, 'failures.account': 8 }, { ...nothing, suppressPrompt: true, rules: ['many-failures-no-offer'] }],
  ['… on a recognised device', 'prompt', { 'failures.account': 8 }, { ...nothing, rules: [] }],
  ['… to a new account', 'prompt', { ...stranger, 'failures.account': 8, 'account.createdHere': true }, { ...nothing, rules: [] }],
  ['a strange device adds a passkey by a code', 'enrolment', stranger, { outcome: 'allow', challenge: { acr: mfa }, rules: ['new-device-adds-passkey'] }],
  ['… by a passkey', 'enrolment', { ...stranger, ...byPasskey }, { ...nothing, rules: ['new-device-adds-passkey'] }],
  ['… of an account with nothing more to ask for', 'enrolment', { ...stranger, 'account.reach': oneFactor }, { ...nothing, rules: [] }],
  ['… of a new account', 'enrolment', { ...stranger, 'account.createdHere': true }, { ...nothing, rules: [] }],
  ['… after a recovery', 'enrolment', { ...stranger, 'account.recovering': true }, { ...nothing, rules: [] }],
  ['a recognised device adds a passkey by a code', 'enrolment', {}, { ...nothing, rules: [] }],
  ['admin pages by a code', 'admin_access', {}, { outcome: 'allow', challenge: { acr: 'phr' }, rules: ['admin-needs-passkey'] }],
  ['admin pages by two kinds of code', 'admin_access', { 'proof.level': mfa }, { challenge: { acr: 'phr' } }],
  ['admin pages by a passkey', 'admin_access', byPasskey, { ...nothing, rules: [] }],
  ['a change', 'change', { ...stranger, 'change': 'remove_passkey' }, { ...nothing, rules: [] }],
  ['a recovery', 'recovery', stranger, { ...nothing, rules: [] }],
]

for (const [name, event, more, expected] of table) {
  test(`${event}: ${name}`, (t) => {
    const verdict = decide(rules, event, { ...calm, ...more })
    t.like(verdict, expected)
    t.deepEqual(verdict.challenge, expected.challenge)
    t.deepEqual(verdict.undecided, [])
  })
}

test('an ordinary passkey login depends on nothing that the store would have to be asked for', (t) => {
  for (const device of [{}, { 'device.recognised': false }] as Signals[]) {
    const { 'failures.account': _, 'failures.network': __, 'network.known': ___, 'account.passkeyKinds': ____, ...free } = { ...calm, ...byPasskey, ...device }
    t.deepEqual(decide(rules, 'sign_in', free).undecided, [])
  }
})
