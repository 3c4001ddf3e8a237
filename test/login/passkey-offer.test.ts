/** The offer to create a passkey while time goes by: the enrolment guard is asked before a dialog opens, and its no is no dead end. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { type ClockedServer, minutes, startClockedServer } from '../bad-input/clocked-server.ts'
import { askedFor } from './creation-rig.ts'
import { baseOf, csrfOf, nothingMade, signUpByCode, whatThereIs } from '../bad-input/refused.ts'

let server: ClockedServer
let app: App

test.before(async () => {
  server = await startClockedServer([shop])
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

const toApp = `Continue to ${shop.client_name}`
const optionsOf = (page: Page) => JSON.parse(page.passkeyForm('create').data['options'] ?? '{}') as Record<string, unknown> & { timeout: number }

/** What the page's script asks for before it opens a dialog on an old page. */
const freshOptions = (visitor: Visitor, page: Page) =>
  visitor.browser.post(page, `${baseOf(page)}/passkey-create/options`, '{}', { 'content-type': 'application/json', 'x-csrf-token': csrfOf(page) })

const createLink = (visitor: Visitor, page: Page) => visitor.browser.open(`${server.issuer}${baseOf(page)}/passkey-create`)

/** The guard's page: no dialog, a code or (always, once the sign-in is complete) going on without. */
function saysConfirm(t: ExecutionContext, visitor: Visitor, page: Page) {
  t.is(page.heading, 'Confirm it is you')
  t.false(page.html.includes('data-passkey="create"'))
  const buttons = page.forms.flatMap((form) => form.buttons.map(({ text }) => text))
  t.true(buttons.includes(`Send a code to ${visitor.email}`), buttons.join())
  return buttons
}

test.serial('an offer that stood open for longer than the proof counts: a new code, and the passkey is made', async (t) => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  t.is(offer.heading, 'Sign in faster next time')
  t.true(optionsOf(offer).timeout <= minutes(5))

  server.shift(minutes(6))
  const refused = await nothingMade(t, server, () => freshOptions(visitor, offer))
  t.is(refused.status, 409)
  t.false(refused.body.includes('challenge'), 'no dialog can be opened')
  const buttons = saysConfirm(t, visitor, await createLink(visitor, offer))
  t.true(buttons.includes('Continue without a new passkey'))

  const late = await nothingMade(t, server, () => visitor.createPasskey(offer))
  t.is(late.status, 403)
  saysConfirm(t, visitor, late)

  const code = await visitor.browser.submit(late, '/methods', { button: `Send a code to ${visitor.email}` })
  t.is(code.heading, 'Check your email')
  const again = await visitor.typeCode(code)
  t.is(again.heading, 'Sign in faster next time')
  const made = await visitor.createPasskey(again)
  t.is(made.heading, 'Your passkey is ready')
  const landing = await visitor.browser.submit(made, '/passkey-create', { button: toApp })
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr', 'the account was made in this sign-in')
})

test.serial('… or the sign-in goes on without one, from each page on the way', async (t) => {
  const routes: Record<string, (visitor: Visitor, guard: Page) => Promise<Page>> = {
    'the guard’s page': async (_, guard) => guard,
    'the list of ways': async (visitor, guard) => visitor.browser.open(`${server.issuer}${baseOf(guard)}/methods`),
  }
  for (const [name, reach] of Object.entries(routes)) {
    const visitor = createVisitor(server)
    const authorization = await app.authorize()
    const offer = await visitor.signUp(await visitor.arrive(authorization))
    server.shift(minutes(6))
    const page = await reach(visitor, await createLink(visitor, offer))
    const landing = await visitor.browser.submit(page, '/passkey-create', { button: 'Continue without a new passkey' })
    t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa', name)
  }
})

test.serial('a dialog never outlives the right to add a passkey', async (t) => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  server.shift(minutes(4))
  const later = await createLink(visitor, offer)
  t.is(later.heading, 'Sign in faster next time')
  t.true(optionsOf(later).timeout <= minutes(1), String(optionsOf(later).timeout))
  server.shift(minutes(2))
  const late = await nothingMade(t, server, () => visitor.createPasskey(later))
  t.is(late.status, 403)
})

test.serial('fresh options are a challenge and its time, and nothing about anybody', async (t) => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  const fresh = await freshOptions(visitor, offer)
  const { options } = JSON.parse(fresh.body) as { options: Record<string, unknown> }
  t.deepEqual(Object.keys(options), ['challenge', 'timeout'])
  const made = await visitor.createPasskey(offer, { challenge: String(options['challenge']) })
  t.is(made.heading, 'Your passkey is ready')
})

test.serial('a passkey that was made elsewhere meanwhile: it is asked for, and then another may be made here', async (t) => {
  const here = createVisitor(server)
  const subject = await signUpByCode(here, app)
  const elsewhere = createVisitor(server, { email: here.email })
  server.shift(minutes(8 * 24 * 60))
  await here.ignoreMail()
  here.browser.cookies.clear()
  const authorization = await app.authorize()
  const offer = await here.typeCode(await here.typeEmail(await here.arrive(authorization)))
  t.is(offer.heading, 'Sign in faster next time')

  await elsewhere.ignoreMail()
  server.shift(minutes(1))
  const there = await elsewhere.typeCode(await elsewhere.typeEmail(await elsewhere.arrive(await app.authorize({ acr_values: 'phr' }))))
  await elsewhere.createPasskey(await elsewhere.browser.submit(there, '/passkey-create', { button: 'Create a passkey' }))

  server.shift(minutes(5))
  const guard = await createLink(here, offer)
  t.is(guard.heading, 'Confirm it is you')
  const before = whatThereIs(server)['passkeys']?.length
  const closed = await here.browser.submit(guard, guard.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000' } })
  t.is(closed.heading, 'The passkey was not used')

  const phone = createVisitor(server, { authenticator: elsewhere.authenticator })
  const response = phone.authenticator.get(JSON.parse(closed.passkeyForm('get').data['options'] ?? ''), { origin: server.issuer })
  const allowed = await here.browser.submit(closed, closed.passkeyForm('get'), { values: { response: JSON.stringify(response) } })
  t.is(allowed.heading, 'Sign in faster next time')
  const made = await here.createPasskey(allowed)
  t.is(made.heading, 'Your passkey is ready')
  t.is(whatThereIs(server)['passkeys']?.length, (before ?? 0) + 1)
  const landing = await here.browser.submit(made, '/passkey-create', { button: toApp })
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('a passkey for the level that an app asks for: made by a proof that is new enough, then used', async (t) => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  await visitor.ignoreMail()
  const more = await app.authorize({ acr_values: 'phr' })
  const needs = await visitor.arrive(more)
  t.is(needs.heading, 'Example Shop needs a passkey here')
  const form = await visitor.browser.submit(needs, '/passkey-create', { button: 'Create a passkey' })
  t.is(form.heading, 'Create a passkey to go on')

  server.shift(minutes(6))
  saysConfirm(t, visitor, await createLink(visitor, form))
  const late = await nothingMade(t, server, () => visitor.createPasskey(form))
  t.is(late.status, 403, 'not "this step is done"')
  saysConfirm(t, visitor, late)

  const code = await visitor.browser.submit(late, '/methods', { button: `Send a code to ${visitor.email}` })
  const again = await visitor.typeCode(code)
  t.is(again.heading, 'Example Shop needs a passkey here')
  const offered = await visitor.browser.submit(again, '/passkey-create', { button: 'Create a passkey' })
  const made = await visitor.createPasskey(offered)
  t.is(made.heading, 'Your passkey is ready')
  const use = await visitor.browser.submit(made, '/passkey-create', { button: toApp })
  t.is(use.heading, 'Confirm it is you', 'making one proves nothing: it is used next')
  const landing = await visitor.usePasskey(use)
  t.is((await more.finish(landing.url)).claims()?.['acr'], 'phr')
})

test.serial('at sign-up only this device is asked; a passkey that is added later may be on another', async (t) => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  t.deepEqual(askedFor(offer), [['here', 'platform', ['client-device']]])

  const later = createVisitor(server)
  await signUpByCode(later, app)
  server.shift(minutes(8 * 24 * 60))
  await later.ignoreMail()
  const second = await later.typeCode(await later.typeEmail(await later.arrive(await app.authorize({ prompt: 'login' }))))
  t.is(second.heading, 'Sign in faster next time')
  t.deepEqual(askedFor(second), [['here', 'platform', ['client-device']], ['elsewhere', 'cross-platform', ['hybrid', 'security-key']]])
})
