import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import test from 'ava'
import * as jose from 'jose'
import * as oidc from 'openid-client'
import { createAdapter } from '../../src/oidc/adapter.ts'
import { AppError } from '../../src/errors.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import type { App, Tokens } from '../helpers/app.ts'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const api = 'https://api.example'
const shop = client('shop')
const api2 = 'https://opaque.example'
const narrow = client('narrow', { scope: 'openid orders' })
const other = client('other')

let rig: Rig
let app: App
test.before(async () => {
  rig = await startRig([shop, other, narrow], { resources: { [api]: { scopes: ['orders', 'refunds'], format: 'jwt' }, [api2]: { scopes: ['orders'], format: 'opaque' } } })
  app = await rig.app(shop)
})
test.after.always(() => rig.close())

const scope = 'openid offline_access'
const token = (fields: Record<string, string>, as = shop) => post(`${rig.issuer}/token`, fields, basic(as))
const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken })
const refreshed = async (answer: { json(): Promise<unknown> }) => (await answer.json() as Tokens).refresh_token!

/** An app with one connection, which sends one request after the other. */
function oneConnection() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    async refresh(refreshToken: string) {
      const sent = request(`${rig.issuer}/token`, { method: 'POST', agent, headers: { ...basic(shop), 'content-type': 'application/x-www-form-urlencoded' } })
      sent.end(String(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })))
      const [answer] = await once(sent, 'response') as [IncomingMessage]
      const body = await json(answer)
      return { status: answer.statusCode!, json: async () => body }
    },
    break: () => agent.destroy(),
  }
}
const introspect = async (value: string) => (await post(`${rig.issuer}/token/introspection`, { token: value }, basic(other))).json() as Promise<Record<string, unknown>>
const count = (answers: Response[], status: number) => answers.filter((answer) => answer.status === status).length

/** Moves the use of a token into the past. */
async function age(refreshToken: string, milliseconds: number) {
  await rig.storage.artifacts.patch('RefreshToken', hashId(`RefreshToken:${refreshToken}`), { consumed: Date.now() - milliseconds })
}

/** Opens connections, so that the next requests really arrive together. */
const warmUp = () => Promise.all(Array.from({ length: 40 }, async () => (await fetch(`${rig.issuer}/jwks`)).text()))

test('one code sent by 20 requests at once gives exactly one 200', async (t) => {
  const { url } = await app.authorize({ code_challenge: await oidc.calculatePKCECodeChallenge('v'.repeat(43)) })
  const page = await rig.browser().open(url)
  const exchange = () => token({
    grant_type: 'authorization_code', code: page.url.searchParams.get('code')!, redirect_uri: app.redirectUri, code_verifier: 'v'.repeat(43),
  })
  await warmUp()
  const answers = await Promise.all(Array.from({ length: 20 }, exchange))
  t.is(count(answers, 200), 1)
  t.is(count(answers, 400), 19)
})

test('one refresh token sent by 20 requests at once gives exactly one 200, and the family lives', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  await warmUp()
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(tokens.refresh_token!)))
  const winner = answers.find(({ status }) => status === 200)
  t.is(count(answers, 200), 1)
  for (const answer of answers) if (answer !== winner) t.like(await answer.json(), { error: 'invalid_grant' })
  t.is((await refresh(await refreshed(winner!))).status, 200)
})

test('a repeat after a lost reply works, again and again; who then comes with what the lost reply carried ends the family', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const [first, second] = [oneConnection(), oneConnection()]
  t.teardown(second.break)
  const lost = await refreshed(await first.refresh(tokens.refresh_token!))
  const lostToo = await refreshed(await first.refresh(tokens.refresh_token!))
  first.break()
  const repeated = await second.refresh(tokens.refresh_token!)
  t.is(repeated.status, 200)
  const used = await refresh(await refreshed(repeated))
  t.is(used.status, 200)
  t.is((await refresh(lost)).status, 400)
  t.is((await refresh(lostToo)).status, 400)
  t.is((await refresh(await refreshed(used))).status, 400, 'somebody else has one of these')
})

test('a use after the successor was used ends the family', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const second = await refreshed(await refresh(tokens.refresh_token!))
  const third = await refreshed(await refresh(second))
  t.is((await refresh(tokens.refresh_token!)).status, 400)
  t.is((await refresh(third)).status, 400)
  t.true(rig.events.some(({ type }) => type === 'refresh_token.reuse'))
})

test('a use after the leeway ends the family', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const second = await refreshed(await refresh(tokens.refresh_token!))
  // Used before this process started, and so repeatable for a while after that, but for a minute at most.
  await age(tokens.refresh_token!, 61_000)
  t.is((await refresh(tokens.refresh_token!)).status, 400)
  t.is((await refresh(second)).status, 400)
})

test.serial('a refresh whose tokens the store did not take can be repeated', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const { artifacts } = rig.storage
  const { upsert } = artifacts
  t.teardown(() => { artifacts.upsert = upsert })
  artifacts.upsert = async () => { throw new AppError('store_unavailable', 'the disk is full') }
  t.true((await refresh(tokens.refresh_token!)).status >= 500)
  artifacts.upsert = upsert
  const repeated = await refresh(tokens.refresh_token!)
  t.is(repeated.status, 200)
  t.is((await refresh(await refreshed(repeated))).status, 200)
})

test('first-party apps get refresh tokens by offline_access alone; a refresh never raises acr or auth_time', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const next = await app.refresh(tokens)
  const { acr, auth_time: authTime } = tokens.claims()!
  t.like(next.claims(), { acr, auth_time: authTime })
})

test('without offline_access there is no refresh token, and tokens end with the session', async (t) => {
  const browser = rig.browser()
  const { tokens } = await rig.signIn(app, { browser })
  t.is(tokens.refresh_token, undefined)
  t.like(await introspect(tokens.access_token), { active: true, acr: 'phr' })
  await browser.submit(await browser.open('/session/end'), '/session/end/confirm', { button: 'logout=yes' })
  t.deepEqual(await introspect(tokens.access_token), { active: false })
})

test('client credentials, for a resource and without', async (t) => {
  const plain = await oidc.clientCredentialsGrant(app.configuration)
  t.like(await introspect(plain.access_token), { active: true, client_id: 'shop' })
  const forApi = await oidc.clientCredentialsGrant(app.configuration, { resource: api, scope: 'orders' })
  const { payload } = await jose.jwtVerify(forApi.access_token, jose.createRemoteJWKSet(new URL(`${rig.issuer}/jwks`)), { audience: api, typ: 'at+jwt' })
  t.like(payload, { scope: 'orders', client_id: 'shop' })
  t.is((await token({ grant_type: 'client_credentials', resource: 'https://unknown.example' })).status, 400)
})

test('an app that may ask for some scopes of a resource gets no others', async (t) => {
  const own = await rig.app(narrow)
  const { url, finish } = await own.authorize({ scope: 'openid orders refunds', resource: api })
  const tokens = await finish((await rig.browser().open(url)).url, { resource: api })
  t.is(jose.decodeJwt(tokens.access_token)['scope'], 'orders')
  const machine = await oidc.clientCredentialsGrant(own.configuration, { resource: api, scope: 'orders refunds' })
  t.is(jose.decodeJwt(machine.access_token)['scope'], 'orders')
  t.is((await rig.authorize(own, { parameters: { scope: 'openid email' } })).url.searchParams.get('error'), 'invalid_scope')
  const whole = await oidc.clientCredentialsGrant((await rig.app(shop)).configuration, { resource: api, scope: 'orders refunds' })
  t.is(jose.decodeJwt(whole.access_token)['scope'], 'orders refunds')
})

test('a resource gets a JWT of five minutes that says how and when the person signed in', async (t) => {
  const own = await rig.app(shop)
  const { url, finish } = await own.authorize({ scope: 'openid orders', resource: api })
  own.configuration[oidc.customFetch] = (target, options) => {
    const body = options.body instanceof URLSearchParams && options.body.has('code') ? new URLSearchParams([...options.body, ['resource', api]]) : options.body
    return fetch(target, { ...options, body } as RequestInit)
  }
  const tokens = await finish((await rig.browser().open(url)).url)
  const { payload, protectedHeader } = await jose.jwtVerify(tokens.access_token, jose.createRemoteJWKSet(new URL(`${rig.issuer}/jwks`)), { audience: api })
  t.like(payload, { sub: 'ada', acr: 'phr', scope: 'orders', auth_time: tokens.claims()?.['auth_time'] })
  t.is(payload.exp! - payload.iat!, 300)
  t.is(protectedHeader.alg, 'ES256')
})

test('DPoP binds tokens to a key', async (t) => {
  const keys = await oidc.randomDPoPKeyPair()
  const { url } = await app.authorize({ scope, code_challenge: await oidc.calculatePKCECodeChallenge('v'.repeat(43)) })
  const page = await rig.browser().open(url)
  const DPoP = oidc.getDPoPHandle(app.configuration, keys)
  const tokens = await oidc.authorizationCodeGrant(app.configuration, page.url, {
    pkceCodeVerifier: 'v'.repeat(43), expectedState: url.searchParams.get('state')!, expectedNonce: url.searchParams.get('nonce')!,
  }, undefined, { DPoP })
  t.is(tokens.token_type, 'dpop')
  t.is((await fetch(`${rig.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status, 401)
  t.like(await oidc.fetchUserInfo(app.configuration, tokens.access_token, 'ada', { DPoP }), { sub: 'ada' })
})

test('revocation ends a refresh token and what came of it', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  await oidc.tokenRevocation(app.configuration, tokens.refresh_token!)
  t.is((await refresh(tokens.refresh_token!)).status, 400)
  t.deepEqual(await introspect(tokens.access_token), { active: false })
})

test('the store decides which of 20 uses is the one', async (t) => {
  const adapter = createAdapter({ ...rig.storage, keyring: rig.keyring })
  for (const model of ['AuthorizationCode', 'PushedAuthorizationRequest']) {
    await adapter(model).upsert('one', { jti: 'one' }, 60)
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => adapter(model).consume('one')))
    t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  }
  const replays = await Promise.allSettled(Array.from({ length: 20 }, () => adapter('ReplayDetection').upsert('jti', {}, 60)))
  t.is(replays.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('another app does not learn what a refresh token is good for', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  t.deepEqual(await introspect(tokens.refresh_token!), { active: false })
  const own = await post(`${rig.issuer}/token/introspection`, { token: tokens.refresh_token! }, basic(shop))
  t.like(await own.json(), { active: true, client_id: 'shop', sub: 'ada' })
})

test('a stored key opens nothing', async (t) => {
  const { tokens } = await rig.signIn(app, { parameters: { scope } })
  const key = hashId(`RefreshToken:${tokens.refresh_token}`)
  t.truthy(await rig.storage.artifacts.find('RefreshToken', key))
  for (const value of [key, `key:${key}`]) {
    t.is((await refresh(value)).status, 400)
    t.deepEqual(await introspect(value), { active: false })
  }
})

test('a session found by its uid can be destroyed', async (t) => {
  const browser = rig.browser()
  await rig.signIn(app, { browser })
  const found = await createAdapter({ ...rig.storage, keyring: rig.keyring })('Session').findByUid(await uidOfSession())
  await (await rig.engine.koa.Session.findByUid(found!.uid!))!.destroy()
  t.is(await rig.engine.koa.Session.findByUid(found!.uid!), undefined)

  async function uidOfSession() {
    const { tokens } = await rig.signIn(app, { browser, parameters: { scope } })
    const code = await rig.storage.artifacts.find('RefreshToken', hashId(`RefreshToken:${tokens.refresh_token}`))
    return (code as { sessionUid: string }).sessionUid
  }
})
