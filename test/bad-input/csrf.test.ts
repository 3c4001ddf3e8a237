/** POSTs that another site could make a browser send, and forms without their token. */
import test from 'ava'
import { type App, createApp, news, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { csrfOf, nothingMade, postTo, refused, signUpByCode, stillAsks } from './refused.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop, news] }), (started) => ({ server, app } = started))

const outOfDate = { status: 403, error: 'csrf', sentence: 'This page was out of date', nextStep: 'Try again' } as const

interface Case {
  values?: Record<string, string>
  headers?: Record<string, string | undefined>
}

const cases: Record<string, Case> = {
  'an empty token': { values: { csrf: '' } },
  'a wrong token': { values: { csrf: 'A'.repeat(43) } },
  'Origin: null': { headers: { origin: 'null' } },
  'another site’s Origin': { headers: { origin: 'https://evil.example' } },
  'the Origin of another port': { headers: { origin: 'http://localhost:1' } },
  'Sec-Fetch-Site: cross-site': { headers: { 'sec-fetch-site': 'cross-site' } },
  'Sec-Fetch-Site: same-site': { headers: { 'sec-fetch-site': 'same-site' } },
  'Sec-Fetch-Site: none': { headers: { 'sec-fetch-site': 'none' } },
  'Origin: null without Sec-Fetch-Site': { headers: { origin: 'null', 'sec-fetch-site': undefined } },
  'a cross-site POST without Origin': { headers: { origin: undefined, 'sec-fetch-site': 'cross-site' } },
}

for (const [name, { values = {}, headers = {} }] of Object.entries(cases)) {
  test.serial(name, async t => {
    const visitor = createVisitor(server)
    const start = await visitor.arrive(await app.authorize())
    const mails = (await server.outbox()).length
    const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier: visitor.email, ...values }, headers))
    await refused(t, { server, visitor, page, ...outOfDate })
    t.is((await server.outbox()).length, mails, 'nothing is mailed')
    t.is((await visitor.browser.open(start.url)).heading, 'Sign in', 'the step is the one before')
    await stillAsks(t, visitor, app)
  })
}

test.serial('the token of another sign-in of the same browser', async t => {
  const visitor = createVisitor(server)
  const other = await visitor.arrive(await app.authorize())
  const start = await visitor.arrive(await app.authorize())
  const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier: visitor.email, csrf: csrfOf(other) }))
  await refused(t, { server, visitor, page, ...outOfDate })
})

test.serial('a right token in the header does not excuse a wrong one in the form', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier: visitor.email, csrf: 'wrong' }, { 'x-csrf-token': csrfOf(start) }))
  await refused(t, { server, visitor, page, ...outOfDate })
})

test.serial('without the headers that old browsers lack, the token alone decides', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const bare = { origin: undefined, 'sec-fetch-site': undefined, referer: undefined }
  const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier: visitor.email, csrf: 'wrong' }, bare))
  await refused(t, { server, visitor, page, ...outOfDate })
  t.is((await postTo(visitor, start, '/identifier', { identifier: visitor.email }, bare)).heading, 'Check your email')
})

const routes = [
  'identifier', 'sign-up', 'email-otp', 'passkey', 'methods', 'account-exists', 'create-account', 'step-up', 'passkey-create',
  'consent', 'language', 'abort', 'passkey/options', 'passkey-create/options', 'passkey/report',
]
test.serial('every POST of a sign-in wants the token', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  for (const route of routes) {
    for (const headers of [{}, { origin: 'null' }]) {
      const values: Record<string, string> = 'origin' in headers ? {} : { csrf: '' }
      const page: Page = await nothingMade(t, server, () => postTo(visitor, start, `/${route}`, { allow: '1', continue: '1', ...values }, headers))
      await refused(t, { server, visitor, page, ...outOfDate })
    }
  }
  t.is((await visitor.browser.open(start.url)).heading, 'Sign in')
})

test.serial('the offer of a passkey, and consent, are not answered by another site', async t => {
  const visitor = createVisitor(server)
  const authorization = await (await createApp(server.issuer, news)).authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const options = JSON.parse(offer.passkeyForm('create').data['options'] ?? '')
  const answer = JSON.stringify(visitor.authenticator.create(options, { origin: server.issuer }))
  const created = await nothingMade(t, server, () => 
    visitor.browser.submit(offer, offer.passkeyForm('create'), { values: { response: answer }, headers: { 'sec-fetch-site': 'cross-site' } }),
  )
  await refused(t, { server, visitor, page: created, ...outOfDate })
  const consent = await visitor.browser.submit(await visitor.browser.open(offer.url), '/passkey-create', { button: 'Not now' })
  t.is(consent.heading, `Let ${news.client_name} see this?`)
  const allowed = await nothingMade(t, server, () => visitor.browser.submit(consent, '/consent', { button: 'Allow', headers: { origin: 'null' } }))
  await refused(t, { server, visitor, page: allowed, ...outOfDate })
})

test.serial('signing out wants the token of its page', async t => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  const ask = await visitor.browser.open('/session/end')
  t.regex(ask.heading, /^Sign out of /)
  const page = await nothingMade(t, server, () => visitor.browser.submit(ask, '/session/end/confirm', { button: 'Sign out', values: { xsrf: 'wrong' } }))
  t.is(page.status, 400, page.text)
  t.truthy(/Reference (\S+)/.exec(page.text)?.[1])
  t.true((await visitor.arrive(await app.authorize())).elsewhere, 'the session is still there')
})
