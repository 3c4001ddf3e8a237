import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: Server
let app: App

test.before(async () => {
  server = await startServer({ clients: [shop] })
  app = await createApp(server.issuer, shop)
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

test('a post-logout address that is not registered is not gone to', async t => {
  const visitor = createVisitor(server)
  const tokens = await signedIn(visitor)
  const page = await visitor.browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: 'http://localhost:8/elsewhere' }))
  t.is(page.status, 400)
  t.is(page.url.origin, server.issuer)
})
