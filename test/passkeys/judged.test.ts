/** A creation that the caller judges: what it refuses is stored nowhere, and the browser may drop it. */
import test from 'ava'
import { judgeAnswer } from '../../src/policy/cross-device.ts'
import { setUp, subject } from './setup.ts'

const common = { subject, enrolledAcr: 'phr', userAgent: 'Chrome on Windows' }

for (const [title, settings, strategy, reason] of [
  ['of a phone, where one of this device is wanted', { attachment: 'cross-platform', transports: ['hybrid', 'internal'] }, 'minimize', 'not_elsewhere'],
  ['of this device, where one of a phone is wanted', {}, 'maximize', 'not_here'],
] as const) {
  test(`refused: ${title}`, async (t) => {
    const { createAccount, registration, storage, passkeys } = await setUp(t, { ...settings, transports: [...('transports' in settings ? settings.transports : ['internal'])] })
    const account = await createAccount()
    const response = await registration(account)
    let spent = 0
    const judged = { ...common, account, judge: (made: Parameters<typeof judgeAnswer>[2]) => judgeAnswer(strategy, 'sign_up', made, { phone: false }), spend: async () => (spent += 1) > 0 }
    t.deepEqual(await passkeys.register({ ...judged, response }), { ok: false, reason, unknown: response.id })
    t.is(spent, 0, 'a refusal costs nobody their right')
    t.is(await storage.passkeys.get(response.id), undefined)
    t.deepEqual((await storage.accounts.get(account.id))?.credentialIds, [])
  })
}

test('where it is kept comes back, and what there is to note', async (t) => {
  const { createAccount, registration, passkeys } = await setUp(t)
  const account = await createAccount()
  const judge = (made: Parameters<typeof judgeAnswer>[2]) => judgeAnswer('standard', 'sign_up', made, { phone: false })
  t.like(await passkeys.register({ ...common, account, judge, response: await registration(account) }), { ok: true, place: 'here', note: undefined })

  const { authenticatorAttachment: _, ...silent } = await registration(account, { transports: [] })
  const result = await passkeys.register({ ...common, account, judge, response: silent })
  t.like(result, { ok: true, place: undefined })
  t.regex((result.ok && result.note) || '', /neither attachment nor transports/)
})

test('an answer that fails made a passkey for nothing: its id comes back, unless it is somebody\'s', async (t) => {
  const { createAccount, registration, register, enrol } = await setUp(t)
  const account = await createAccount()
  const response = await registration(account, { userVerified: false })
  t.like(await register(account, response), { ok: false, reason: 'user_verification_missing', unknown: response.id })

  const { id } = await enrol(account)
  const taken = await register(account, await registration(account, { credentialId: id, userVerified: false }))
  t.like(taken, { ok: false, reason: 'user_verification_missing', unknown: undefined })
  t.like(await register(account, await registration(account, { credentialId: id })), { reason: 'already_registered', unknown: undefined })
})

test('an answer that came twice: nothing is dropped that the other one may be storing', async (t) => {
  const { createAccount, registration, register } = await setUp(t)
  const account = await createAccount()
  const response = await registration(account)
  const results = await Promise.all([register(account, response), register(account, response)])
  t.deepEqual(results.map((result) => (result.ok ? 'made' : [result.reason, result.unknown])), ['made', ['challenge_spent', undefined]])
})

test('where a passkey was this time is in the answer to a sign-in', async (t) => {
  const { createAccount, enrol, assertion, authenticate } = await setUp(t)
  await enrol(await createAccount())
  t.like(await authenticate(assertion()), { ok: true, attachment: 'platform' })
  const { authenticatorAttachment: _, ...silent } = assertion()
  t.like(await authenticate(silent), { ok: true, attachment: undefined })
})
