/** What an app does with its tokens, and what the protocol promises about them. */
import test from 'ava'
import * as oidc from 'openid-client'
import { type App, type Authorization, shop, type Tokens } from '../helpers/app.ts'
import { createHttpClient } from '../helpers/http-client.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop] }), (started) => ({ server, app } = started))

/** Somebody signs up without a passkey; the app is at its callback. */
async function callback(parameters: Record<string, string> = {}): Promise<{ authorization: Authorization; url: URL }> {
  const visitor = createVisitor(server)
  const authorization = await app.authorize(parameters)
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const { url } = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  visitor.browser.close()
  return { authorization, url }
}

async function signedIn(parameters = { scope: 'openid email offline_access' }): Promise<Tokens> {
  const { authorization, url } = await callback(parameters)
  return authorization.finish(url)
}

const settled = async (attempts: Promise<unknown>[]) => {
  const outcomes = await Promise.allSettled(attempts)
  const refused = outcomes.filter(outcome => outcome.status === 'rejected')
  return { fulfilled: outcomes.length - refused.length, errors: new Set(refused.map(({ reason }) => reason.error)) }
}

test('one code sent by 20 requests at once gives exactly one answer with tokens', async t => {
  const { authorization, url } = await callback()
  const { fulfilled, errors } = await settled(Array.from({ length: 20 }, () => authorization.finish(url)))
  t.is(fulfilled, 1)
  t.deepEqual([...errors], ['invalid_grant'])
})

test('one refresh token sent by 20 requests at once gives exactly one answer with tokens', async t => {
  const tokens = await signedIn()
  const { fulfilled, errors } = await settled(Array.from({ length: 20 }, () => app.refresh(tokens)))
  t.is(fulfilled, 1)
  t.deepEqual([...errors], ['invalid_grant'])
})

test('a refresh rotates, and a spent token ends the family', async t => {
  const first = await signedIn()
  const second = await app.refresh(first)
  t.not(second.refresh_token, first.refresh_token)
  const third = await app.refresh(second)
  await t.throwsAsync(app.refresh(first), { message: /./ })
  await t.throwsAsync(app.refresh(third), undefined, 'the family ended with the reuse')
})

test('an app that lost the answer to a refresh may repeat it', async t => {
  const first = await signedIn()
  const connection = createHttpClient()
  const lost = await connection.send(new URL(app.configuration.serverMetadata().token_endpoint ?? ''), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: first.refresh_token ?? '',
      client_id: shop.client_id,
      client_secret: shop.client_secret,
    }).toString(),
  })
  connection.close()
  t.is(lost.status, 200)
  // by its answer to something else the server has seen the connection end
  await app.userinfo(first)

  const repeated = await app.refresh(first)
  t.not(repeated.refresh_token, JSON.parse(lost.body).refresh_token)
  t.truthy((await app.refresh(repeated)).access_token)
})

test('client credentials, introspection and revocation', async t => {
  const granted = await oidc.clientCredentialsGrant(app.configuration)
  t.true((await oidc.tokenIntrospection(app.configuration, granted.access_token)).active)
  await oidc.tokenRevocation(app.configuration, granted.access_token)
  t.false((await oidc.tokenIntrospection(app.configuration, granted.access_token)).active)
})

test('acr is in the introspection of an access token, and a refresh does not raise it', async t => {
  const tokens = await signedIn()
  t.is((await oidc.tokenIntrospection(app.configuration, tokens.access_token))['acr'], 'urn:latchkey:acr:1fa')
  const refreshed = await app.refresh(tokens)
  t.is(refreshed.claims()?.['acr'], 'urn:latchkey:acr:1fa')
  t.is(refreshed.claims()?.auth_time, tokens.claims()?.auth_time)
})

test('a code is bound to its PKCE challenge and to its redirect URI', async t => {
  const { url } = await callback()
  const stranger = await app.authorize()
  await t.throwsAsync(stranger.finish(url))

  const registered = shop.redirect_uris[0] ?? ''
  const elsewhere = await app.authorize({ redirect_uri: `${registered}/elsewhere` })
  const page = await createVisitor(server).arrive(elsewhere)
  t.is(page.status, 400)
  t.is(page.url.origin, server.issuer, 'never sent to an address that is not registered')
})

test('pushed authorization requests work', async t => {
  const verifier = oidc.randomPKCECodeVerifier()
  const url = await oidc.buildAuthorizationUrlWithPAR(app.configuration, {
    redirect_uri: app.redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.browser.open(url))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const tokens = await oidc.authorizationCodeGrant(app.configuration, landing.url, { pkceCodeVerifier: verifier })
  t.truthy(tokens.id_token)
})
