/** "Transfer money": an API that wants a better sign-in says so, and the app asks for just that (RFC 9470). */
import anyTest, { type TestFn } from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const test = anyTest as TestFn<{ server: Server }>

test.before(async (t) => {
  t.context = { server: await startServer() }
})
test.after.always((t) => t.context.server.dispose())

const capabilities = JSON.stringify({ webauthn: true, platform: true })

/** A new account, up to the offer of a passkey. */
async function signUp(server: Server): Promise<{ visitor: Visitor; offer: Page }> {
  const visitor = createVisitor(server, { authenticator: createAuthenticator() })
  const page = await visitor.browser.open(`${server.issuer}/demo/create-account`)
  const sent = await visitor.browser.submit(page, '/sign-up', { values: { identifier: visitor.email, capabilities } })
  return { visitor, offer: await visitor.typeCode(sent) }
}

async function signedInByCode(server: Server): Promise<{ visitor: Visitor; signedIn: Page }> {
  const { visitor, offer } = await signUp(server)
  return { visitor, signedIn: await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' }) }
}

const challenge = 'acr_values="phr", max_age="300"'
const roundTrips = ({ browser }: Visitor) => browser.visits.filter(({ url }) => url.pathname === '/demo/callback').length

test('after a passkey of just now the bank asks for nothing more', async (t) => {
  const { server } = t.context
  const { visitor, offer } = await signUp(server)
  const signedIn = await visitor.browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: 'Continue to Demo' })
  const before = roundTrips(visitor)

  const done = await visitor.browser.submit(signedIn, '/demo/transfer')
  t.is(done.url.pathname, '/demo')
  t.regex(done.alerts.join(), /no money moved.* You had just used a passkey/)
  t.false(done.text.includes(challenge))
  t.is(roundTrips(visitor) - before, 1)

  const reloaded = await visitor.browser.open(`${server.issuer}/demo`)
  t.is(reloaded.heading, 'You are signed in')
  t.deepEqual(reloaded.alerts, [], 'it is told once')
})

test('after a code the bank wants a passkey; the person is asked once, and the transfer goes through', async (t) => {
  const { server } = t.context
  const { visitor, signedIn } = await signedInByCode(server)
  t.true(signedIn.html.includes('urn:latchkey:acr:1fa'))

  const asked = await visitor.browser.submit(signedIn, '/demo/transfer')
  t.regex(asked.url.pathname, /^\/interaction\//)
  const request = visitor.browser.visits.findLast(({ url }) => url.pathname === '/auth')!.url.searchParams
  t.is(request.get('acr_values'), 'phr')
  t.is(request.get('max_age'), '300')

  const made = await visitor.createPasskey(await visitor.browser.submit(asked, '/passkey-create', { button: 'Create a passkey' }))
  const done = await visitor.usePasskey(await visitor.browser.submit(made, '/passkey-create', { button: 'Continue to Demo' }))
  t.is(done.url.pathname, '/demo')
  t.regex(done.alerts.join(), /no money moved.* The bank wanted a passkey first, so the app sent you to Latchkey/)
  t.true(done.text.includes(challenge))
  t.true(done.html.includes('<code>phr</code>'), 'the app knows of the passkey now')
  t.true(done.text.includes(visitor.email), 'and still who it is')
})

test('who comes back without a passkey has transferred nothing', async (t) => {
  const { server } = t.context
  const { visitor, signedIn } = await signedInByCode(server)
  const asked = await visitor.browser.submit(signedIn, '/demo/transfer')
  const cancelled = await visitor.browser.submit(asked, '/abort')
  t.is(cancelled.heading, 'You are still signed in')

  const again = await visitor.browser.submit(await visitor.browser.open(`${server.issuer}/demo`), '/demo/transfer')
  const without = await visitor.browser.submit(again, '/step-up')
  t.is(without.heading, 'That needs a passkey')
  t.true(without.links.some(({ href }) => href === '/demo/ask-for-passkey'), 'and how to get one')
  const back = await visitor.browser.open(`${server.issuer}/demo`)
  t.is(back.heading, 'You are signed in')
  t.deepEqual(back.alerts, [])
})

test('the bank lets in by its own tokens alone, the app by its own page', async (t) => {
  const { server } = t.context
  const api = `${server.issuer}/demo/api/transfers`
  const call = (headers: Record<string, string>) => fetch(api, { method: 'POST', headers })
  const bare = await call({})
  t.deepEqual([bare.status, bare.headers.get('www-authenticate')], [401, 'Bearer'])
  const wrong = await call({ authorization: 'Bearer nonsense' })
  t.deepEqual([wrong.status, wrong.headers.get('www-authenticate')], [401, 'Bearer error="invalid_token"'])
  t.is((await call({ 'x-forwarded-for': '203.0.113.9' })).status, 404)
  t.is((await fetch(`${server.issuer}/demo/transfer`, { method: 'POST', headers: { origin: 'https://evil.example' } })).status, 403)
  const nobody = await fetch(`${server.issuer}/demo/transfer`, { method: 'POST', headers: { origin: server.issuer }, redirect: 'manual' })
  t.deepEqual([nobody.status, nobody.headers.get('location')], [303, '/demo'])
})
