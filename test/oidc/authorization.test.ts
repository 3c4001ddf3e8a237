import { createHash, generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import * as oidc from 'openid-client'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const shop = client('shop')
const posting = client('posting', { token_endpoint_auth_method: 'client_secret_post' })
const signing = client('signing', {
  token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] },
})
const spa = client('spa', { token_endpoint_auth_method: 'none', latchkey: { allowedOrigins: ['https://spa.example'] } })
const optional = client('optional', { latchkey: { pkce: 'optional' } })
const news = client('news', { latchkey: { firstParty: false } })
const phone = client('phone', {
  application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: ['com.example.phone:/callback', 'http://127.0.0.1/callback'],
})
for (const config of [signing, spa, phone]) delete config['client_secret']

let rig: Rig
test.before(async () => { rig = await startRig([shop, posting, signing, spa, optional, news, phone]) })
test.after.always(() => rig.close())

const verifier = 'a'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')
const authUrl = (parameters: Record<string, string>) => `${rig.issuer}/auth?${new URLSearchParams({
  client_id: 'shop', response_type: 'code', scope: 'openid email', redirect_uri: String(shop.redirect_uris[0]), code_challenge: challenge, code_challenge_method: 'S256', ...parameters,
})}`

test.serial('discovery lists what works', async (t) => {
  const metadata = await (await fetch(`${rig.issuer}/.well-known/openid-configuration`)).json() as Record<string, unknown>
  t.like(metadata, {
    issuer: rig.issuer,
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
    acr_values_supported: ['urn:latchkey:acr:recovery', 'urn:latchkey:acr:1fa', 'urn:latchkey:acr:mfa', 'phr'],
    prompt_values_supported: ['none', 'select_account', 'create', 'login', 'consent'],
    ui_locales_supported: ['en', 'de'],
    claims_parameter_supported: true,
    backchannel_logout_supported: true,
    code_challenge_methods_supported: ['S256'],
  })
})

test.serial('endpoints are named by the issuer, whatever the Host header says', async (t) => {
  const { host } = new URL(rig.issuer)
  const answer = await new Promise<string>((resolve, reject) => {
    import('node:http').then(({ get }) => get({ host: 'localhost', port: host.split(':')[1], path: '/.well-known/openid-configuration', headers: { host: 'evil.example' } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => { text += chunk }).on('end', () => resolve(text))
    }).on('error', reject), reject)
  })
  t.false(answer.includes('evil.example'))
})

for (const config of [shop, posting, spa, optional]) {
  test.serial(`code and PKCE: ${config.client_id}`, async (t) => {
    const app = await rig.app(config)
    if (config === posting) app.configuration.serverMetadata()
    const configuration = config === posting
      ? await oidc.discovery(new URL(rig.issuer), 'posting', undefined, oidc.ClientSecretPost(String(posting['client_secret'])), { execute: [oidc.allowInsecureRequests] })
      : app.configuration
    const { url } = await app.authorize({ code_challenge: challenge, scope: 'openid email profile' })
    const page = await rig.browser().open(url)
    const tokens = await oidc.authorizationCodeGrant(configuration, page.url, {
      pkceCodeVerifier: verifier, expectedState: url.searchParams.get('state')!, expectedNonce: url.searchParams.get('nonce')!,
    })
    t.like(tokens.claims(), { sub: 'ada', acr: 'phr', amr: ['pop', 'user', 'mfa'] })
    t.is(typeof tokens.claims()?.['auth_time'], 'number')
    t.is(tokens.refresh_token, undefined)
    t.deepEqual(await oidc.fetchUserInfo(configuration, tokens.access_token, 'ada'), { sub: 'ada', email: 'ada@example.com', email_verified: true })
  })
}

test.serial('code and PKCE: private_key_jwt, whose assertions work once', async (t) => {
  const key = await crypto.subtle.importKey('pkcs8', privateKey.export({ format: 'der', type: 'pkcs8' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  const configuration = await oidc.discovery(new URL(rig.issuer), 'signing', undefined, oidc.PrivateKeyJwt({ key, kid: 'k' }), { execute: [oidc.allowInsecureRequests] })
  let body = ''
  configuration[oidc.customFetch] = (url, options) => {
    if (String(options.body).includes('client_assertion')) body = String(options.body)
    return fetch(url, options as RequestInit)
  }
  await oidc.clientCredentialsGrant(configuration)
  t.true(body.includes('client_assertion='))
  const again = await post(`${rig.issuer}/token`, Object.fromEntries(new URLSearchParams(body)))
  t.is(again.status, 401)
  t.like(await again.json(), { error: 'invalid_client' })
})

test.serial('native apps: loopback with any port, and a custom scheme', async (t) => {
  for (const redirect of ['http://127.0.0.1:51234/callback', 'com.example.phone:/callback']) {
    const page = await rig.browser().open(authUrl({ client_id: 'phone', redirect_uri: redirect }))
    t.true(page.url.href.startsWith(redirect), page.url.href)
    const tokens = await post(`${rig.issuer}/token`, {
      grant_type: 'authorization_code', client_id: 'phone', redirect_uri: redirect, code: page.url.searchParams.get('code')!, code_verifier: verifier,
    })
    t.is(tokens.status, 200)
  }
})

test.serial('native apps never get a code silently', async (t) => {
  const browser = rig.browser()
  const url = authUrl({ client_id: 'phone', redirect_uri: 'com.example.phone:/callback' })
  await browser.open(url)
  const silent = await browser.open(`${url}&prompt=none`)
  t.is(silent.url.searchParams.get('error'), 'interaction_required')
  const before = rig.stops.length
  const again = await browser.open(url)
  t.truthy(again.url.searchParams.get('code'))
  t.deepEqual(rig.stops.slice(before).map(({ prompt, consent }) => ({ prompt, consent })), [{ prompt: 'consent', consent: { scopes: ['openid', 'email'], claims: [], resourceScopes: {} } }])
})

test.serial('PKCE is asked for, and checked', async (t) => {
  const missing = await rig.browser().open(authUrl({ code_challenge: '', code_challenge_method: '' }))
  t.is(missing.url.searchParams.get('error'), 'invalid_request')
  const plain = await rig.browser().open(authUrl({ code_challenge_method: 'plain' }))
  t.is(plain.url.searchParams.get('error'), 'invalid_request')

  const page = await rig.browser().open(authUrl({}))
  const wrong = await post(`${rig.issuer}/token`, {
    grant_type: 'authorization_code', code: page.url.searchParams.get('code')!, redirect_uri: String(shop.redirect_uris[0]), code_verifier: 'b'.repeat(43),
  }, basic(shop))
  t.is(wrong.status, 400)
  t.like(await wrong.json(), { error: 'invalid_grant' })

  const without = new URL(authUrl({ client_id: 'optional', redirect_uri: String(optional.redirect_uris[0]) }))
  without.searchParams.delete('code_challenge')
  without.searchParams.delete('code_challenge_method')
  t.truthy((await rig.browser().open(without)).url.searchParams.get('code'))
})

test.serial('an unknown redirect address or client gets our page and no redirect', async (t) => {
  const redirect = await rig.browser().open(authUrl({ redirect_uri: 'https://evil.example/' }))
  t.is(redirect.status, 400)
  t.true(redirect.html.includes('client_setup invalid_redirect_uri The shop'))
  const unknown = await rig.browser().open(authUrl({ client_id: 'nobody' }))
  t.is(unknown.status, 400)
  t.true(unknown.html.includes('client_setup invalid_client'))
})

test.serial('pushed authorization requests are used once', async (t) => {
  const pushed = await post(`${rig.issuer}/request`, Object.fromEntries(new URL(authUrl({})).searchParams), basic(shop))
  t.is(pushed.status, 201)
  const { request_uri: requestUri } = await pushed.json() as { request_uri: string }
  const url = `${rig.issuer}/auth?${new URLSearchParams({ client_id: 'shop', request_uri: requestUri })}`
  t.truthy((await rig.browser().open(url)).url.searchParams.get('code'))
  const again = await rig.browser().open(url)
  t.is(again.url.searchParams.get('code'), null)
})

test.serial('form_post is a page of ours that posts to the app', async (t) => {
  const page = await rig.browser().open(authUrl({ response_mode: 'form_post', state: 'abc' }))
  t.is(page.status, 200)
  t.false(page.html.includes('<script'))
  const form = page.form('/shop/callback')
  t.is(form.values['state'], 'abc')
  t.truthy(form.values['code'])
})

test.serial('third-party apps ask for consent once per session, first-party ones never', async (t) => {
  const browser = rig.browser()
  const url = authUrl({ client_id: 'news', redirect_uri: String(news.redirect_uris[0]) })
  const before = rig.stops.length
  t.truthy((await browser.open(url)).url.searchParams.get('code'))
  t.deepEqual(rig.stops.slice(before).map(({ prompt }) => prompt), ['login', 'consent'])
  t.deepEqual(rig.stops.at(-1)?.consent?.scopes, ['openid', 'email'])
  t.is(rig.stops.at(-1)?.cid, rig.stops.at(-2)?.cid)
  t.truthy((await browser.open(url)).url.searchParams.get('code'))
  t.is(rig.stops.length, before + 2)
  await browser.open(authUrl({ scope: 'openid email profile' }))
  t.is(rig.stops.length, before + 2)
})

test.serial('CORS: the configured origins of a browser app, and no others', async (t) => {
  const ask = (origin: string) => post(`${rig.issuer}/token`, { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'none' }, { origin })
  t.is((await ask('https://spa.example')).headers.get('access-control-allow-origin'), 'https://spa.example')
  const foreign = await ask('https://evil.example')
  t.is(foreign.headers.get('access-control-allow-origin'), null)
  t.is(foreign.status, 400)
})

test.serial('interactions say why they cannot go on', async (t) => {
  const browser = rig.browser()
  rig.answer = async () => 'about:blank'
  const stop = await fetch(authUrl({}), { redirect: 'manual' })
  rig.answer = (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('passkey')] })
  const path = stop.headers.get('location')!
  const cookies = stop.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]!)
  const ask = async (names: string[]) => {
    const cookie = cookies.filter((text) => names.some((name) => text.startsWith(name))).join('; ')
    return (await fetch(rig.issuer + path, { headers: { cookie }, redirect: 'manual' })).json()
  }
  t.like(await ask([]), { code: 'cookie_missing', clientId: 'shop' })
  const uid = path.split('/').at(-1)!
  await (await rig.engine.koa.Interaction.find(uid))!.destroy()
  t.like(await ask(['latchkey_interaction', 'latchkey_start_again']), { code: 'interaction_finished', clientId: 'shop' })
  t.like(await ask(['latchkey_start_again']), { code: 'interaction_expired', clientId: 'shop' })
  t.deepEqual(await ask([]), { code: 'interaction_expired' })
  browser.close()
})

test.serial('coming back to a finished login says so, with the app to start again at', async (t) => {
  const browser = rig.browser()
  await browser.open(authUrl({}))
  const resume = browser.visits.find(({ url }) => /^\/auth\/./.test(url.pathname))!
  const again = await browser.open(resume.url)
  t.is(again.status, 400)
  t.true(again.html.includes('interaction_finished') && again.html.includes('The shop'))
  t.true((await rig.browser().open('/auth/nobody')).html.includes('interaction_expired'))
})

test.serial('on https the cookies are Secure, and the session is bound to the host', async (t) => {
  const own = await startRig([shop], { https: true })
  t.teardown(() => own.close())
  const plain = own.issuer.replace('https:', 'http:')
  const stop = await fetch(authUrl({}).replace(rig.issuer, plain), { redirect: 'manual', headers: { 'x-forwarded-proto': 'https' } })
  const cookies = stop.headers.getSetCookie()
  t.true(cookies.length >= 4)
  for (const cookie of cookies) {
    t.true(cookie.startsWith('__Secure-latchkey_'), cookie)
    t.regex(cookie, /; secure; httponly/)
    t.regex(cookie, /samesite=lax/)
  }
  const sent = cookies.map((text) => text.split(';', 1)[0]!).join('; ')
  const headers = { cookie: sent, 'x-forwarded-proto': 'https' }
  const finished = await fetch(plain + stop.headers.get('location'), { redirect: 'manual', headers })
  const resumed = await fetch(finished.headers.get('location')!.replace('https:', 'http:'), { redirect: 'manual', headers })
  const session = resumed.headers.getSetCookie().find((text) => text.startsWith('__Host-latchkey_session='))
  t.regex(session!, /path=\/; .*secure/)
})

test.serial('an aborted login goes back to the app', async (t) => {
  const own = await startRig([shop])
  t.teardown(() => own.close())
  own.answer = (request, { interactions }) => interactions.abort(request)
  const page = await own.authorize(await own.app(shop), {})
  t.is(page.url.searchParams.get('error'), 'access_denied')
})
