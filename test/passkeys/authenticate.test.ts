import test from 'ava'
import type { AuthenticationFailure } from '../../src/passkeys/index.ts'
import { createAuthenticator, type CeremonyOverrides } from '../helpers/authenticator.ts'
import fc from '../helpers/property.ts'
import { life, origin, setUp, subject } from './setup.ts'

test('a passkey signs its account in, and the use is recorded', async (t) => {
  const { createAccount, enrol, assertion, authenticate, storage, clock } = await setUp(t, { counterStep: 1 })
  const account = await createAccount()
  const enrolled = await enrol(account)
  clock.shift = 5000
  const result = await authenticate(assertion({ backupState: false }))
  if (!result.ok) return t.fail(result.reason)
  t.is(result.account.id, account.id)
  t.false(result.counterRegressed)
  t.is(result.passkey.counter, enrolled.counter + 1)
  t.true(enrolled.backupState)
  t.false(result.passkey.backupState)
  t.true((result.passkey.lastUsedAt ?? 0) >= enrolled.createdAt + 5000)
  t.deepEqual(await storage.passkeys.get(enrolled.id), result.passkey)
})

for (const alg of [-7, -8, -257] as const) {
  test(`algorithm ${alg} works from registration to sign-in`, async (t) => {
    const { createAccount, enrol, assertion, authenticate } = await setUp(t, { alg })
    await enrol(await createAccount())
    t.true((await authenticate(assertion())).ok)
  })
}

test('the response may arrive as the text of a form field', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  t.true((await authenticate(JSON.stringify(assertion()))).ok)
})

test('an authenticator that sends no user handle is believed by its credential id', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  t.true((await authenticate(assertion({ userHandle: undefined }))).ok)
  t.true((await authenticate(assertion({ userHandle: '' }))).ok)
})

const refusals: [string, Partial<CeremonyOverrides>, AuthenticationFailure][] = [
  ['a foreign origin', { origin: 'https://evil.example' }, 'wrong_origin'],
  ['our host on another port', { origin: `${origin}:8443` }, 'wrong_origin'],
  ['our host without TLS', { origin: 'http://login.example.com' }, 'wrong_origin'],
  ['a page in a frame', { crossOrigin: true }, 'wrong_origin'],
  ['a page in a frame that names its top', { crossOrigin: true, topOrigin: 'https://evil.example' }, 'wrong_origin'],
  ['a top origin without a frame', { topOrigin: origin }, 'wrong_origin'],
  ['another RP ID', { rpId: 'login.example.com' }, 'wrong_rp_id'],
  ['no user verification', { userVerified: false }, 'user_verification_missing'],
  ['nobody present', { userPresent: false }, 'user_verification_missing'],
  ['a bogus signature', { bogusSignature: true }, 'bad_signature'],
  ['a backup eligibility that changed', { backupEligible: false }, 'bad_signature'],
  ['a backup state without eligibility', { backupEligible: false, backupState: true }, 'bad_signature'],
  ['a registration replayed as a sign-in', { type: 'webauthn.create' }, 'malformed'],
  ['an unknown credential', { credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'unknown_credential'],
  ['a user handle of somebody else', { userHandle: 'c29tZWJvZHkgZWxzZQ' }, 'unknown_credential'],
  ['a challenge of somebody else', { challenge: Buffer.alloc(54, 7).toString('base64url') }, 'challenge_foreign'],
  ['a challenge of another length', { challenge: Buffer.alloc(32).toString('base64url') }, 'challenge_foreign'],
  ['an empty challenge', { challenge: '' }, 'challenge_foreign'],
]

for (const [title, overrides, reason] of refusals) {
  test(`refused: ${title}`, async (t) => {
    const { createAccount, enrol, assertion, authenticate, storage } = await setUp(t)
    const passkey = await enrol(await createAccount())
    const result = await authenticate(assertion(overrides))
    t.is(result.ok ? 'accepted' : result.reason, reason)
    t.deepEqual(await storage.passkeys.get(passkey.id), passkey, 'nothing is recorded')
    t.true((await authenticate(assertion())).ok, 'and nothing is locked')
  })
}

test('a credential id cannot be answered for by another key', async (t) => {
  const { createAccount, enrol, assertion, authenticate, passkeys } = await setUp(t)
  const owner = await createAccount('owner')
  const victim = await enrol(owner)
  const mallory = createAuthenticator()
  const options = passkeys.registrationOptions({ subject, life, account: owner, label: 'm', existing: [] })
  mallory.create(options, { origin, credentialId: victim.id })
  const forged = mallory.get(passkeys.authenticationOptions({ subject, life }), { origin })
  const result = await authenticate(forged)
  t.is(result.ok ? 'accepted' : result.reason, 'bad_signature')
  t.true((await authenticate(assertion())).ok)
})

test('a challenge is good for its subject and purpose, for its life, and once', async (t) => {
  const { createAccount, enrol, assertion, authenticate, authenticator, passkeys, clock } = await setUp(t)
  const account = await createAccount()
  await enrol(account)
  const reasonOf = async (response: unknown) => {
    const result = await authenticate(response)
    return result.ok ? 'accepted' : result.reason
  }

  const foreign = passkeys.authenticationOptions({ subject: 'cid-2', life })
  t.is(await reasonOf(authenticator.get(foreign, { origin })), 'challenge_foreign')

  const { challenge } = passkeys.registrationOptions({ subject, life, account, label: 'ada', existing: [] })
  t.is(await reasonOf(assertion({ challenge })), 'challenge_foreign')

  const used = assertion()
  t.is(await reasonOf(used), 'accepted')
  t.is(await reasonOf(used), 'challenge_spent')

  const failed = assertion({ bogusSignature: true })
  t.is(await reasonOf(failed), 'bad_signature')
  t.is(await reasonOf(failed), 'challenge_spent', 'a failed answer spends it too')

  const late = assertion()
  clock.shift = life
  t.is(await reasonOf(late), 'challenge_expired')
})

test('the same assertion sent 20 times at once signs in once', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  const response = assertion()
  const results = await Promise.all(Array.from({ length: 20 }, () => authenticate(response)))
  t.is(results.filter((result) => result.ok).length, 1)
  t.is(results.filter((result) => !result.ok && result.reason === 'challenge_spent').length, 19)
})

test('a counter that goes back is told, not refused, and the highest is kept', async (t) => {
  const { createAccount, enrol, assertion, authenticate, storage } = await setUp(t)
  const { id } = await enrol(await createAccount(), { counter: 10 })
  for (const [counter, regressed, kept] of [[11, false, 11], [11, true, 11], [3, true, 11], [0, true, 11], [12, false, 12]] as const) {
    const result = await authenticate(assertion({ counter }))
    t.like(result, { ok: true, counterRegressed: regressed }, `counter ${counter}`)
    t.is((await storage.passkeys.get(id))?.counter, kept)
  }
})

test('a counter that is always 0 is fine', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  t.like(await authenticate(assertion()), { ok: true, counterRegressed: false })
  t.like(await authenticate(assertion()), { ok: true, counterRegressed: false })
})

test('of a cloned authenticator that answers at the same time, one regression is seen', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount(), { counter: 10 })
  const results = await Promise.all([assertion({ counter: 11 }), assertion({ counter: 11 })].map(authenticate))
  t.deepEqual(results.map((result) => result.ok && result.counterRegressed).toSorted(), [false, true])
})

test('a frozen passkey signs nobody in, but only its holder hears that it is frozen', async (t) => {
  const { createAccount, enrol, assertion, authenticate, storage, clock } = await setUp(t)
  const { id } = await enrol(await createAccount())
  await storage.passkeys.update(id, (current) => ({ ...current, frozenAt: clock.now() }))
  const frozen = await storage.passkeys.get(id)
  t.like(await authenticate(assertion({ bogusSignature: true })), { ok: false, reason: 'bad_signature' })
  t.like(await authenticate(assertion()), { ok: false, reason: 'frozen' })
  t.deepEqual(await storage.passkeys.get(id), frozen)
})

test('a passkey that its account does not list is adopted when it is used', async (t) => {
  const { createAccount, enrol, assertion, authenticate, storage } = await setUp(t)
  const account = await createAccount()
  const { id } = await enrol(account)
  await storage.accounts.update(account.id, (current) => ({ ...current, credentialIds: [] }))
  const result = await authenticate(assertion())
  t.true(result.ok && result.account.credentialIds.includes(id))
  t.deepEqual((await storage.accounts.get(account.id))?.credentialIds, [id])
})

test('a passkey without its account signs nobody in', async (t) => {
  const { createAccount, enrol, assertion, authenticate, storage } = await setUp(t)
  const account = await createAccount()
  await enrol(account)
  await storage.accounts.delete(account.id)
  t.like(await authenticate(assertion()), { ok: false, reason: 'unknown_credential' })
})

const hostile = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true }),
  fc.json(),
  fc.constantFrom<unknown>(null, '', '{', '__proto__', 'constructor', JSON.stringify('x'.repeat(100_000)), '['.repeat(50_000)),
)

test('what is no assertion is malformed, whatever it is', async (t) => {
  const { authenticate } = await setUp(t)
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(hostile, async (response) => {
        const result = await authenticate(response)
        return !result.ok && result.reason === 'malformed'
      }),
      { numRuns: 300 },
    ),
  )
})

test('an assertion with one part replaced by anything is refused without an exception', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  const junk = fc.oneof(hostile, fc.base64String(), fc.stringMatching(/^[\w-]{1,200}$/))
  const outer = fc.constantFrom('id', 'rawId', 'type', 'response')
  const inner = fc.constantFrom('clientDataJSON', 'authenticatorData', 'signature')
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(outer, inner, junk, async (field, part, value) => {
        const right = assertion()
        const wrong = [
          { ...right, [field]: value },
          { ...right, response: { ...right.response, [part]: value } },
        ]
        const results = await Promise.all(wrong.map(authenticate))
        return results.every((result) => !result.ok)
      }),
      { numRuns: 60 },
    ),
  )
})

test('client data of any shape is refused without an exception', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        const right = assertion()
        const clientDataJSON = Buffer.from(json).toString('base64url')
        const result = await authenticate({ ...right, response: { ...right.response, clientDataJSON } })
        return !result.ok
      }),
      { numRuns: 100 },
    ),
  )
})
