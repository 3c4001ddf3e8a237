/** A code where a passkey was at hand: what follows is the operator's choice, for all apps and for each, and never a dead end. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, signUpByCode, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'

const settings = ['allow', 'notify', 'step_up', 'block'] as const
const minute = 60_000
const day = 24 * 60 * minute
const clientFor = (downgrade: (typeof settings)[number]) =>
  ({ ...shop, client_id: downgrade, client_name: `App ${downgrade}`, latchkey: { firstParty: true, assurance: { downgrade } } })

let server: InProcess
const apps = {} as Record<'server' | (typeof settings)[number], App>

test.before(async () => {
  server = await startInProcess({ clients: [shop, ...settings.map(clientFor)], config: { assurance: { downgrade: 'block' } } })
  apps.server = await createApp(server.issuer, shop)
  for (const setting of settings) apps[setting] = await createApp(server.issuer, clientFor(setting))
})
test.after.always(() => server?.dispose())

async function owner(): Promise<Visitor> {
  const visitor = createVisitor(server)
  await signUpWithPasskey(visitor, apps.server)
  server.advance(2 * day)
  return visitor
}

async function byCode(visitor: Visitor, authorization: { url: URL }): Promise<Page> {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  return visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization as never)))
}

const elsewhere = ({ email, authenticator }: Visitor) => createVisitor(server, { email, authenticator })
const newsTo = async ({ email }: Visitor) => (await server.outbox()).filter(({ to, subject }) => to === email && subject.startsWith('New sign-in')).length

/** The app gets nothing by this code, and a passkey still gets there. */
async function takesPasskeyOnly(t: ExecutionContext, app: App, heading: string) {
  const person = await owner()
  const visitor = elsewhere(person)
  const authorization = await app.authorize()
  const page = await byCode(visitor, authorization)
  t.is(page.heading, heading)
  t.false(page.text.includes('Go on without'))
  const skipped = await nothingMade(t, server, () => postTo(visitor, page, '/step-up', { skip: '1' }))
  t.not(skipped.elsewhere, true)
  const again = await nothingMade(t, server, () => postTo(visitor, page, '/methods', { method: 'email_otp' }))
  t.not(again.heading, 'Check your email')
  await stillAsks(t, visitor, app)
  const landing = await visitor.usePasskey(page)
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
}

test.serial('allow: the code signs in, and a known browser is no news', async (t) => {
  const person = await owner()
  const first = await apps.allow.authorize({ prompt: 'login' })
  const page = await person.typeEmail(await person.arrive(first))
  await person.ignoreMail()
  server.advance(16 * minute)
  const code = await person.browser.submit(page, '/methods', { button: `Send a code to ${person.email} instead` })
  t.is((await first.finish((await person.typeCode(code)).url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')
  t.is(await newsTo(person), 0)
})

test.serial('notify: the code signs in, and everybody is told', async (t) => {
  const visitor = elsewhere(await owner())
  const authorization = await apps.notify.authorize()
  t.is((await authorization.finish((await byCode(visitor, authorization)).url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')
  t.is(await newsTo(visitor), 1)
})

test.serial('step_up: the code is not enough', async (t) => {
  await takesPasskeyOnly(t, apps.step_up, 'Confirm it is you')
})

test.serial('block: the code does not sign in', async (t) => {
  await takesPasskeyOnly(t, apps.block, 'Use your passkey here')
})

test.serial('an app without a setting of its own has that of the server', async (t) => {
  await takesPasskeyOnly(t, apps.server, 'Use your passkey here')
})

test.serial('who has no passkey signs in by code everywhere, and nobody can tell the two apart before the code', async (t) => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, apps.server)
  for (const setting of settings) {
    const browser = elsewhere(visitor)
    server.advance(8 * day)
    const authorization = await apps[setting].authorize()
    const page = await byCode(browser, authorization)
    const landing = page.elsewhere ? page : await browser.browser.submit(page, '/passkey-create', { button: 'Not now' })
    t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa', setting)
  }
})

test.serial('a passkey in the session of before does not excuse the code of now', async (t) => {
  const person = await owner()
  await signedIn(person)
  server.advance(16 * minute)
  await person.ignoreMail()
  const stepUp = await person.arrive(await apps.block.authorize({ max_age: '1' }))
  t.is(stepUp.heading, 'Confirm it is you')
  const ways = await person.browser.open(new URL(stepUp.links.find(({ href }) => href.endsWith('/methods'))!.href, stepUp.url))
  t.false(ways.text.includes('Code by email'), 'what does not lead on is not offered')
  const passkey = await person.typeEmail(await person.arrive(await apps.block.authorize({ prompt: 'login' })))
  t.is(passkey.heading, 'Use your passkey')
  const code = await person.browser.submit(passkey, passkey.forms.find(({ values }) => values['method'] === 'email_otp')!)
  t.is((await person.typeCode(code)).heading, 'Use your passkey here')
})

test.serial('a session of an app that takes codes is none at one that does not, silently neither', async (t) => {
  for (const [app, heading] of [[apps.block, 'Use your passkey here'], [apps.step_up, 'Confirm it is you']] as const) {
    const visitor = elsewhere(await owner())
    const first = await apps.allow.authorize()
    await first.finish((await byCode(visitor, first)).url)
    t.true((await visitor.arrive(await apps.notify.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'where it is taken it is a session')
    t.is((await visitor.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
    const authorization = await app.authorize()
    const page = await visitor.arrive(authorization)
    t.is(page.heading, heading)
    t.false(page.text.includes('Code by email'))
    t.is((await authorization.finish((await visitor.usePasskey(page)).url)).claims()?.['acr'], 'phr')
    t.true((await visitor.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'and with a passkey it is one')
  }
})

async function signedIn(person: Visitor) {
  const authorization = await apps.server.authorize({ prompt: 'login' })
  await authorization.finish((await person.usePasskey(await person.arrive(authorization))).url)
}

test.serial('an operator sees a code that was right and did not sign in, and why; of one that did there is no such word', async (t) => {
  for (const setting of settings) {
    const visitor = elsewhere(await owner())
    await byCode(visitor, await apps[setting].authorize())
    const accountId = (await server.foundation.storage.identifiers.get(`email:${visitor.email}`))?.accountId ?? ''
    const entries = await server.foundation.storage.audit.query({ accountId, limit: 50 })
    const reasons = entries.filter(({ type }) => type === 'sign_in.refused').map(({ detail }) => detail?.['reason'])
    t.deepEqual(reasons, setting === 'step_up' || setting === 'block' ? [`weaker way: ${setting}`] : [], setting)
  }
})
