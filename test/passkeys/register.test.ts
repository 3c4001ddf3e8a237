import test from 'ava'
import type { RegistrationFailure } from '../../src/passkeys/index.ts'
import { cbor, type CeremonyOverrides } from '../helpers/authenticator.ts'
import fc from '../helpers/property.ts'
import { life, origin, setUp, subject } from './setup.ts'

const googlePasswordManager = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'

test('a passkey is stored with all that later decisions need, and its account lists it', async (t) => {
  const { createAccount, registration, storage, passkeys, clock } = await setUp(t, { aaguid: googlePasswordManager })
  const account = await createAccount()
  const response = await registration(account, { counter: 4 })
  const before = clock.now()
  const result = await passkeys.register({
    subject,
    response,
    account,
    enrolledAcr: 'phr',
    userAgent: 'Chrome on Windows',
    coolingUntil: 123,
  })
  if (!result.ok) return t.fail(`${result.reason} ${result.detail}`)
  const { publicKey, createdAt, ...rest } = result.passkey
  t.deepEqual(rest, {
    id: response.id,
    accountId: account.id,
    counter: 4,
    transports: ['internal', 'hybrid'],
    aaguid: googlePasswordManager,
    backupEligible: true,
    backupState: true,
    attachment: 'platform',
    rpId: 'example.com',
    enrolledAcr: 'phr',
    enrolledUserAgent: 'Chrome on Windows',
    coolingUntil: 123,
  })
  t.is(Buffer.from(publicKey, 'base64url').length, 77)
  t.true(createdAt >= before && createdAt <= clock.now())
  t.deepEqual(await storage.passkeys.get(response.id), result.passkey)
  t.deepEqual((await storage.accounts.get(account.id))?.credentialIds, [response.id])
})

const refusals: [string, Partial<CeremonyOverrides>, RegistrationFailure][] = [
  ['a foreign origin', { origin: 'https://evil.example' }, 'wrong_origin'],
  ['a page in a frame', { crossOrigin: true }, 'wrong_origin'],
  ['another RP ID', { rpId: 'evil.example' }, 'wrong_rp_id'],
  ['no user verification', { userVerified: false }, 'user_verification_missing'],
  ['nobody present', { userPresent: false }, 'user_verification_missing'],
  ['a sign-in replayed as a registration', { type: 'webauthn.get' }, 'malformed'],
  ['a challenge of somebody else', { challenge: Buffer.alloc(54, 7).toString('base64url') }, 'challenge_foreign'],
  ['a backup state without eligibility', { backupEligible: false, backupState: true }, 'bad_attestation'],
]

for (const [title, overrides, reason] of refusals) {
  test(`refused: ${title}`, async (t) => {
    const { createAccount, registration, register, storage, passkeys } = await setUp(t)
    const account = await createAccount()
    const result = await register(account, await registration(account, overrides))
    t.is(result.ok ? 'accepted' : result.reason, reason)
    t.deepEqual(await passkeys.listFor(account), [])
    t.deepEqual(await storage.accounts.get(account.id), account)
  })
}

test('refused: an algorithm that was not asked for', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const right = await registration(account)
  const attestationObject = Buffer.from(right.response.attestationObject, 'base64url')
  const keyTypeAndAlgorithm = Buffer.from('01020326', 'hex')
  const minus16 = 0x2f
  attestationObject.writeUInt8(minus16, attestationObject.indexOf(keyTypeAndAlgorithm) + 3)
  const response = { ...right.response, attestationObject: attestationObject.toString('base64url') }
  t.like(await register(account, { ...right, response }), { ok: false, reason: 'bad_attestation' })
})

test('refused: a credential id that the authenticator did not say', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const right = await registration(account)
  t.like(await register(account, { ...right, id: 'b3RoZXI', rawId: 'b3RoZXI' }), { ok: false, reason: 'bad_attestation' })
})

test('refused: an attestation statement of a format that nobody knows', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const right = await registration(account)
  const authData = Buffer.from(right.response.authenticatorData, 'base64url')
  const attestationObject = cbor({ fmt: 'our-own', attStmt: {}, authData })
  const response = { ...right.response, attestationObject: attestationObject.toString('base64url') }
  t.like(await register(account, { ...right, response }), { ok: false, reason: 'bad_attestation' })
})

test('a challenge is good for its subject and purpose, for its life, and once', async (t) => {
  const { createAccount, registration, register, passkeys, authenticator, clock } = await setUp(t)
  const account = await createAccount()
  const foreign = passkeys.registrationOptions({ subject: 'cid-2', life, account, label: 'ada', existing: [] })
  t.like(await register(account, authenticator.create(foreign, { origin })), { reason: 'challenge_foreign' })

  const other = await createAccount('other')
  t.like(await register(other, await registration(account)), { reason: 'challenge_foreign' }, 'one account only')

  const { challenge } = passkeys.authenticationOptions({ subject, life })
  t.like(await register(account, await registration(account, { challenge })), { reason: 'challenge_foreign' })

  const used = await registration(account)
  t.like(await register(account, used), { ok: true })
  t.like(await register(account, used), { reason: 'challenge_spent' })

  const late = await registration(account)
  clock.shift = life
  t.like(await register(account, late), { reason: 'challenge_expired' })
})

test('the same registration sent 20 times at once makes one passkey', async (t) => {
  const { createAccount, registration, register, storage } = await setUp(t)
  const account = await createAccount()
  const response = await registration(account)
  const results = await Promise.all(Array.from({ length: 20 }, () => register(account, response)))
  t.is(results.filter((result) => result.ok).length, 1)
  t.deepEqual((await storage.accounts.get(account.id))?.credentialIds, [response.id])
})

test('a credential id that exists is not overwritten, not by its owner and not by anybody else', async (t) => {
  const { createAccount, registration, register, enrol, storage } = await setUp(t)
  const owner = await createAccount('owner')
  const passkey = await enrol(owner)
  const other = await createAccount('other')
  for (const account of [owner, other]) {
    const result = await register(account, await registration(account, { credentialId: passkey.id }))
    t.like(result, { ok: false, reason: 'already_registered' })
  }
  t.deepEqual(await storage.passkeys.get(passkey.id), passkey)
  t.deepEqual((await storage.accounts.get('other'))?.credentialIds, [])
})

test('two passkeys made at once are both listed', async (t) => {
  const { createAccount, registration, register, storage } = await setUp(t)
  const account = await createAccount()
  const responses = await Promise.all([registration(account), registration(account)])
  await Promise.all(responses.map((response) => register(account, response)))
  const listed = (await storage.accounts.get(account.id))?.credentialIds
  t.deepEqual(listed?.toSorted(), responses.map(({ id }) => id).toSorted())
})

test('an account that goes away meanwhile leaves no passkey behind', async (t) => {
  const { createAccount, registration, register, storage } = await setUp(t)
  const account = await createAccount()
  const response = await registration(account)
  await storage.accounts.delete(account.id)
  await t.throwsAsync(register(account, response), { code: 'account_off' })
  t.is(await storage.passkeys.get(response.id), undefined)
})

test('a passkey written just before a crash is found, and listed again', async (t) => {
  const { createAccount, enrol, passkeys, storage } = await setUp(t)
  const account = await createAccount()
  const first = await enrol(account)
  const second = await enrol(account)
  await storage.accounts.update(account.id, (current) => ({ ...current, credentialIds: [] }))
  t.deepEqual(await passkeys.listFor(account), [first, second])
  t.deepEqual((await storage.accounts.get(account.id))?.credentialIds, [first.id, second.id])
})

test('unknown transports are kept, what cannot be one is dropped, and no transports are fine', async (t) => {
  const { createAccount, enrol, registration, register } = await setUp(t)
  const account = await createAccount()
  t.deepEqual((await enrol(account, { transports: ['usb', 'smart-card', 'telepathy'] })).transports, ['usb', 'smart-card', 'telepathy'])
  t.deepEqual((await enrol(account, { transports: ['<b>'] })).transports, [])
  const right = await registration(account)
  const { transports, ...response } = right.response
  const result = await register(account, { ...right, authenticatorAttachment: 'telepathic', response })
  t.deepEqual(result.ok && [result.passkey.transports, result.passkey.attachment], [[], undefined])
})

test('a registration with one part replaced by anything is refused without an exception', async (t) => {
  const { createAccount, registration, register, passkeys } = await setUp(t)
  const account = await createAccount()
  const field = fc.constantFrom('id', 'rawId', 'type', 'response')
  const part = fc.constantFrom('clientDataJSON', 'attestationObject')
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString('base64url'))
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(field, part, fc.oneof(fc.anything(), fc.json(), bytes), async (field, part, value) => {
        const right = await registration(account)
        const wrong = [value, { ...right, [field]: value }, { ...right, response: { ...right.response, [part]: value } }]
        const results = await Promise.all(wrong.map((response) => register(account, response)))
        return results.every((result) => !result.ok)
      }),
      { numRuns: 60 },
    ),
  )
  t.deepEqual(await passkeys.listFor(account), [])
})

test('an attestation without authenticator data is malformed, not a crash', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const right = await registration(account)
  const attestationObject = Buffer.of(0xa0).toString('base64url') // an empty map
  t.like(await register(account, { ...right, response: { ...right.response, attestationObject } }), { ok: false, reason: 'malformed' })
})

test('deeply nested CBOR is malformed, not a crash', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const right = await registration(account)
  const attestationObject = Buffer.alloc(24_000, 0x81).toString('base64url')
  const response = { ...right.response, attestationObject }
  t.like(await register(account, { ...right, response }), { ok: false, reason: 'malformed' })
})
