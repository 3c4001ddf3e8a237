/** A button pressed twice: both POSTs are on their way at once, and the browser shows the answer to the second. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, news, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { postTo, signUpByCode, signUpWithPasskey, whatThereIs } from './refused.ts'

let server: Server
let app: App

test.before(async () => {
  server = await startServer({ clients: [shop, news] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

const capabilities = '{"webauthn":true,"platform":true}'
const twice = <T>(press: () => Promise<T>): Promise<[T, T]> => Promise.all([press(), press()])
const countOf = (kind: string) => whatThereIs(server)[kind]?.length ?? 0

/** Both presses end on a page that goes on: the same one, or one whose link leads to where the first arrived. */
async function endsAt(t: ExecutionContext, pages: Page[], heading: string, open: (url: URL) => Promise<Page>) {
  for (const page of pages) {
    if (page.heading === heading) continue
    t.is(page.heading, 'This step is done', page.text)
    const next = page.links.find(({ text }) => text === 'Continue')
    t.is((await open(new URL(next?.href ?? '', page.url))).heading, heading)
  }
}

/** At least one press arrived at the app, and no press left the person at a dead end: whatever it shows, the app has them. */
async function signsIn(t: ExecutionContext, pages: Page[], finish: (url: URL) => Promise<unknown>) {
  const arrived = pages.filter(({ elsewhere }) => elsewhere)
  t.true(arrived.length >= 1, pages.map(({ text }) => text).join('\n'))
  const [landing] = arrived
  await finish(landing!.url)
  for (const page of pages.filter(({ elsewhere }) => !elsewhere)) {
    t.is(page.heading, 'You went on in another tab', page.text)
    t.true(page.links.some(({ text }) => text === 'Start again at Example Shop'))
  }
}

test.serial('the address of a new account: one mail, one code, one step', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
  const pages = await twice(() => postTo(visitor, form, '/sign-up', { identifier: visitor.email, capabilities }))
  for (const page of pages) t.is(page.heading, 'Confirm your email', page.text)
  t.is((await server.outbox()).filter(({ to }) => to === visitor.email).length, 1)
  t.is((await visitor.typeCode(pages[1])).heading, 'Sign in faster next time', 'the one code works')
})

test.serial('the code of a sign-up: one account', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
  const sent = await postTo(visitor, form, '/sign-up', { identifier: visitor.email, capabilities })
  const code = await visitor.readCode()
  const accounts = countOf('accounts')
  const pages = await twice(() => postTo(visitor, sent, '/email-otp', { code }))
  t.is(countOf('accounts'), accounts + 1)
  await endsAt(t, pages, 'Sign in faster next time', url => visitor.browser.open(url))
})

test.serial('the code of a sign-in: this person is signed in, and nobody else', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const sent = await visitor.typeEmail(await visitor.arrive(authorization))
  const code = await visitor.readCode()
  const sessions = new Set(whatThereIs(server)['sessions'])
  const pages = await twice(() => postTo(visitor, sent, '/email-otp', { code }))
  await signsIn(t, pages, authorization.finish)
  const made = whatThereIs(server)['sessions']?.filter(session => !sessions.has(session)) ?? []
  t.true(made.length >= 1)
  for (const session of made) t.is((JSON.parse(session) as { account: string }).account, subject)
})

test.serial('"Create account" after a proven mailbox: one account', async t => {
  const visitor = createVisitor(server)
  const sent = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const confirm = await visitor.typeCode(sent)
  t.is(confirm.heading, `Create an account for ${visitor.email}?`)
  const accounts = countOf('accounts')
  const pages = await twice(() => postTo(visitor, confirm, '/create-account', { create: '1' }))
  t.is(countOf('accounts'), accounts + 1)
  await endsAt(t, pages, 'Sign in faster next time', url => visitor.browser.open(url))
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

test.serial('the passkey that signs in', async t => {
  const visitor = createVisitor(server)
  await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  const authorization = await app.authorize()
  const start = await visitor.arrive(authorization)
  const form = start.passkeyForm('get')
  const response = JSON.stringify(visitor.authenticator.get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer }))
  const pages = await twice(() => visitor.browser.submit(start, form, { values: { response } }))
  await signsIn(t, pages, authorization.finish)
})

test.serial('the passkey that is created: one passkey', async t => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  const form = offer.passkeyForm('create')
  const response = JSON.stringify(visitor.authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer }))
  const passkeys = countOf('passkeys')
  const pages = await twice(() => visitor.browser.submit(offer, form, { values: { response } }))
  t.is(countOf('passkeys'), passkeys + 1)
  for (const page of pages) t.is(page.heading, 'Your passkey is ready', page.text)
})

test.serial('the end of the offer, and consent: the second press goes the same way', async t => {
  const visitor = createVisitor(server)
  const authorization = await (await createApp(server.issuer, news)).authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const pages = await twice(() => visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' }))
  const consent = pages.find(({ heading }) => heading === `Let ${news.client_name} see this?`)
  t.truthy(consent, pages.map(({ text }) => text).join('\n'))
  const ends = await twice(() => visitor.browser.submit(consent!, '/consent', { button: 'Allow' }))
  const landing = ends.find(({ elsewhere }) => elsewhere)
  t.truthy(landing, ends.map(({ text }) => text).join('\n'))
  await authorization.finish(landing!.url)
})
