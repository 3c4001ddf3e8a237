/** A button pressed twice: both POSTs are on their way at once, and the browser shows the answer to the second. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, news, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { baseOf, csrfOf, postTo, signUpByCode, signUpWithPasskey, whatThereIs } from './refused.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop, news] }), (started) => ({ server, app } = started))

const capabilities = '{"webauthn":true,"platform":true}'
const countOf = (kind: string) => whatThereIs(server)[kind]?.length ?? 0

/** As a browser does: it drops the answer to the first press, and goes where the answer to the second one leads. */
async function pressTwice({ browser }: Visitor, page: Page, path: string, values: Record<string, string>): Promise<Page> {
  const body = new URLSearchParams({ csrf: csrfOf(page), ...values }).toString()
  const form = { action: `${baseOf(page)}${path}`, method: 'post' as const, values: Object.fromEntries(new URLSearchParams(body)), buttons: [], hidden: false, data: {} }
  const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
  const [, second] = await Promise.all([browser.post(page, form.action, body, headers), browser.submit(page, form)])
  return second
}

/** The second press ends on the page that is due, or on one whose link leads there. */
async function endsAt(t: ExecutionContext, { browser }: Visitor, page: Page, heading: string): Promise<void> {
  if (page.heading === heading) return void t.pass()
  t.is(page.heading, 'This step is done', page.text)
  const next = page.links.find(({ text }) => text === 'Continue')
  t.is((await browser.open(new URL(next?.href ?? '', page.url))).heading, heading)
}

test.serial('the address of a new account: one mail, one code, one step', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
  const page = await pressTwice(visitor, form, '/sign-up', { identifier: visitor.email, capabilities })
  t.is(page.heading, 'Confirm your email', page.text)
  t.is((await server.outbox()).filter(({ to }) => to === visitor.email).length, 1)
  t.is((await visitor.typeCode(page)).heading, 'Sign in faster next time', 'the one code works')
})

test.serial('the code of a sign-up: one account', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
  const sent = await postTo(visitor, form, '/sign-up', { identifier: visitor.email, capabilities })
  const code = await visitor.readCode()
  const accounts = countOf('accounts')
  const page = await pressTwice(visitor, sent, '/email-otp', { code })
  t.is(countOf('accounts'), accounts + 1)
  await endsAt(t, visitor, page, 'Sign in faster next time')
})

test.serial('the code of a sign-in: one session', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const sent = await visitor.typeEmail(await visitor.arrive(authorization))
  const code = await visitor.readCode()
  const sessions = countOf('sessions')
  const landing = await pressTwice(visitor, sent, '/email-otp', { code })
  t.true(landing.elsewhere, landing.text)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
  t.is(countOf('sessions'), sessions + 1)
})

test.serial('"Create account" after a proven mailbox: one account', async t => {
  const visitor = createVisitor(server)
  const sent = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const confirm = await visitor.typeCode(sent)
  t.is(confirm.heading, `Create an account for ${visitor.email}?`)
  const accounts = countOf('accounts')
  const page = await pressTwice(visitor, confirm, '/create-account', { create: '1' })
  t.is(countOf('accounts'), accounts + 1)
  await endsAt(t, visitor, page, 'Sign in faster next time')
})

test.serial('two browsers that prove one new mailbox at once: one account, both signed in to it', async t => {
  const one = createVisitor(server)
  const two = createVisitor(server, { email: one.email })
  const confirmOf = async (visitor: typeof one) => {
    const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
    const sent = await postTo(visitor, form, '/sign-up', { identifier: visitor.email, capabilities })
    return { visitor, sent, code: await visitor.readCode() }
  }
  const first = await confirmOf(one)
  await two.ignoreMail()
  const second = await confirmOf(two)
  const accounts = countOf('accounts')
  const pages = await Promise.all([first, second].map(({ visitor, sent, code }) => postTo(visitor, sent, '/email-otp', { code })))
  t.is(countOf('accounts'), accounts + 1)
  t.deepEqual(pages.map(({ heading }) => heading).sort(), ['Sign in faster next time', 'You already have an account'])
})

test.serial('the passkey that signs in: one session', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  const authorization = await app.authorize()
  const start = await visitor.arrive(authorization)
  const options = JSON.parse(start.passkeyForm('get').data['options'] ?? '')
  const response = JSON.stringify(visitor.authenticator.get(options, { origin: server.issuer }))
  const sessions = countOf('sessions')
  const landing = await pressTwice(visitor, start, '/passkey', { response })
  t.true(landing.elsewhere, landing.text)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
  t.is(countOf('sessions'), sessions + 1)
})

test.serial('the passkey that is created: one passkey', async t => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  const options = JSON.parse(offer.passkeyForm('create').data['options'] ?? '')
  const response = JSON.stringify(visitor.authenticator.create(options, { origin: server.issuer }))
  const passkeys = countOf('passkeys')
  const page = await pressTwice(visitor, offer, '/passkey-create', { response })
  t.is(countOf('passkeys'), passkeys + 1)
  t.is(page.heading, 'Your passkey is ready', page.text)
})

test.serial('the end of the offer, and consent: the second press goes the same way', async t => {
  const visitor = createVisitor(server)
  const authorization = await (await createApp(server.issuer, news)).authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const consent = await pressTwice(visitor, offer, '/passkey-create', { not_now: '1' })
  t.is(consent.heading, `Let ${news.client_name} see this?`, consent.text)
  const landing = await pressTwice(visitor, consent, '/consent', { allow: '1' })
  t.true(landing.elsewhere, landing.text)
  t.truthy((await authorization.finish(landing.url)).access_token)
})
