import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: Server
let app: App
/** hears of a sign-out by a call of its own */
let told: App

test.before(async () => {
  const toldShop = { ...shop, client_id: 'told', client_name: 'Told Shop', backchannel_logout_uri: 'http://localhost:8/backchannel' }
  server = await startServer({ clients: [shop, toldShop] })
  app = await createApp(server.issuer, shop)
  told = await createApp(server.issuer, toldShop)
})
test.after.always(() => server?.dispose())

async function signedIn(visitor: Visitor) {
  const authorization = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  return authorization.finish(landing.url)
}

test('signing out ends the session and goes back to the app', async t => {
  const visitor = createVisitor(server)
  const tokens = await signedIn(visitor)
  const [back = ''] = shop.post_logout_redirect_uris
  const page = await visitor.browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: back, state: 'kept' }))
  t.regex(page.heading, /^Sign out of /)
  t.true(page.text.includes('You are signed out of Example Shop. Sign out of Latchkey on this device too?'))
  const landing = await visitor.browser.submit(page, '/session/end/confirm', { button: 'Sign out' })
  t.is(landing.url.href, `${back}?state=kept`)

  const next = await visitor.arrive(await app.authorize())
  t.is(next.heading, 'Sign in')
})

test('without an address to go back to, a page says that it is done', async t => {
  const visitor = createVisitor(server)
  await signedIn(visitor)
  const page = await visitor.browser.open('/session/end')
  const done = await visitor.browser.submit(page, '/session/end/confirm', { button: 'Sign out' })
  t.is(done.heading, 'You are signed out')
})

test('"Stay signed in" keeps the session', async t => {
  const visitor = createVisitor(server)
  const tokens = await signedIn(visitor)
  const page = await visitor.browser.open(app.signOutUrl(tokens))
  await visitor.browser.submit(page, '/session/end/confirm', { button: 'Stay signed in' })
  t.true((await visitor.arrive(await app.authorize())).elsewhere)
})

test('the page names the apps that are told, and no app that is not', async t => {
  const visitor = createVisitor(server)
  await signedIn(visitor)
  t.false((await visitor.browser.open('/session/end')).text.includes('You also sign out of'), 'nobody tells the shop')
  const authorization = await told.authorize()
  await authorization.finish((await visitor.arrive(authorization)).url)
  const page = await visitor.browser.open('/session/end')
  t.true(page.text.includes('You also sign out of: Told Shop.'), page.text)
})

test('in another language: asking, done, and what went wrong; the request stays what it was', async t => {
  const visitor = createVisitor(server)
  const tokens = await signedIn(visitor)
  const inTheOther = async (page: Page) => {
    const other = await visitor.browser.submit(page, page.forms.find(({ action }) => action === '/language')!)
    t.not(other.language, page.language)
    t.is(other.url.href, page.url.href)
    return other
  }
  const [back = ''] = shop.post_logout_redirect_uris
  const ask = await inTheOther(await visitor.browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: back, state: 'kept' })))
  t.regex(ask.heading, /abmelden\?$/)
  const landing = await visitor.browser.submit(ask, '/session/end/confirm', { button: 'Abmelden' })
  t.is(landing.url.href, `${back}?state=kept`)

  t.is((await inTheOther(await visitor.browser.open('/session/end/success'))).heading, 'You are signed out')
  t.is((await inTheOther(await visitor.browser.open('/nowhere?a=b'))).heading, 'Hier gibt es keine Seite')
  const refused = await visitor.browser.open('/auth?client_id=shop&redirect_uri=http://localhost:8/evil&response_type=code')
  t.is(refused.heading, 'Example Shop hat uns etwas gesendet, das wir nicht verwenden können')
  t.is((await inTheOther(refused)).heading, 'Example Shop sent us something we cannot use')
})

test('a change of language leads nowhere else, and other sites cannot ask for it', async t => {
  const post = (headers: Record<string, string>, path = '/') =>
    fetch(`${server.issuer}/language`, { method: 'POST', headers: { accept: 'text/html', ...headers }, body: new URLSearchParams({ locale: 'de', path }) })
  const addresses: [Record<string, string>, path?: string][] = [
    [{ referer: 'https://evil.example/x' }], [{ referer: `${server.issuer}.evil.example/` }], [{ referer: 'javascript:alert(1)' }],
    [{}, 'https://evil.example/'], [{}, '//evil.example/'], [{}, '/\\evil.example'],
  ]
  for (const [headers, path] of addresses) t.is((await post(headers, path)).headers.get('refresh'), `0;url=${server.issuer}/`, JSON.stringify([headers, path]))
  t.is((await post({ referer: `${server.issuer}//evil.example/` })).headers.get('refresh'), `0;url=${server.issuer}//evil.example/`)
  t.is((await post({ origin: 'https://evil.example' })).status, 403)
})

test('a post-logout address that is not registered is not gone to', async t => {
  const visitor = createVisitor(server)
  const tokens = await signedIn(visitor)
  const page = await visitor.browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: 'http://localhost:8/elsewhere' }))
  t.is(page.status, 400)
  t.is(page.url.origin, server.issuer)
})
