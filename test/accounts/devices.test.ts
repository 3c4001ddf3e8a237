import test from 'ava'
import { createDevices } from '../../src/accounts/devices.ts'
import { openTestStore } from '../verification/store.ts'

const signIn = { deviceHash: 'device', accountId: 'account', userAgent: 'Chrome on Windows' }
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

  t.false(devices.isRecognised(undefined, later, later))
  t.true(devices.isRecognised(device, later, start + 1))
  t.false(devices.isRecognised(device, later, start))
  t.false(devices.isRecognised(device, start + 24 * hour, start + 1))

  advance(25 * hour)
  await devices.recordSignIn(signIn)
  const [again] = await devices.listHere('device')
  t.true(devices.isRecognised(again, later, later), 'signing in again does not make the record younger')

  await storage.devices.update('device:account', (current) => ({ ...current, disownedAt: later }))
  t.false(devices.isRecognised(await storage.devices.get('device:account'), later, later))
  t.deepEqual(await devices.listHere('device'), [])
})
