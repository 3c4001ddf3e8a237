/** What a person does and an app receives, over HTTP: a software authenticator, openid-client as the app. */
import test from 'ava'
import { type App, createApp, news, shop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop, news] }), (started) => ({ server, app } = started))

test('a newcomer creates an account and a passkey, and the app gets tokens that say so', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const start = await visitor.arrive(authorization)
  t.is(start.heading, 'Sign in')

  const offer = await visitor.signUp(start)
  t.is(offer.heading, 'Sign in faster next time')
  const done = await visitor.createPasskey(offer)
  t.is(done.heading, 'Your passkey is ready')
  const landing = await visitor.browser.submit(done, '/passkey-create', { button: `Continue to ${shop.client_name}` })

  t.true(landing.url.href.startsWith(app.redirectUri))
  const tokens = await authorization.finish(landing.url)
  const claims = tokens.claims()
  t.is(claims?.['acr'], 'phr')
  t.deepEqual([...(claims?.['amr'] as string[])].sort(), ['mfa', 'pop', 'user'])
  t.is(typeof claims?.auth_time, 'number')
  const userinfo = await app.userinfo(tokens)
  t.is(userinfo.email, visitor.email)
  t.true(userinfo.email_verified)

  const notice = await server.mailTo(visitor.email)
  t.notRegex(notice.subject, /passkey was added/, 'the one who just signed up knows')
})

test('who comes back uses the passkey: one touch', async t => {
  const visitor = createVisitor(server)
  const first = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(first))
  const created = await visitor.createPasskey(offer)
  const { url } = await visitor.browser.submit(created, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  const subject = (await first.finish(url)).claims()?.sub

  const again = await app.authorize({ prompt: 'login' })
  const landing = await visitor.usePasskey(await visitor.arrive(again))
  const claims = (await again.finish(landing.url)).claims()
  t.is(claims?.sub, subject)
  t.is(claims?.['acr'], 'phr')
})

test('a live session answers without a screen', async t => {
  const visitor = createVisitor(server)
  const first = await app.authorize()
  await visitor.createPasskey(await visitor.signUp(await visitor.arrive(first)))
  const second = await app.authorize()
  const page = await visitor.arrive(second)
  t.is(page.heading, 'Sign in', 'nobody is signed in before the sign-up has ended')

  const landing = await visitor.usePasskey(page)
  const { sub } = (await second.finish(landing.url)).claims() ?? {}
  const silent = await app.authorize({ prompt: 'none' })
  const answer = await visitor.arrive(silent)
  t.is((await silent.finish(answer.url)).claims()?.sub, sub)
})

test('without the passkey and without script, an email code signs in', async t => {
  const owner = createVisitor(server)
  const first = await app.authorize()
  await owner.createPasskey(await owner.signUp(await owner.arrive(first)))

  const elsewhere = createVisitor(server, { email: owner.email, script: false })
  await elsewhere.ignoreMail()
  const authorization = await app.authorize()
  const code = await elsewhere.typeEmail(await elsewhere.arrive(authorization))
  t.is(code.heading, 'Check your email')
  const landing = await elsewhere.typeCode(code)
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
  t.deepEqual(claims?.['amr'], ['otp'])
})

test('an unknown address hears the same, and may become an account after the proof', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const code = await visitor.typeEmail(await visitor.arrive(authorization))
  t.is(code.heading, 'Check your email')
  const proven = await visitor.typeCode(code)
  t.is(proven.heading, `Create an account for ${visitor.email}?`)
  const offer = await visitor.browser.submit(proven, '/create-account', { button: 'Create account' })
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const tokens = await authorization.finish(landing.url)
  t.is(tokens.claims()?.['acr'], 'urn:latchkey:acr:1fa')
})

test('"Go back" ends at the app with access_denied', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const page = await visitor.arrive(authorization)
  const landing = await visitor.browser.submit(page, '/abort')
  t.is(landing.url.searchParams.get('error'), 'access_denied')
  await t.throwsAsync(authorization.finish(landing.url))
})

test('an app that is not the operator\'s own asks for consent first', async t => {
  const visitor = createVisitor(server)
  const third = await createApp(server.issuer, news)
  const authorization = await third.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const consent = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.is(consent.heading, `Let ${news.client_name} see this?`)
  const landing = await visitor.browser.submit(consent, '/consent', { button: 'Allow' })
  t.is((await authorization.finish(landing.url)).token_type, 'bearer')

  const again = await third.authorize()
  t.true((await visitor.arrive(again)).elsewhere, 'asked once only')
})

test('"Don\'t allow" ends at the app with access_denied', async t => {
  const visitor = createVisitor(server)
  const authorization = await (await createApp(server.issuer, news)).authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const consent = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const landing = await visitor.browser.submit(consent, '/consent', { button: "Don't allow" })
  t.is(landing.url.searchParams.get('error'), 'access_denied')
})

test('a restart loses nobody', async t => {
  const visitor = createVisitor(server)
  const own = await startServer({ clients: [shop] })
  t.teardown(() => own.dispose())
  const [there, people] = [await createApp(own.issuer, shop), createVisitor(own, { email: visitor.email })]
  const first = await there.authorize()
  await people.createPasskey(await people.signUp(await people.arrive(first)))

  t.is(await own.stop(), 0)
  await own.start()
  const again = await there.authorize()
  const landing = await people.usePasskey(await people.arrive(again))
  t.is((await again.finish(landing.url)).claims()?.['acr'], 'phr')
})
