/** Authorization and sign-out requests that do not fit what is registered: nobody is sent to an address from the request. */
import test from 'ava'
import * as oidc from 'openid-client'
import { type App, createApp, shop as registeredShop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, signUpByCode, stillAsks } from './refused.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { ExecutionContext } from 'ava'

/** With one redirect URI alone, requests may leave it out (RFC 6749 3.1.2.3). */
const shop = { ...registeredShop, redirect_uris: [...registeredShop.redirect_uris, 'http://localhost:8/another'] }

let server: Server
let app: App
/** made for phones: a loopback redirect takes any port (RFC 8252 7.3) */
const phone = { client_id: 'phone', client_name: 'Phone App', client_uri: 'http://localhost:8/phone', application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/callback', 'com.example.phone:/callback'], latchkey: { firstParty: true } }
const other = { ...shop, client_id: 'other', client_name: 'Other Shop', redirect_uris: ['http://localhost:8/other/callback'], client_secret: 'another secret that nobody else knows' }

test.before(async () => {
  server = await startServer({ clients: [shop, phone, other] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

const registered = shop.redirect_uris[0] ?? ''

/** It is the app's fault, its registered home is the way on, the developer reads why, and the log has it. */
async function isTheAppsFault(t: ExecutionContext, visitor: Visitor, page: Page, oauthError: string, link: { text: string; url: string } | undefined): Promise<void> {
  t.is(page.status, 400, page.text)
  t.is(page.url.origin, server.issuer, 'nobody is sent away')
  t.regex(page.title, /^Error: /)
  t.regex(page.heading, /sent us something we cannot use$/)
  t.true(page.text.includes('You did nothing wrong.'))
  t.true(page.text.includes('For the developer') && page.text.includes(oauthError), page.text)
  if (link) t.deepEqual(page.links.find(({ text }) => text === link.text)?.href, link.url)
  else t.true(page.text.includes('Go back to the app you came from and sign in again.'))
  t.deepEqual(page.links.filter(({ href }) => /evil/.test(href)), [], 'no link to an address from the request')
  const reference = /Reference ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(page.text)?.[1] ?? ''
  t.regex(await server.logLineWith(reference), new RegExp(`"${oauthError}"`), 'the log says why')
  await stillAsks(t, visitor, app)
}

const openShop = { text: 'Open Example Shop', url: shop.client_uri }

const redirects: Record<string, string> = {
  'another site': 'https://evil.example/callback',
  'a deeper path': `${registered}/evil`,
  'a path with dots': `${registered}/../evil`,
  'a query': `${registered}?next=https://evil.example`,
  'a fragment': `${registered}#evil`,
  'another port': 'http://localhost:9/callback?evil',
  'another scheme': registered.replace('http:', 'https:'),
  'letters of another case': registered.replace('callback', 'Callback'),
  'credentials before the host': 'http://localhost:8@evil.example/callback',
  'script': 'javascript:alert(1)//evil',
  'no URL': 'evil',
}

for (const [name, uri] of Object.entries(redirects)) {
  test.serial(`a redirect URI with ${name}`, async t => {
    const visitor = createVisitor(server)
    const page = await nothingMade(t, server, async () => visitor.arrive(await app.authorize({ redirect_uri: uri })))
    await isTheAppsFault(t, visitor, page, 'invalid_redirect_uri', openShop)
    t.true(page.text.includes('Field redirect_uri'), page.text)
  })
}

test.serial('no redirect URI', async t => {
  const visitor = createVisitor(server)
  const { url } = await app.authorize()
  url.searchParams.delete('redirect_uri')
  await isTheAppsFault(t, visitor, await nothingMade(t, server, () => visitor.browser.open(url)), 'invalid_request', openShop)
})

test.serial('the redirect URI of another app', async t => {
  const visitor = createVisitor(server)
  const page = await nothingMade(t, server, async () => visitor.arrive(await app.authorize({ redirect_uri: other.redirect_uris[0] ?? '' })))
  await isTheAppsFault(t, visitor, page, 'invalid_redirect_uri', openShop)
})

test.serial('an app that is not registered', async t => {
  const visitor = createVisitor(server)
  const page = await nothingMade(t, server, async () => visitor.arrive(await app.authorize({ client_id: 'nobody' })))
  await isTheAppsFault(t, visitor, page, 'invalid_client', undefined)
})

test.serial('a native app: any port of loopback, but no other host, path or scheme', async t => {
  const native = await createApp(server.issuer, phone)
  const start = await createVisitor(server).arrive(await native.authorize({ redirect_uri: 'http://127.0.0.1:51234/callback' }))
  t.is(start.heading, 'Sign in')
  for (const uri of ['http://127.0.0.1:51234/evil', 'http://evil.example/callback', 'com.evil.phone:/callback', 'http://127.0.0.1.evil.example/callback']) {
    const visitor = createVisitor(server)
    const page = await nothingMade(t, server, async () => visitor.arrive(await native.authorize({ redirect_uri: uri })))
    await isTheAppsFault(t, visitor, page, 'invalid_redirect_uri', { text: 'Open Phone App', url: phone.client_uri })
  }
})

/** The redirect URI is good, so the app hears what is wrong, and nobody sees a page. */
const toTheApp: Record<string, { change: Record<string, string | undefined>; error: string }> = {
  'no PKCE challenge': { change: { code_challenge: undefined, code_challenge_method: undefined }, error: 'invalid_request' },
  'PKCE plain': { change: { code_challenge_method: 'plain' }, error: 'invalid_request' },
  'a PKCE method without a challenge': { change: { code_challenge: undefined }, error: 'invalid_request' },
  'a PKCE challenge that is too short': { change: { code_challenge: 'abc' }, error: 'invalid_request' },
  'another response type': { change: { response_type: 'token' }, error: 'unsupported_response_type' },
  'a scope without openid is asked with a prompt that does not exist': { change: { prompt: 'sometimes' }, error: 'invalid_request' },
  'a max_age that is no number': { change: { max_age: 'soon' }, error: 'invalid_request' },
}

for (const [name, { change, error }] of Object.entries(toTheApp)) {
  test.serial(`${name}: told to the app, at its registered address`, async t => {
    const visitor = createVisitor(server)
    const { url } = await app.authorize()
    for (const [key, value] of Object.entries(change)) {
      if (value === undefined) url.searchParams.delete(key)
      else url.searchParams.set(key, value)
    }
    const page = await nothingMade(t, server, () => visitor.browser.open(url))
    t.true(page.elsewhere, page.text)
    t.true(page.url.href.startsWith(registered), page.url.href)
    const answer = new URLSearchParams(page.url.search || page.url.hash.slice(1))
    t.is(answer.get('error'), error)
    t.is(answer.get('iss'), server.issuer)
    t.is(answer.get('code'), null)
    t.is(answer.get('state'), url.searchParams.get('state'))
    await stillAsks(t, visitor, app)
  })
}

/** A fresh code, with the verifier that belongs to it. */
async function code() {
  const visitor = createVisitor(server)
  const verifier = oidc.randomPKCECodeVerifier()
  const { url } = await app.authorize({ code_challenge: await oidc.calculatePKCECodeChallenge(verifier) })
  const offer = await visitor.signUp(await visitor.browser.open(url))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  return { code: landing.url.searchParams.get('code') ?? '', verifier }
}

type Exchange = Awaited<ReturnType<typeof code>>
const exchanges: Record<string, (from: Exchange) => { body: Record<string, string>; as?: typeof other; statuses?: number[] }> = {
  'without the verifier': ({ code }) => ({ body: { code, redirect_uri: registered } }),
  'with another verifier': ({ code }) => ({ body: { code, redirect_uri: registered, code_verifier: oidc.randomPKCECodeVerifier() } }),
  'with the challenge instead of the verifier': ({ code, verifier }) => ({ body: { code, redirect_uri: registered, code_verifier: Buffer.from(verifier).toString('base64url').slice(0, 43) } }),
  'with another redirect URI': ({ code, verifier }) => ({ body: { code, redirect_uri: `${registered}/evil`, code_verifier: verifier } }),
  'without the redirect URI': ({ code, verifier }) => ({ body: { code, code_verifier: verifier } }),
  'by another app': ({ code, verifier }) => ({ body: { code, redirect_uri: registered, code_verifier: verifier }, as: other }),
  'with another secret': ({ code, verifier }) => ({ body: { code, redirect_uri: registered, code_verifier: verifier }, as: { ...other, client_id: 'shop' } }),
  'that is none': ({ verifier }) => ({ body: { code: 'no-code', redirect_uri: registered, code_verifier: verifier } }),
}

for (const [name, exchange] of Object.entries(exchanges)) {
  test.serial(`a code exchanged ${name}: no token`, async t => {
    const { body, as = shop } = exchange(await code())
    const answer = await fetch(`${server.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${as.client_id}:${encodeURIComponent(as.client_secret)}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', ...body }),
    })
    t.true([400, 401].includes(answer.status))
    const told = (await answer.json()) as Record<string, unknown>
    t.true(['invalid_grant', 'invalid_client', 'invalid_request'].includes(String(told['error'])), JSON.stringify(told))
    t.deepEqual(Object.keys(told).filter(key => key.includes('token')), [])
  })
}

for (const [name, change] of Object.entries<Record<string, string>>({
  'another site': { post_logout_redirect_uri: 'https://evil.example/' },
  'a deeper path': { post_logout_redirect_uri: `${shop.post_logout_redirect_uris[0]}/evil` },
  'the callback': { post_logout_redirect_uri: registered },
})) {
  test.serial(`a post-logout address that is ${name}: not gone to, and the session stays`, async t => {
    const visitor = createVisitor(server)
    const authorization = await app.authorize()
    const offer = await visitor.signUp(await visitor.arrive(authorization))
    const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
    const tokens = await authorization.finish(landing.url)
    const page = await nothingMade(t, server, () => visitor.browser.open(app.signOutUrl(tokens, change)))
    t.is(page.status, 400)
    t.is(page.url.origin, server.issuer)
    t.deepEqual(page.links.filter(({ href }) => /evil/.test(href)), [])
    t.is(page.links.find(({ text }) => text === openShop.text)?.href, openShop.url)
    const reference = /Reference ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(page.text)?.[1] ?? ''
    t.regex(await server.logLineWith(reference), /"invalid_request"/)
    t.true((await visitor.arrive(await app.authorize())).elsewhere, 'still signed in')
  })
}

test.serial('an ID token hint that is none', async t => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  const page = await nothingMade(t, server, () => visitor.browser.open('/session/end?id_token_hint=no.token.here&post_logout_redirect_uri=https://evil.example/'))
  t.is(page.status, 400)
  t.is(page.url.origin, server.issuer)
  t.true((await visitor.arrive(await app.authorize())).elsewhere, 'still signed in')
})
