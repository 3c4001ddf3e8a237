/** What a browser or an app can do to the engine's own routes. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import * as oidc from 'openid-client'
import { basic, client, post, startRig, type Rig } from '../oidc/harness.ts'

const shop = client('shop')
const news = client('news', { latchkey: { firstParty: false } })

async function start(t: ExecutionContext): Promise<Rig> {
  const rig = await startRig([shop, news])
  t.teardown(() => rig.close())
  return rig
}

/** Every file of the store, byte by byte. */
async function stored({ folder }: Rig): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.includes('.db'))
  return (await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))).join('\n')
}

const pushed = { client_id: 'shop', response_type: 'code', redirect_uri: String(shop.redirect_uris[0]), scope: 'openid', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
const push = (rig: Rig, more: Record<string, string>) => post(`${rig.issuer}/request`, { ...pushed, ...more }, basic(shop))

test('one login gives one code, however many tabs resume it at once', async (t) => {
  const rig = await start(t)
  const [app, browser] = [await rig.app(shop), rig.browser()]
  let resume = ''
  rig.answer = async (request, { interactions }) => {
    resume = await interactions.finishLogin(request, { accountId: rig.account.id, proofs: [rig.proof('passkey')] })
    return `${rig.issuer}/nowhere`
  }
  await rig.authorize(app, { browser })
  const cookie = browser.cookies.header(new URL(resume), { method: 'GET' }) ?? ''
  await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${rig.issuer}/jwks`)).text())) // connections, so that they really arrive together
  const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(resume, { redirect: 'manual', headers: { cookie } })))
  const codes = answers.map(({ headers }) => /[?&]code=([^&]+)/.exec(headers.get('location') ?? '')?.[1]).filter((code) => code !== undefined)
  t.is(codes.length, 1)
})

test('the page after a sign-out says nothing that somebody else put into its address', async (t) => {
  const rig = await start(t)
  for (const failed of ['shop', 'eyJhcHBzIjpbInNob3AiXX0', '']) {
    const page = await rig.browser().open(`/session/end/success?failed=${failed}`)
    t.true(page.html.includes('logged out'))
    t.false(page.html.includes('The shop'))
  }
})

test('a pushed request is stored closed: the ID token in it opens nothing for who reads the store', async (t) => {
  const rig = await start(t)
  const app = await rig.app(shop)
  const browser = rig.browser()
  const { tokens } = await rig.signIn(app, { browser })
  const hint = tokens.id_token!
  const pushedAt = await (await push(rig, { id_token_hint: hint })).json() as { request_uri: string }
  const content = await stored(rig)
  // In a JWT it would be encoded once more, in one of three alignments.
  const encoded = [0, 1, 2].map((start) => Buffer.from(hint.slice(start)).toString('base64url').slice(4, -4))
  for (const secret of [hint, hint.split('.')[2]!, ...encoded]) t.false(content.includes(secret), secret)

  const page = await browser.open(`/auth?client_id=shop&request_uri=${encodeURIComponent(pushedAt.request_uri)}`)
  t.truthy(page.url.searchParams.get('code'), page.url.href)

  const answer = await push(rig, { prompt: 'login' })
  const { request_uri: uri } = await answer.json() as { request_uri: string }
  const code = await rig.authorize(app, { parameters: { request_uri: uri } })
  t.truthy(code.url.searchParams.get('code'), code.url.href)
  t.false((await stored(rig)).includes(uri.split(':').at(-1)!), 'the login that came of it does not name it')
  const again = await rig.authorize(app, { parameters: { request_uri: uri } })
  t.is(again.url.searchParams.get('error'), 'invalid_request_uri', 'it is good for one code')
})

test('a sign-out form is stored closed', async (t) => {
  const rig = await start(t)
  const browser = rig.browser()
  await rig.signIn(await rig.app(shop), { browser })
  const page = await browser.open('/session/end')
  const { xsrf } = page.form('/session/end/confirm').values
  t.true(xsrf!.length > 20)
  t.false((await stored(rig)).includes(xsrf!))
  t.true((await browser.submit(page, '/session/end/confirm', { button: 'logout=yes' })).html.includes('logged out'))
})

for (const depth of [20, 6_000]) {
  test(`claims ${depth} levels deep are refused`, async (t) => {
    const rig = await start(t)
    const claims = `{"userinfo":{"email":{"value":${'['.repeat(depth)}${']'.repeat(depth)}}}}`
    const answer = await push(rig, { claims })
    t.is(answer.status, 400)
    t.like(await answer.json(), { error: 'invalid_request', error_description: 'the claims parameter is nested too deeply' })
  })
}

test('the same request for another account: without the hint of this one, and consent is asked again where it was', async (t) => {
  const rig = await start(t)
  const [app, browser] = [await rig.app(news), rig.browser()]
  const { tokens } = await rig.signIn(app, { browser })
  const urls: (string | undefined)[] = []
  rig.answer = async (request, { interactions }) => {
    urls.push(interactions.restartUrl(request))
    return `${rig.issuer}/nowhere`
  }
  await rig.authorize(app, { browser, parameters: { prompt: 'consent', id_token_hint: tokens.id_token!, login_hint: 'ada' } })
  const again = new URL(urls[0]!).searchParams
  t.is(again.get('prompt'), 'login consent')
  t.is(again.get('id_token_hint'), null)
  t.is(again.get('login_hint'), 'ada')

  const verifier = oidc.randomPKCECodeVerifier()
  await browser.open(await oidc.buildAuthorizationUrlWithPAR(app.configuration, {
    redirect_uri: app.redirectUri, scope: 'openid', prompt: 'consent', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }))
  t.deepEqual(urls.slice(1), [undefined])
})
