/** The demo app and the mailbox, against the real server. */
import anyTest, { type TestFn } from 'ava'
import { request } from 'node:http'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createHttpBrowser, type HttpBrowser } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'

const test = anyTest as TestFn<{ server: Server }>

test.before(async (t) => {
  t.context = { server: await startServer() }
})
test.after.always((t) => t.context.server.dispose())

/** With any Host, which `fetch` would not send. */
function status({ port }: Server, path: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => resolve(response.resume().statusCode)).on('error', reject).end()
  })
}

function person(server: Server, headers: Record<string, string> = {}): HttpBrowser {
  return createHttpBrowser({ origin: server.issuer, headers })
}

test('somebody creates an account, signs in, sees every claim, and signs out', async (t) => {
  const { server } = t.context
  const visitor = createVisitor(server, { authenticator: createAuthenticator() })
  const { browser } = visitor

  const start = await browser.open(`${server.issuer}/demo`)
  t.is(start.status, 200)
  t.true(start.links.some(({ href }) => href === '/demo/create-account'))
  t.true(start.links.some(({ href }) => href === '/dev/outbox'))

  const signUp = await browser.open(`${server.issuer}/demo/create-account`)
  const sent = await browser.submit(signUp, '/sign-up', { values: { identifier: visitor.email, capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  const offer = await visitor.typeCode(sent)
  const created = await visitor.createPasskey(offer)
  const signedIn = await browser.submit(created, '/passkey-create', { button: 'Continue to Demo' })

  t.is(signedIn.url.pathname, '/demo')
  t.is(signedIn.heading, 'You are signed in')
  t.true(signedIn.text.includes(visitor.email))
  for (const claim of ['sub', 'iss', 'aud', 'acr', 'amr', 'auth_time', 'email_verified']) t.true(signedIn.html.includes(`<code>${claim}</code>`), claim)
  t.true(signedIn.html.includes('<code>phr</code>'), 'the passkey made at sign-up counts')

  const ask = await browser.submit(signedIn, '/demo/sign-out')
  t.is(ask.heading, 'Sign out of Latchkey?')
  const out = await browser.submit(ask, ask.forms[0]!, { button: 'Sign out' })
  t.is(out.url.pathname, '/demo')
  t.deepEqual(out.alerts, ['You are signed out of the demo app.'])
})

test('each button asks the provider for its own thing, with PKCE', async (t) => {
  const { server } = t.context
  for (const [path, expected] of [
    ['/demo/sign-in?login_hint=maya@example.com', { login_hint: 'maya@example.com' }],
    ['/demo/create-account', { prompt: 'create' }],
    ['/demo/ask-for-passkey', { acr_values: 'phr' }],
  ] as const) {
    const answer = await fetch(server.issuer + path, { redirect: 'manual' })
    t.is(answer.status, 303)
    const { searchParams } = new URL(answer.headers.get('location')!)
    t.like(Object.fromEntries(searchParams), { client_id: 'demo', response_type: 'code', code_challenge_method: 'S256', ...expected })
  }
})

test('a cancelled sign-in is told kindly, with a way on', async (t) => {
  const { server } = t.context
  const browser = person(server)
  const login = await browser.open(`${server.issuer}/demo/sign-in`)
  const back = await browser.submit(login, '/abort')
  t.is(back.url.href, `${server.issuer}/demo/problem`)
  t.is(back.heading, 'You came back without signing in')
  t.is((await browser.open(back.url)).heading, back.heading, 'and loaded again it says the same')
  t.is((await person(server).open(back.url)).url.pathname, '/demo', 'nobody else has that problem')
  t.true(back.links.some(({ href }) => href === '/demo/sign-in'))
})

test('a callback that belongs to no sign-in of this browser signs nobody in', async (t) => {
  const { server } = t.context
  const browser = person(server)
  for (const query of ['', '?code=x&state=y', '?error=access_denied', '?error=<script>alert(1)</script>']) {
    const page = await browser.open(`${server.issuer}/demo/callback${query}`)
    t.is(page.heading, 'The sign-in did not finish', query)
    t.false(page.html.includes('<script>alert'))
  }
  await browser.open(`${server.issuer}/demo/sign-in`)
  const forged = await browser.open(`${server.issuer}/demo/callback?code=x&state=forged&iss=${encodeURIComponent(server.issuer)}`)
  t.is(forged.heading, 'The sign-in did not finish')
  t.is((await browser.open(`${server.issuer}/demo`)).heading, 'Sign in without a password')
})

test('other sites cannot sign somebody out of the demo', async (t) => {
  const { server } = t.context
  const host = `localhost:${server.port}`
  t.is(await status(server, '/demo/sign-out', { host, origin: 'https://evil.example' }, 'POST'), 403)
  t.is(await status(server, '/demo/sign-out', { host, origin: 'null' }, 'POST'), 403)
})

test('nobody but this machine\'s own browser sees the demo and the mailbox', async (t) => {
  const { server } = t.context
  const host = `localhost:${server.port}`
  for (const path of ['/demo', '/demo/sign-in', '/dev/outbox', '/dev/outbox.json']) {
    t.is(await status(server, path, { host: 'evil.example' }), 404, path)
    t.is(await status(server, path, { host, 'x-forwarded-for': '203.0.113.9' }), 404, path)
  }
  t.is(await status(server, '/demo', { host: `127.0.0.1:${server.port}` }), 303, 'to the name that passkeys belong to')
})

test('the mailbox shows the code, newest first, and the way back to the sign-in', async (t) => {
  const { server } = t.context
  const visitor = createVisitor(server, { email: 'mailbox@example.com' })
  const login = await visitor.browser.open(`${server.issuer}/demo/create-account`)
  const code = await visitor.browser.submit(login, '/sign-up', { values: { identifier: visitor.email } })
  const mail = await server.mailTo(visitor.email)
  const mailbox = await visitor.browser.open(`${server.issuer}/dev/outbox`, { headers: { referer: code.url.href } })

  t.is(mailbox.url.searchParams.get('back'), code.url.pathname)
  t.true(mailbox.links.some(({ href }) => href === code.url.pathname))
  t.true(mailbox.text.includes(visitor.email))
  const digits = /^\d{6}$/m.exec(mail.text)?.[0]
  t.true(mailbox.html.includes(`</span>${digits}</p>`))
  t.is(mailbox.headers['refresh'], '5')
  t.is(mailbox.headers['cache-control'], 'no-store')

  for (const back of ['https://evil.example', '//evil.example', 'javascript:alert(1)', '/interaction/../demo/sign-out']) {
    const { links } = await visitor.browser.open(`${server.issuer}/dev/outbox?back=${encodeURIComponent(back)}`)
    t.deepEqual(links.map(({ href }) => href).filter((href) => href !== '/demo' && !href.startsWith(`${server.issuer}/link/`)), [], back)
  }
  const list = await server.outbox()
  t.deepEqual(Object.keys(list[0]!).sort(), ['at', 'channel', 'html', 'subject', 'text', 'to'])
})

test('in German, by the browser or by the switch', async (t) => {
  const { server } = t.context
  const german = await person(server, { 'accept-language': 'de-DE,de;q=0.9' }).open(`${server.issuer}/demo`)
  t.is(german.language, 'de')
  t.is(german.heading, 'Anmelden ohne Passwort')

  const browser = person(server)
  const english = await browser.open(`${server.issuer}/demo`)
  const languages = english.forms.find(({ action }) => action.endsWith('/demo/language'))!
  const switched = await browser.submit(english, languages, { button: 'Deutsch' })
  t.is(switched.url.pathname, '/demo')
  t.is(switched.language, 'de')
})

test('asking for more never looks like being signed out: cancelled, and when there is nothing to ask', async (t) => {
  const { server } = t.context
  const visitor = createVisitor(server, { authenticator: createAuthenticator() })
  const { browser } = visitor
  const signUp = await browser.open(`${server.issuer}/demo/create-account`)
  const offer = await visitor.typeCode(await browser.submit(signUp, '/sign-up', { values: { identifier: visitor.email, capabilities: JSON.stringify({ webauthn: true, platform: true }) } }))
  const signedIn = await browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.is(signedIn.heading, 'You are signed in')
  t.true(signedIn.html.includes('urn:latchkey:acr:1fa'))

  const ask = await browser.open(`${server.issuer}/demo/ask-for-passkey`)
  const cancelled = await browser.submit(ask, '/abort')
  t.is(cancelled.heading, 'You are still signed in')
  t.deepEqual(cancelled.links.filter(({ href }) => href.startsWith('/demo')).map(({ href, text }) => [href, text]), [['/demo/ask-for-passkey', 'Use or create a passkey'], ['/demo', 'Go on']])
  t.is((await browser.open(`${server.issuer}/demo`)).heading, 'You are signed in')

  const offerAgain = await browser.submit(await browser.open(`${server.issuer}/demo/ask-for-passkey`), '/passkey-create', { button: 'Create a passkey' })
  const made = await visitor.createPasskey(offerAgain)
  const asked = await visitor.usePasskey(await browser.submit(made, '/passkey-create', { button: 'Continue to Demo' }))
  t.is(asked.heading, 'You are signed in')
  t.false(asked.text.includes('did not ask you again'), 'this time it did')

  const silent = await browser.open(`${server.issuer}/demo/ask-for-passkey`)
  t.is(silent.url.pathname, '/demo')
  t.regex(silent.alerts.join() + silent.text, /You signed in with one already, so Latchkey did not ask you again/)
})

test('every claim that the demo shows has its meaning beside it', async (t) => {
  const { server } = t.context
  const visitor = createVisitor(server)
  const signUp = await visitor.browser.open(`${server.issuer}/demo/create-account`)
  const offer = await visitor.typeCode(await visitor.browser.submit(signUp, '/sign-up', { values: { identifier: visitor.email } }))
  const page = offer.heading === 'You are signed in' ? offer : await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const rows = [...page.html.matchAll(/<th scope="row"><code>(\w+)<\/code><\/th><td>.*?<\/td><td>(.*?)<\/td>/gs)]
  t.true(rows.length > 8)
  t.deepEqual(rows.filter(([, , meaning]) => meaning === '').map(([, claim]) => claim), [])
})
