import test from 'ava'
import { createDevices, type Here } from '../../src/accounts/devices.ts'
import type { Device } from '../../src/storage/types.ts'
import { openTestStore } from '../verification/store.ts'

const home: Here = { browser: 'Chrome', platform: 'Windows', network: 'home', country: 'GB' }
const signIn = { deviceHash: 'device', accountId: 'account', userAgent: 'Chrome on Windows', here: home, byPasskey: true }
const hour = 3_600_000

test('the first sign-in is told from the next, and is remembered with its passkeys, newest first', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const devices = createDevices(storage)
  t.deepEqual(await devices.recordSignIn({ ...signIn, credentialId: 'a' }), { firstTime: true, known: undefined })
  const { firstTime, known } = await devices.recordSignIn({ ...signIn, credentialId: 'b' })
  t.false(firstTime)
  t.deepEqual(known?.credentialIds, ['a'])
  advance(hour)
  await devices.recordSignIn({ ...signIn, credentialId: 'a', userAgent: 'Edge on Windows' })
  const [device] = await devices.listHere('device')
  t.like(device, { credentialIds: ['a', 'b'], userAgent: 'Edge on Windows', lastSeenAt: storage.clock.now(), firstSeenAt: storage.clock.now() - hour })
})

test('nothing is written when nothing changed for an hour', async (t) => {
  const { storage, advance } = await openTestStore(t)
  let writes = 0
  const { devices, clock } = storage
  const counting = {
    clock,
    devices: { ...devices, update: (...args: Parameters<typeof devices.update>) => ((writes += 1), devices.update(...args)) },
  }
  const { recordSignIn } = createDevices(counting)
  await recordSignIn({ ...signIn, credentialId: 'a' })
  await recordSignIn({ ...signIn, credentialId: 'a' })
  await recordSignIn(signIn)
  advance(hour - 1)
  await recordSignIn(signIn)
  t.is(writes, 0)
  advance(1)
  await recordSignIn(signIn)
  t.is(writes, 1)
})

test('when a passkey was used last is kept, at once where one had failed here before', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const devices = createDevices(storage)
  const last = async () => (await devices.listHere('device'))[0]?.lastPasskeyAt
  await devices.recordSignIn({ ...signIn, byPasskey: false })
  t.is(await last(), undefined, 'by a code')
  advance(1)
  await devices.recordSignIn({ ...signIn, credentialId: 'a' })
  const used = storage.clock.now()
  t.is(await last(), used)
  advance(1)
  await devices.recordSignIn({ ...signIn, credentialId: 'a' })
  t.is(await last(), used, 'nothing changed: no write')
  await devices.recordSignIn({ ...signIn, credentialId: 'a', failedBefore: async () => true })
  t.is(await last(), used + 1)
  advance(hour)
  await devices.recordSignIn({ ...signIn, byPasskey: false })
  t.is(await last(), used + 1)
})

test('two first sign-ins at once leave one record', async (t) => {
  const { storage } = await openTestStore(t)
  const devices = createDevices(storage)
  await Promise.all([devices.recordSignIn(signIn), devices.recordSignIn(signIn)])
  t.is((await devices.listHere('device')).length, 1)
})

test('a device is recognised once its record is older than the session and than a day, unless it was disowned', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const devices = createDevices(storage)
  await devices.recordSignIn(signIn)
  const [device] = await devices.listHere('device')
  const start = storage.clock.now()
  const later = start + 25 * hour

  const isRecognised = (record: Device | undefined, now: number, startedAt: number) => devices.isRecognised(record, home, now, startedAt)
  t.false(isRecognised(undefined, later, later))
  t.true(isRecognised(device, later, start + 1))
  t.false(isRecognised(device, later, start))
  t.false(isRecognised(device, start + 24 * hour, start + 1))

  advance(25 * hour)
  await devices.recordSignIn(signIn)
  const [again] = await devices.listHere('device')
  t.true(isRecognised(again, later, later), 'signing in again does not make the record younger')

  await devices.disown('device', 'account')
  t.false(isRecognised(await storage.devices.get('device:account'), later, later))
  t.deepEqual(await devices.listHere('device'), [])
})

const record: Device = {
  id: 'device:account', deviceHash: 'device', accountId: 'account', firstSeenAt: 0, lastSeenAt: 0, credentialIds: [], userAgent: 'Chrome on Windows',
}
const known: Device = { ...record, browser: 'Chrome', platform: 'Windows', networks: ['home', 'office'], country: 'GB' }

const copies: [name: string, device: Device, here: Here, elsewhere: boolean][] = [
  ['at home', known, home, false],
  ['another known network', known, { ...home, network: 'office' }, false],
  ['a known network, which is now in another country', known, { ...home, network: 'office', country: 'FR' }, false],
  ['a new network in the same country', known, { ...home, network: 'cafe' }, false],
  ['a new network in another country', known, { ...home, network: 'cafe', country: 'FR' }, true],
  ['a new network in a country that the proxy does not know', known, { ...home, network: 'cafe', country: 'XX' }, true],
  ['a new network, and nobody says where', known, { browser: 'Chrome', platform: 'Windows', network: 'cafe' }, false],
  ['a new network, and the country of the record is not known', { ...record, networks: ['home'] }, { ...home, network: 'cafe', country: 'FR' }, false],
  ['another platform', known, { ...home, platform: 'Mac' }, true],
  ['another browser family', known, { ...home, browser: 'Edge' }, true],
  ['a browser that does not say what it is', known, { ...home, browser: '', platform: '' }, true],
  ['a record of old, without any of it', record, { ...home, network: 'cafe', country: 'FR' }, false],
  ['a record of old, elsewhere', record, { ...home, browser: 'Edge' }, false],
]

for (const [name, device, here, elsewhere] of copies) {
  test(`${name}: ${elsewhere ? 'a copied cookie, not recognised' : 'the same browser'}`, async (t) => {
    const { storage } = await openTestStore(t)
    const devices = createDevices(storage)
    const now = 100 * hour
    t.is(devices.isElsewhere(device, here), elsewhere)
    t.is(devices.isRecognised(device, here, now, now), !elsewhere)
  })
}

test('a record of old learns what browser it is, and where', async (t) => {
  const { storage } = await openTestStore(t)
  const devices = createDevices(storage)
  await storage.devices.insert({ ...record, firstSeenAt: storage.clock.now(), lastSeenAt: storage.clock.now() })
  t.false((await devices.recordSignIn(signIn)).firstTime)
  const { browser, platform, networks, country } = (await storage.devices.get('device:account'))!
  t.deepEqual({ browser, platform, networks, country }, { browser: 'Chrome', platform: 'Windows', networks: ['home'], country: 'GB' })
})

test('ten networks are kept, newest first', async (t) => {
  const { storage } = await openTestStore(t)
  const devices = createDevices(storage)
  for (let n = 1; n <= 12; n++) await devices.recordSignIn({ ...signIn, here: { ...home, network: `n${n}` } })
  t.deepEqual((await storage.devices.get('device:account'))?.networks, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((n) => `n${n}`))
  t.true(await devices.knowsNetwork('account', 'n5'))
  t.false(await devices.knowsNetwork('account', 'n2'))
  t.false(await devices.knowsNetwork('another', 'n5'))
  await devices.disown('device', 'account')
  t.false(await devices.knowsNetwork('account', 'n5'), 'where a disowned browser was is not known')
})

test('who signs in with a copied cookie and a code starts as a stranger; a passkey says that it is the owner', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const devices = createDevices(storage)
  await devices.recordSignIn({ ...signIn, credentialId: 'a' })
  const bornAt = storage.clock.now()
  advance(48 * hour)
  const elsewhere: Here = { browser: 'Chrome', platform: 'Linux', network: 'far', country: 'FR' }

  t.false((await devices.recordSignIn({ ...signIn, here: elsewhere })).firstTime)
  t.like(await storage.devices.get('device:account'), { firstSeenAt: bornAt, platform: 'Linux', networks: ['far', 'home'] })

  const { firstTime, known: before } = await devices.recordSignIn({ ...signIn, byPasskey: false })
  t.true(firstTime)
  t.is(before?.firstSeenAt, bornAt)
  const now = storage.clock.now()
  const anew = await storage.devices.get('device:account')
  t.like(anew, { firstSeenAt: now, platform: 'Windows', networks: ['home'], credentialIds: [] })
  t.false(devices.isRecognised(anew, home, now + 23 * hour, now + 22 * hour))
  t.true(devices.isRecognised(anew, home, now + 25 * hour, now + 24 * hour))
})

test('a disowned browser counts for nothing until a passkey is used in it; a forgotten one is new', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const devices = createDevices(storage)
  await devices.recordSignIn(signIn)
  await devices.disown('device', 'account')
  await devices.disown('device', 'nobody')
  advance(48 * hour)
  t.true((await devices.recordSignIn({ ...signIn, byPasskey: false })).firstTime)
  t.deepEqual(await devices.listHere('device'), [])
  t.true((await devices.recordSignIn({ ...signIn, byPasskey: false, here: { ...home, platform: 'Mac' } })).firstTime)
  t.deepEqual(await devices.listHere('device'), [], 'nor by turning up elsewhere')
  t.true((await devices.recordSignIn(signIn)).firstTime)
  t.like((await devices.listHere('device'))[0], { firstSeenAt: storage.clock.now(), networks: ['home'] })

  await devices.forget('device', 'account')
  t.deepEqual(await devices.recordSignIn(signIn), { firstTime: true, known: undefined })
})
