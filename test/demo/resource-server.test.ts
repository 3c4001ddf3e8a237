/** The helper for APIs, against tokens of the engine and of others. */
import test from 'ava'
import * as jose from 'jose'
import { createResourceServer, readChallenge, type Demand } from '../../src/demo/resource-server.ts'
import { client, startRig, type Rig } from '../oidc/harness.ts'
import type { App } from '../helpers/app.ts'

const api = 'https://bank.example.com/'
const shop = client('shop')
let rig: Rig
let app: App
let check: ReturnType<typeof createResourceServer>['check']
test.before(async () => {
  rig = await startRig([shop], { resources: { [api]: { scopes: ['transfer', 'read'], format: 'jwt' }, 'https://other.example.com/': { scopes: ['transfer'], format: 'jwt' } } })
  app = await rig.app(shop)
  check = createResourceServer({ issuer: rig.issuer, resource: api }).check
})
test.after.always(() => rig.close())

/** An access token of somebody who signed in by these means, so many seconds ago. */
async function tokenOf(method: 'passkey' | 'email_otp', { age = 0, scope = 'openid transfer', resource = api } = {}): Promise<string> {
  rig.answer = (request, { interactions }) =>
    interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof(method, { at: Date.now() - age * 1000 })] })
  const { url, finish } = await app.authorize({ scope, resource })
  return (await finish((await rig.browser().open(url)).url, { resource })).access_token
}

const passkeyNow: Demand = { scope: 'transfer', acrValues: ['phr'], maxAge: 300 }
const tooWeak = 'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="phr", max_age="300"'
const tooOld = 'Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", acr_values="phr", max_age="300"'

test.serial('a passkey of just now is enough', async (t) => {
  const verdict = await check(`Bearer ${await tokenOf('passkey')}`, passkeyNow)
  t.like(verdict, { ok: true, claims: { sub: 'ada', client_id: 'shop', acr: 'phr', scope: 'transfer' } })
})

test.serial('less is answered with what to ask for, all of it at once', async (t) => {
  t.deepEqual(await check(`Bearer ${await tokenOf('email_otp')}`, passkeyNow), { ok: false, status: 401, challenge: tooWeak })
  t.deepEqual(await check(`Bearer ${await tokenOf('passkey', { age: 301 })}`, passkeyNow), { ok: false, status: 401, challenge: tooOld })
  t.deepEqual(readChallenge(tooOld), { acrValues: 'phr', maxAge: '300' })
})

test.serial('only what is demanded is looked at', async (t) => {
  const old = `Bearer ${await tokenOf('email_otp', { age: 301 })}`
  t.like(await check(old, {}), { ok: true })
  t.like(await check(old, { acrValues: ['phr', 'urn:latchkey:acr:1fa'] }), { ok: true })
  const { challenge } = (await check(old, { maxAge: 300 })) as { challenge: string }
  t.deepEqual(readChallenge(challenge), { maxAge: '300' })
})

test.serial('a token without the scope is refused for good', async (t) => {
  const verdict = await check(`Bearer ${await tokenOf('passkey', { scope: 'openid read' })}`, passkeyNow)
  t.deepEqual(verdict, { ok: false, status: 403, challenge: 'Bearer error="insufficient_scope", scope="transfer"' })
  t.is(readChallenge('Bearer error="insufficient_scope", scope="transfer", acr_values="phr"'), undefined)
})

test.serial('no token: the scheme alone', async (t) => {
  for (const header of [undefined, '', 'Basic YTpi', 'Bearer', 'Bearer a b']) {
    t.deepEqual(await check(header, passkeyNow), { ok: false, status: 401, challenge: 'Bearer' }, header)
  }
  t.is(readChallenge('Bearer'), undefined)
  t.is(readChallenge(null), undefined)
})

test.serial('a token that is not for this API, not of this provider, over, or none at all', async (t) => {
  const token = await tokenOf('passkey')
  const claims = jose.decodeJwt(token)
  const forged = async (changes: object, typ = 'at+jwt') => {
    const { privateKey } = await jose.generateKeyPair('ES256')
    return new jose.SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', typ, kid: jose.decodeProtectedHeader(token).kid! }).sign(privateKey)
  }
  const signed = (changes: object, header: object = {}) =>
    jose.importJWK(rig.keyring.jwks.keys.find(({ alg }) => alg === 'ES256')!, 'ES256').then((key) =>
      new jose.SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header }).sign(key))
  const { tokens } = await rig.signIn(app)
  const opaque = tokens.access_token
  const [head, , signature] = token.split('.')

  t.like(await check(`Bearer ${await signed({})}`, passkeyNow), { ok: true }, 'the way these are made, one is good')
  for (const [what, one] of Object.entries({
    'of another resource': await tokenOf('passkey', { resource: 'https://other.example.com/' }),
    'an ID token': tokens.id_token!,
    'opaque': opaque,
    'signed by somebody else': await forged({}),
    'of another issuer': await signed({ iss: 'https://evil.example.com' }),
    'of another kind': await signed({}, { typ: 'JWT' }),
    'over': await signed({ exp: Math.floor(Date.now() / 1000) - 1 }),
    'of nobody': await signed({ sub: undefined }),
    'with claims of its own': [head, Buffer.from(JSON.stringify({ ...claims, acr: 'phrh' })).toString('base64url'), signature].join('.'),
    'unsigned': new jose.UnsecuredJWT(claims).encode(),
    'no token': 'nonsense',
  })) {
    t.deepEqual(await check(`Bearer ${one}`, {}), { ok: false, status: 401, challenge: 'Bearer error="invalid_token"' }, what)
  }
})

test.serial('a provider that cannot be asked is no fault of the token', async (t) => {
  const nowhere = createResourceServer({ issuer: 'http://localhost:1', resource: api })
  await t.throwsAsync(nowhere.check(`Bearer ${await tokenOf('passkey')}`, passkeyNow))
})
