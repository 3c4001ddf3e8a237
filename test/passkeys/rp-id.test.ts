import test from 'ava'
import { assertRpIdUnchanged } from '../../src/passkeys/index.ts'
import { setUp } from './setup.ts'

test('without passkeys any RP ID may start', async (t) => {
  const { storage } = await setUp(t)
  await t.notThrowsAsync(assertRpIdUnchanged(storage, 'example.com'))
  await t.notThrowsAsync(assertRpIdUnchanged(storage, 'example.org'))
})

test('with passkeys only theirs may start, and the line says what to do', async (t) => {
  const { createAccount, enrol, storage } = await setUp(t)
  await enrol(await createAccount())
  await t.notThrowsAsync(assertRpIdUnchanged(storage, 'example.com'))
  const error = await t.throwsAsync(assertRpIdUnchanged(storage, 'example.org'))
  t.regex(error.message, /rpId is "example\.org".*made for "example\.com".*Set passkeys\.rpId back to "example\.com"/)
})

test('a refused registration binds no RP ID', async (t) => {
  const { createAccount, registration, register, storage } = await setUp(t)
  const account = await createAccount()
  await register(account, await registration(account, { userVerified: false }))
  await t.notThrowsAsync(assertRpIdUnchanged(storage, 'example.org'))
})
