/** Sign-ins that do not exist, belong to another browser, went on in another tab, or waited too long. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { type ClockedServer, minutes, startClockedServer } from './clocked-server.ts'
import { baseOf, csrfOf, nothingMade, postTo, refused, signUpByCode, signUpWithPasskey, stillAsks } from './refused.ts'

let server: ClockedServer
let app: App
setUp(() => startClockedServer([shop]), (started) => ({ server, app } = started))

const startAgain = { text: 'Start again at Example Shop', url: shop.client_uri }
/** Nothing is known of an id that never was: no app can be named, and no address from the request is linked. */
const nowhere = /Go back to the app you came from and sign in again\./
const expired = { status: 400, error: 'interaction_expired', sentence: 'This page was open too long' } as const
const finished = { status: 400, error: 'interaction_finished', sentence: 'This sign-in is already finished', nextStep: { text: 'Open Example Shop', url: shop.client_uri } } as const
const elsewhere = { status: 400, error: 'interaction_elsewhere', sentence: 'You went on in another tab' } as const
const noCookie = { status: 400, error: 'cookie_missing', sentence: 'Your browser did not send our cookie' } as const

for (const [name, uid] of Object.entries({
  'a made-up id': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'an id that is no id': '..%2f..%2fetc%2fpasswd',
  'a NUL in it': 'a%00b',
  'broken percent-encoding': '%E0%A4%A',
  'a very long id': 'x'.repeat(6000),
  'an id of a prototype': '__proto__',
  'quotes and tags': '%27%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E',
})) {
  test.serial(`${name}: opened`, async t => {
    const visitor = createVisitor(server)
    const page = await nothingMade(t, server, () => visitor.browser.open(`/interaction/${uid}`))
    t.true([400, 404].includes(page.status), `${page.status}: ${page.text}`)
    t.regex(page.text, /Reference [0-9A-Z]{4}-[0-9A-Z]{4}/)
    t.regex(page.text, nowhere)
    t.false(page.html.includes('<script>alert'))
    await stillAsks(t, visitor, app)
  })
}

test.serial('a made-up id: posted to', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = { action: `${server.issuer}/interaction/made-up/identifier`, method: 'post' as const, values: { csrf: csrfOf(start), identifier: visitor.email }, buttons: [], hidden: false, data: {} }
  const page = await nothingMade(t, server, () => visitor.browser.submit(start, form))
  t.is(page.status, 403, 'the token is not for that sign-in')
  await stillAsks(t, visitor, app)
})

test.serial('another browser’s sign-in: opened and posted to', async t => {
  const [owner, thief] = [createVisitor(server), createVisitor(server)]
  const start = await owner.arrive(await app.authorize())
  const opened = await nothingMade(t, server, () => thief.browser.open(start.url))
  await refused(t, { server, visitor: thief, page: opened, ...noCookie, nextStep: startAgain })

  const posted = await nothingMade(t, server, () => postTo(thief, start, '/identifier', { identifier: owner.email }))
  await refused(t, { server, visitor: thief, page: posted, ...noCookie, nextStep: startAgain })
  t.is((await owner.browser.open(start.url)).heading, 'Sign in', 'the owner’s step is the one before')
  await stillAsks(t, thief, app)
})

test.serial('another browser’s sign-in, with a code that was mailed to its owner', async t => {
  const [owner, thief] = [createVisitor(server), createVisitor(server)]
  await signUpByCode(owner, app)
  owner.browser.cookies.clear()
  await owner.ignoreMail()
  const code = await owner.typeEmail(await owner.arrive(await app.authorize()))
  const digits = await owner.readCode()
  const page = await nothingMade(t, server, () => postTo(thief, code, '/email-otp', { code: digits }))
  await refused(t, { server, visitor: thief, page, ...noCookie, nextStep: startAgain })
  await stillAsks(t, thief, app)
})

test.serial('cookies are blocked', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  visitor.browser.cookies.clear()
  const page = await nothingMade(t, server, () => postTo(visitor, start, '/identifier', { identifier: visitor.email }))
  await refused(t, { server, visitor, page, ...noCookie, nextStep: startAgain })
})

test.serial('the cookie of another sign-in does not open this one', async t => {
  const visitor = createVisitor(server)
  const first = await visitor.arrive(await app.authorize())
  const second = await visitor.arrive(await app.authorize())
  const uidOf = (base: string) => base.slice('/interaction/'.length)
  const forged = { cookie: visitor.browser.cookies.header(new URL(baseOf(second), server.issuer)) }
  t.true(forged.cookie.includes(uidOf(baseOf(second))))
  const page = await nothingMade(t, server, () => visitor.browser.open(first.url, { headers: forged }))
  await refused(t, { server, visitor, page, ...noCookie, nextStep: startAgain })
})

test.serial('the page was open for more than two hours: every screen says so, and names the app', async t => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const start = await visitor.arrive(await app.authorize())
  const code = await visitor.typeEmail(start)
  const digits = await visitor.readCode()
  server.shift(minutes(121))
  t.teardown(() => server.shift(-minutes(121)))
  // As a browser does whose clock runs along: this cookie lives as long as the request.
  visitor.browser.cookies.clear(({ name }) => name !== 'latchkey_interaction')

  const attempts = {
    opened: () => visitor.browser.open(start.url),
    'the address': () => postTo(visitor, start, '/identifier', { identifier: visitor.email }),
    'the code': () => postTo(visitor, code, '/email-otp', { code: digits }),
    'another way': () => postTo(visitor, code, '/methods', { method: 'email_otp' }),
    'back to the app': () => postTo(visitor, code, '/abort'),
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    const page = await nothingMade(t, server, attempt)
    t.is(page.status, 400, name)
    await refused(t, { server, visitor, page, ...expired, nextStep: startAgain })
  }
  await stillAsks(t, visitor, app)
})

test.serial('two tabs of one sign-in: one arrives, the other hears that it is finished and gains nothing', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  const authorization = await app.authorize()
  const start = await visitor.arrive(authorization)
  const otherTab = await visitor.browser.open(start.url)
  t.is(otherTab.heading, 'Sign in')
  const landing = await visitor.usePasskey(start)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)

  for (const late of [
    () => postTo(visitor, otherTab, '/identifier', { identifier: visitor.email }),
    () => visitor.usePasskey(otherTab),
    () => visitor.browser.submit(otherTab, '/abort'),
    () => visitor.browser.open(otherTab.url),
  ]) {
    const page = await nothingMade(t, server, late)
    await refused(t, { server, visitor, page, ...finished })
  }
})

test.serial('back to a sign-in that was cancelled: it is finished, and no other tab is spoken of', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  t.true((await visitor.browser.submit(start, '/abort')).elsewhere)
  const page = await nothingMade(t, server, () => visitor.browser.open(start.url))
  await refused(t, { server, visitor, page, ...finished })
})

test.serial('signed out in another tab while more was asked here: that tab is named', async t => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  const authorization = await app.authorize({ acr_values: 'phr' })
  const here = await visitor.arrive(authorization)
  t.regex(here.heading, /needs a passkey here/)
  await visitor.browser.submit(await visitor.browser.open(`${server.issuer}/session/end`), '/session/end/confirm', { button: 'Sign out' })
  const page = await nothingMade(t, server, () => visitor.browser.open(here.url))
  await refused(t, { server, visitor, page, ...elsewhere, nextStep: startAgain })
})

test.serial('two tabs of one sign-in: the code of the one address is no proof of the other', async t => {
  const [maya, eve] = [createVisitor(server), createVisitor(server)]
  await signUpByCode(maya, app)
  await signUpByCode(eve, app)
  await maya.ignoreMail()
  await eve.ignoreMail()
  eve.browser.cookies.clear()
  const start = await eve.arrive(await app.authorize())
  const tabOfEve = await eve.typeEmail(start)
  const evesCode = await eve.readCode()
  const change = await eve.browser.submit(tabOfEve, '/identifier', { button: 'Change' })
  const tabOfMaya = await postTo(eve, change, '/identifier', { identifier: maya.email })
  t.true(tabOfMaya.text.includes(maya.email))

  const page = await nothingMade(t, server, () => eve.typeCode(tabOfEve, evesCode))
  await refused(t, { server, visitor: eve, page, status: 400, sentence: /That code (is not right|no longer works)/, nextStep: 'Send a new code' })
  await stillAsks(t, eve, app)
})

test.serial('two tabs, two sign-ins of two apps’ requests: each goes its own way', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  const [one, two] = [await app.authorize(), await app.authorize()]
  const first = await visitor.arrive(one)
  const second = await visitor.arrive(two)
  t.is((await one.finish((await visitor.usePasskey(first)).url)).claims()?.sub, subject)
  const late = await visitor.browser.open(second.url)
  const landing = late.elsewhere ? late : await visitor.usePasskey(late)
  t.is((await two.finish(landing.url)).claims()?.sub, subject)
})

test.serial('back to a step that is done leads to the one that is due', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const start = await visitor.arrive(authorization)
  const offer = await visitor.signUp(start)
  t.is(offer.heading, 'Sign in faster next time')
  for (const path of ['/sign-up', '/email-otp', '/passkey', '/methods', '/create-account']) {
    const page = await nothingMade(t, server, () => visitor.browser.open(`${baseOf(start)}${path}`))
    await refused(t, { server, visitor, page, status: 409, error: 'step_done', sentence: 'This step is done', nextStep: 'Continue' })
  }
  t.is((await visitor.browser.open(start.url)).heading, offer.heading)
})
