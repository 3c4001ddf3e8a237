import test from 'ava'
import { freeSignals, isKnownAt, ruleEvents, signalNames, type Scene, type SignalName } from '../../src/policy/signals.ts'
import type { Account, Device } from '../../src/storage/types.ts'

const day = 86_400_000
const now = 100 * day

const account: Account = {
  id: 'a', createdAt: now - 30 * day, userHandle: 'h', credentialIds: ['one', 'two'],
  identifiers: [{ kind: 'email', value: 'ada@example.com', verifiedAt: 1 }, { kind: 'email', value: 'new@example.com' }, { kind: 'username', value: 'ada', verifiedAt: 1 }],
}
const device: Device = {
  id: 'd:a', deviceHash: 'd', accountId: 'a', firstSeenAt: now - 3 * day, lastSeenAt: now, credentialIds: [], userAgent: 'Chrome on Windows', networks: ['home'],
}
const scene: Scene = {
  event: 'sign_in', now, clientId: 'shop', domain: 'example.com', country: 'GB', network: 'home', reach: 'phr',
  browser: { browser: 'Chrome', platform: 'Windows', inApp: false }, account, device, recognised: true, createdHere: false, recovering: false, change: 'add_method',
  proofs: [{ method: 'email_otp', at: now, accountId: 'a', usablePasskey: false }, { method: 'passkey', at: now, accountId: 'a', usablePasskey: true }],
}

test('what is at hand', (t) => {
  t.deepEqual(freeSignals(scene), {
    'client': 'shop',
    'domain': 'example.com',
    'country': 'GB',
    'browser.family': 'Chrome',
    'browser.platform': 'Windows',
    'browser.inApp': false,
    'device.known': true,
    'device.recognised': true,
    'device.age': 3 * day,
    'network.known': true,
    'account.age': 30 * day,
    'account.createdHere': false,
    'account.recovering': false,
    'account.identifiers': ['email', 'username'],
    'account.passkeys': 2,
    'account.reach': 'phr',
    'proof.method': 'passkey',
    'proof.methods': ['email_otp', 'passkey'],
    'proof.level': 'phr',
  })
})

test('what is not known is null; what only the store knows is left out', (t) => {
  const { clientId: _, domain: __, country: ___, account: ____, device: _____, network: ______, reach: _______, ...bare } = scene
  t.like(freeSignals({ ...bare, browser: { browser: 'Lynx', platform: '', inApp: false }, proofs: [], recognised: false }), {
    'client': null, 'domain': null, 'country': null, 'browser.family': 'other', 'browser.platform': 'other',
    'device.known': false, 'device.recognised': false, 'device.age': null, 'network.known': undefined,
    'account.age': null, 'account.reach': null, 'account.passkeys': 0, 'account.identifiers': [],
    'proof.method': null, 'proof.methods': [], 'proof.level': null,
  })
  t.is(freeSignals({ ...scene, network: 'cafe' })['network.known'], undefined, 'another browser may have been there')
})

for (const event of ruleEvents) {
  test(`${event}: only what is known there`, (t) => {
    const names = Object.keys(freeSignals({ ...scene, event })) as SignalName[]
    t.deepEqual(names.filter((name) => !isKnownAt(name, event)), [])
    const costly: SignalName[] = ['failures.account', 'failures.network', 'account.passkeyKinds']
    t.deepEqual(signalNames.filter((name) => isKnownAt(name, event) && !names.includes(name) && !costly.includes(name)), [])
  })
}

test('before a proof nothing of an account enters, whatever the caller knows', (t) => {
  t.deepEqual(Object.keys(freeSignals({ ...scene, event: 'sign_up' })), ['client', 'domain', 'country', 'browser.family', 'browser.platform', 'browser.inApp'])
})
