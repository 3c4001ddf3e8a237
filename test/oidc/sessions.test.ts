import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import test from 'ava'
import * as jose from 'jose'
import { hashId } from '../../src/secrets/keyring.ts'
import { freePort } from '../helpers/port.ts'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const scope = 'openid offline_access'
const started: Rig[] = []
async function start(...parameters: Parameters<typeof startRig>): Promise<Rig> {
  const rig = await startRig(...parameters)
  started.push(rig)
  return rig
}
test.after.always(() => Promise.all(started.map((rig) => rig.close())))

test('a disabled account: live sessions ask to sign in, tokens end', async (t) => {
  const shop = client('shop')
  const rig = await start([shop])
  const [app, browser] = [await rig.app(shop), rig.browser()]
  const { tokens } = await rig.signIn(app, { browser, parameters: { scope } })
  await rig.storage.accounts.update('ada', (account) => ({ ...account, disabledAt: Date.now() }))

  t.is((await rig.authorize(app, { browser, parameters: { prompt: 'none' } })).url.searchParams.get('error'), 'login_required')
  const page = await rig.authorize(app, { browser })
  t.is(rig.stops.length, 2)
  t.is(rig.stops[1]?.session, undefined)
  t.is(page.url.searchParams.get('error'), 'access_denied')

  const introspection = await post(`${rig.issuer}/token/introspection`, { token: tokens.access_token }, basic(shop))
  t.deepEqual(await introspection.json(), { active: false })
  t.is((await post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }, basic(shop))).status, 400)
  t.is((await fetch(`${rig.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status, 401)
})

test('sign-out: asks, tells the app on a back channel, and hands over without a redirect', async (t) => {
  const received: string[] = []
  const logoutPort = await freePort()
  const app2 = createServer((req, res) => {
    let body = ''
    req.setEncoding('utf8').on('data', (chunk) => { body += chunk }).on('end', () => { received.push(body); res.end() })
  }).listen(logoutPort, 'localhost')
  await once(app2, 'listening')
  t.teardown(() => app2.close())
  const shop = client('shop', {
    backchannel_logout_uri: `http://localhost:${logoutPort}/logout`, backchannel_logout_session_required: true, post_logout_redirect_uris: ['http://localhost:8/bye'],
  })
  const news = client('news', { backchannel_logout_uri: 'http://localhost:1/logout' })
  const rig = await start([shop, news])
  const [app, browser] = [await rig.app(shop), rig.browser()]
  const { tokens } = await rig.signIn(app, { browser })
  await rig.signIn(await rig.app(news), { browser })

  const page = await browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: 'http://localhost:8/bye', state: 'xyz' }))
  t.true(page.html.includes('The shop, The news'))
  const gone = await browser.submit(page, '/session/end/confirm', { button: 'logout=yes' })
  t.is(gone.url.href, 'http://localhost:8/bye?state=xyz')
  const confirmed = browser.visits.at(-1)!
  t.like(confirmed, { method: 'POST', status: 200 })
  t.is(confirmed.headers['location'], undefined)

  t.is(received.length, 1)
  const { payload } = await jose.jwtVerify(new URLSearchParams(received[0]).get('logout_token')!, jose.createRemoteJWKSet(new URL(`${rig.issuer}/jwks`)), { audience: 'shop' })
  t.like(payload, { sub: 'ada', sid: tokens.claims()?.['sid'] })
  t.like(rig.warnings, [{ clientId: 'news' }])
  t.like(rig.events, [{ type: 'end_session.success', accountId: 'ada' }])

  await rig.signIn(await rig.app(news), { browser })
  const success = await browser.submit(await browser.open('/session/end'), '/session/end/confirm', { button: 'logout=yes' })
  t.true(success.html.includes('logged out') && success.html.includes('The news'))
})

test('sign-out when nobody is signed in asks nothing', async (t) => {
  const shop = client('shop', { post_logout_redirect_uris: ['http://localhost:8/bye'] })
  const rig = await start([shop])
  const back = await rig.browser().open(`/session/end?client_id=shop&post_logout_redirect_uri=${encodeURIComponent('http://localhost:8/bye')}`)
  t.is(back.url.href, 'http://localhost:8/bye')
  const plain = await rig.browser().open('/session/end')
  t.true(plain.html.includes('logged out'))
})

test('the session gets another id with each sign-in, and the one before opens nothing', async (t) => {
  const shop = client('shop')
  const rig = await start([shop])
  const [app, browser] = [await rig.app(shop), rig.browser()]
  const cookies = () => browser.cookies.all().filter(({ name }) => name.startsWith('latchkey_session'))
  await rig.signIn(app, { browser })
  const before = cookies()
  await rig.signIn(app, { browser, parameters: { prompt: 'login' } })
  const after = cookies()
  t.not(after.find(({ name }) => name === 'latchkey_session')?.value, before.find(({ name }) => name === 'latchkey_session')?.value)

  const silent = async (jar: typeof before) => {
    const thief = rig.browser()
    thief.cookies.store(new URL(rig.issuer), jar.map(({ name, value }) => `${name}=${value}; path=/`))
    return (await rig.authorize(app, { browser: thief, parameters: { prompt: 'none' } })).url.searchParams.get('error')
  }
  t.is(await silent(before), 'login_required')
  t.is(await silent(after), null)
})

test('another account signs in: the old session ends and nothing of it passes over', async (t) => {
  const shop = client('shop')
  const rig = await start([shop])
  const [app, browser] = [await rig.app(shop), rig.browser()]
  await rig.signIn(app, { browser })
  rig.answer = (request, { interactions }) =>
    interactions.finishLogin(request, { accountId: 'bob', proofs: [rig.proof('email_otp', { accountId: 'bob' })] })
  const { url, finish } = await app.authorize({ prompt: 'login' })
  const page = await browser.open(url)
  t.true(page.html.includes('hand over'))
  t.is(rig.pagesSeen.at(-1), page.html)
  t.false(page.html.includes('<script'))
  const tokens = await finish((await browser.submit(page, '/session/end/confirm')).url)
  t.like(tokens.claims(), { sub: 'bob', acr: 'urn:latchkey:acr:1fa' })
})

test('no private address is called unless the issuer is loopback', async (t) => {
  const shop = client('shop', { backchannel_logout_uri: 'http://127.0.0.1:9/logout' })
  const calls: string[] = []
  const port = await freePort()
  const inside = createServer((req, res) => { calls.push(req.url!); res.end() }).listen(port, '127.0.0.1')
  await once(inside, 'listening')
  t.teardown(() => inside.close())
  shop['backchannel_logout_uri'] = `http://127.0.0.1:${port}/logout`
  const rig = await start([shop], { loopback: false })
  const browser = rig.browser()
  await rig.signIn(await rig.app(shop), { browser })
  await browser.submit(await browser.open('/session/end'), '/session/end/confirm', { button: 'logout=yes' })
  t.deepEqual(calls, [])
  t.like(rig.warnings, [{ clientId: 'shop' }])
})

test('the store holds nothing that opens anything', async (t) => {
  const shop = client('shop')
  const rig = await start([shop])
  const [app, browser] = [await rig.app(shop), rig.browser()]
  const { page, tokens } = await rig.signIn(app, { browser, parameters: { scope } })
  const next = await app.refresh(tokens)
  await browser.open((await app.authorize({ prompt: 'login', id_token_hint: next.id_token! })).url)
  const secrets = [
    page.url.searchParams.get('code')!, tokens.access_token, tokens.refresh_token!, next.access_token, next.refresh_token!, tokens.id_token!, next.id_token!,
    ...rig.stops.map(({ uid }) => uid),
    ...browser.visits.flatMap(({ headers }) => headers['set-cookie'] ?? []).filter((text) => text.startsWith('latchkey_session=')).map((text) => text.slice(17).split(';', 1)[0]!),
  ]
  t.true(secrets.length >= 9)
  const files = (await readdir(rig.folder)).filter((name) => name.includes('.sqlite') || name.includes('.db'))
  t.true(files.length > 0)
  for (const file of files) {
    const content = await readFile(join(rig.folder, file), 'latin1')
    for (const secret of secrets) t.false(content.includes(secret), `${secret} in ${file}`)
  }
})

/** Of a sign-in: the end that the browser was told for the session cookie, and the one that is stored (ms from now). */
async function keeping(rig: Rig, remember: boolean | undefined, browser = rig.browser()) {
  rig.answer = (request, { interactions }) =>
    interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('passkey')], ...(remember !== undefined && { remember }) })
  await rig.authorize(await rig.app(client('shop')), { browser, parameters: { prompt: 'login' } })
  const told = browser.visits.flatMap(({ headers }) => headers['set-cookie'] ?? []).filter((text) => text.startsWith('latchkey_session=')).at(-1)!
  const [, expires] = /expires=([^;]+)/i.exec(told) ?? []
  const id = told.slice('latchkey_session='.length).split(';', 1)[0]!
  const key = hashId(`Session:${id}`)
  const { exp } = (await rig.storage.artifacts.find('Session', key)) as { exp: number }
  return { browser, key, cookieEnds: expires === undefined ? 'with the browser' : hoursUntil(Date.parse(expires)), sessionEnds: hoursUntil(exp * 1000) }
}
const hoursUntil = (ms: number) => Math.round((ms - Date.now()) / 3_600_000)
const forGood = { cookieEnds: 14 * 24, sessionEnds: 14 * 24 }
const forNow = { cookieEnds: 'with the browser', sessionEnds: 2 }

test('who does not stay signed in has a cookie that ends with the browser, and two hours', async (t) => {
  const rig = await start([client('shop')])
  t.like(await keeping(rig, true), forGood)
  t.like(await keeping(rig, false), forNow)
  t.like(await keeping(rig, undefined), forNow, 'nobody was asked')

  const kept = await keeping(rig, true)
  t.like(await keeping(rig, undefined, kept.browser), forGood, 'a step-up does not ask again')
  t.like(await keeping(rig, false, kept.browser), forNow, 'another decision counts')
  t.like(await keeping(rig, undefined, kept.browser), forNow)
  t.like(await keeping(rig, true, kept.browser), forGood)
})

test('the operator can decide for everybody who stays signed in', async (t) => {
  const never = await start([client('shop')], { sessions: { keepSignedIn: 'never' } })
  t.like(await keeping(never, true), forNow)
  const always = await start([client('shop')], { sessions: { keepSignedIn: 'always' } })
  t.like(await keeping(always, false), forGood)
  t.like(await keeping(always, undefined), forGood)
  const short = await start([client('shop')], { sessions: { idle: 3_600_000 } })
  t.like(await keeping(short, false), { cookieEnds: 'with the browser', sessionEnds: 1 }, 'never longer than those who stay')
})

test('a session ends so long after it began, however much it is used', async (t) => {
  const shop = client('shop')
  const rig = await start([shop])
  const app = await rig.app(shop)
  const { browser, key } = await keeping(rig, true)
  const day = 86_400
  const silent = async () => (await rig.authorize(app, { browser, parameters: { prompt: 'none' } })).url.searchParams.get('error')
  const began = async (daysAgo: number) => rig.storage.artifacts.patch('Session', key, { iat: Math.floor(Date.now() / 1000) - daysAgo * day })

  await began(89)
  t.is(await silent(), null)
  const { exp } = (await rig.storage.artifacts.find('Session', key)) as { exp: number }
  t.is(hoursUntil(exp * 1000), 24, 'the last day')
  await began(91)
  t.is(await silent(), 'login_required')
  t.is(rig.stops.length, 1)
  await keeping(rig, undefined, browser)
  t.is(rig.stops.length, 2)
  t.is(rig.stops[1]?.session, undefined)
})
