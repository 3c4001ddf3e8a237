/** What apps are told of a person: the primary identifier of each kind, and whether it was proven. */
import test from 'ava'
import { client, startRig, type Rig } from './harness.ts'
import type { App } from '../helpers/app.ts'
import type { Account } from '../../src/storage/types.ts'

const shop = client('shop')
let rig: Rig
let app: App
test.before(async () => {
  rig = await startRig([shop])
  app = await rig.app(shop)
})
test.after.always(() => rig.close())

/** As userinfo says it, of an account with these identifiers. */
async function told(scope: string, identifiers: Account['identifiers']): Promise<Record<string, unknown>> {
  await rig.storage.accounts.update(rig.account.id, (account) => ({ ...account, identifiers }))
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const answer = await fetch(`${rig.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const { sub: _, ...claims } = (await answer.json()) as Record<string, unknown>
  return claims
}

const everything = 'openid profile email phone'

test.serial('the first of each kind, with the truth about it', async (t) => {
  t.deepEqual(
    await told(everything, [
      { kind: 'phone', value: '+12025550143' },
      { kind: 'email', value: 'first@example.com', verifiedAt: 1 },
      { kind: 'username', value: 'ada' },
      { kind: 'email', value: 'second@example.com' },
      { kind: 'phone', value: '+12025550144', verifiedAt: 1 },
    ]),
    { email: 'first@example.com', email_verified: true, phone_number: '+12025550143', phone_number_verified: false, preferred_username: 'ada' },
  )
  t.deepEqual(
    await told(everything, [
      { kind: 'email', value: 'second@example.com' },
      { kind: 'email', value: 'first@example.com', verifiedAt: 1 },
      { kind: 'phone', value: '+12025550144', verifiedAt: 1 },
    ]),
    { email: 'second@example.com', email_verified: false, phone_number: '+12025550144', phone_number_verified: true },
  )
})

test.serial('nothing that is not asked for, and nothing that is not there', async (t) => {
  const all: Account['identifiers'] = [{ kind: 'email', value: 'a@example.com', verifiedAt: 1 }, { kind: 'phone', value: '+12025550143' }, { kind: 'username', value: 'ada' }]
  t.deepEqual(await told('openid', all), {})
  t.deepEqual(await told('openid profile', all), { preferred_username: 'ada' })
  t.deepEqual(await told('openid phone', all), { phone_number: '+12025550143', phone_number_verified: false })
  t.deepEqual(await told(everything, [{ kind: 'username', value: 'ada' }]), { preferred_username: 'ada' })
})

test('discovery names them', async (t) => {
  const { claims_supported: claims } = (await (await fetch(`${rig.issuer}/.well-known/openid-configuration`)).json()) as { claims_supported: string[] }
  for (const claim of ['email', 'email_verified', 'phone_number', 'phone_number_verified', 'preferred_username']) t.true(claims.includes(claim), claim)
})
