import test from 'ava'
import { createDevices } from '../../src/accounts/devices.ts'
import { emailsOf, throttleKeys } from '../../src/accounts/emails.ts'
import type { OtherMethod, Proof } from '../../src/policy/types.ts'
import { createRisk, type Happening } from '../../src/risk/index.ts'
import { createFailures } from '../../src/risk/failures.ts'
import { createScenes } from '../../src/risk/scene.ts'
import type { Account, Device } from '../../src/storage/types.ts'
import { openTestStore } from '../verification/store.ts'

const day = 24 * 60 * 60 * 1000
const now = 10 * day
const account: Account = {
  id: 'a', createdAt: 0, userHandle: 'h', credentialIds: [],
  identifiers: [{ kind: 'email', value: 'Ada+shop@first.example' }, { kind: 'email', value: 'ada@second.example', verifiedAt: 1 }],
}
const device: Device = { id: 'd:a', deviceHash: 'd', accountId: 'a', firstSeenAt: 0, lastSeenAt: 0, credentialIds: [], userAgent: 'x', browser: 'Chrome', platform: 'Windows', networks: ['home'], country: 'GB' }
const proof: Proof = { method: 'email_otp', at: now, accountId: 'a', usablePasskey: false }
const happening: Happening = {
  event: 'sign_in', occasion: 'one', now, since: now, createdHere: false, recovering: false, proofs: [proof],
  browser: { browser: 'Chrome', platform: 'Windows', inApp: false }, seenFrom: { network: 'home', country: 'GB' },
}
const emails = { of: emailsOf, keysOf: throttleKeys }
const scenes = (methods: OtherMethod[] = ['email_otp']) =>
  createScenes({ devices: createDevices({} as Parameters<typeof createDevices>[0]), emails, config: { verification: { methods } } })

test('before a proof failures are counted by what was typed, afterwards by every address of the account', (t) => {
  const { sceneOf } = scenes()
  t.like(sceneOf({ ...happening, typed: 'grace+x@third.example' }), { addresses: throttleKeys(['grace@third.example']), domain: 'third.example' })
  t.like(sceneOf({ ...happening, typed: 'grace@third.example', account }), { addresses: throttleKeys(['ada@first.example', 'ada@second.example']), domain: 'third.example' })
  t.like(sceneOf({ ...happening, account }), { domain: 'first.example' })
  t.like(sceneOf(happening), { addresses: [], domain: undefined, reach: undefined })
})

test('a browser is recognised that was known before the session, and counts for nothing once its cookie turns up elsewhere', (t) => {
  const { sceneOf } = scenes()
  t.like(sceneOf({ ...happening, account, device }), { recognised: true, device })
  t.like(sceneOf({ ...happening, account, device, since: 0 }), { recognised: false, device })
  t.like(sceneOf({ ...happening, account, device, seenFrom: { network: 'cafe', country: 'FR' } }), { recognised: false, device: undefined, network: 'cafe', country: 'FR' })
  t.like(sceneOf({ ...happening, account }), { recognised: false, device: undefined })
})

test('how far an account reaches is what its own ways come to, unless the page knows better', (t) => {
  t.is(scenes().sceneOf({ ...happening, account }).reach, 'urn:latchkey:acr:1fa')
  t.is(scenes([]).sceneOf({ ...happening, account }).reach, undefined)
  t.is(scenes().sceneOf({ ...happening, account: { ...account, credentialIds: ['key'] } }).reach, 'phr')
  t.is(scenes().sceneOf({ ...happening, account, reach: 'urn:latchkey:acr:recovery' }).reach, 'urn:latchkey:acr:recovery')
})

for (const [loopback, counted] of [[false, 1], [true, 0]] as const) {
  test(`a failure is counted by address, and by network ${loopback ? 'never where all is one machine' : 'too'}`, async (t) => {
    const { storage, keyring } = await openTestStore(t)
    const config = { rules: [], loopback, verification: { methods: [] } }
    const risk = createRisk({ ...storage, keyring, log: { error: () => t.fail() }, devices: createDevices(storage), emails, config })
    await risk.noteFailure({ typed: 'grace+x@third.example', seenFrom: { network: 'home' } })
    const failures = createFailures({ ...storage, keyring })
    t.is(await failures.ofAddresses(throttleKeys(['grace@third.example'])), 1)
    t.is(await failures.ofNetwork('home'), counted)
  })
}
