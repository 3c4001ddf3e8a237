import test from 'ava'
import { life, setUp, subject } from './setup.ts'

test('a sign-in asks for any passkey that is here, verified, and costs no write', async (t) => {
  const { passkeys } = await setUp(t)
  const { challenge, ...rest } = passkeys.authenticationOptions({ subject, life: 7_200_000 })
  t.deepEqual(rest, { rpId: 'example.com', timeout: 300_000, userVerification: 'required', allowCredentials: [] })
  t.is(Buffer.from(challenge, 'base64url').length, 54)
  t.not(challenge, passkeys.authenticationOptions({ subject, life }).challenge)
})

test('a step-up names the passkeys of the account', async (t) => {
  const { passkeys } = await setUp(t)
  const allow = [{ id: 'one', transports: ['internal'] }, { id: 'two', transports: [] }]
  const options = passkeys.authenticationOptions({ subject, life, allow, hints: ['client-device'] })
  t.deepEqual(options.allowCredentials, [
    { id: 'one', type: 'public-key', transports: ['internal'] },
    { id: 'two', type: 'public-key' },
  ])
  t.deepEqual(options.hints, ['client-device'])
})

test('a registration asks for a discoverable, verified passkey that is not there yet', async (t) => {
  const { createAccount, enrol, passkeys } = await setUp(t)
  const account = await createAccount()
  const passkey = await enrol(account)
  const { challenge, ...rest } = passkeys.registrationOptions({
    subject,
    life,
    account,
    label: 'ada@example.com',
    existing: [passkey],
    attachment: 'cross-platform',
    hints: ['hybrid', 'security-key'],
  })
  t.truthy(challenge)
  t.deepEqual(rest, {
    rp: { id: 'example.com', name: 'Example' },
    user: { id: account.userHandle, name: 'ada@example.com', displayName: 'ada@example.com' },
    pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
    timeout: life,
    excludeCredentials: [{ id: passkey.id, type: 'public-key', transports: ['internal', 'hybrid'] }],
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
      authenticatorAttachment: 'cross-platform',
    },
    attestation: 'none',
    extensions: { credProps: true },
    hints: ['hybrid', 'security-key'],
  })
})
