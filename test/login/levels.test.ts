/** What an app asks for and what it gets, over our pages; and the mails that tell the owner. */
import test from 'ava'
import { dialogFailure } from '../../src/passkeys/index.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { nothingMade, postTo, signUpByCode, signUpWithPasskey, whatThereIs } from '../bad-input/refused.ts'

const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', latchkey: { firstParty: true, minimumAcr: 'phr' } }
const vault = { ...shop, client_id: 'vault', client_name: 'Example Vault', latchkey: { firstParty: true, methods: ['passkey'] } }
const kiosk = { ...shop, client_id: 'kiosk', client_name: 'Example Kiosk', latchkey: { firstParty: true, alwaysReauthenticate: true } }
const day = 24 * 60 * 60 * 1000

let server: InProcess
let app: App
let strict: App

test.before(async () => {
  server = await startInProcess({ clients: [shop, bank, vault, kiosk], config: { assurance: { downgrade: 'notify' } } })
  app = await createApp(server.issuer, shop)
  strict = await createApp(server.issuer, bank)
})
test.after.always(() => server?.dispose())

/** Another browser of the same person, signed in there by a code. */
async function byCodeElsewhere(owner: Visitor): Promise<Visitor> {
  const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const landing = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization)))
  await authorization.finish(landing.url)
  return visitor
}

const mailsTo = async ({ email }: Visitor) => (await server.outbox()).filter(({ to }) => to === email)

test('what a browser says about a dialog, and how long it took, picks the sentence', (t) => {
  const table: [error: string | undefined, elapsed: number, notice: ReturnType<typeof dialogFailure>][] = [
    ['NotAllowedError', 0, 'none_here'],
    ['NotAllowedError', 999, 'none_here'],
    ['NotAllowedError', 1000, 'closed'],
    ['NotAllowedError', 29_999, 'closed'],
    ['NotAllowedError', 30_000, 'timeout'],
    ['AbortError', 5000, 'closed'],
    [undefined, 5000, 'closed'],
    [undefined, NaN, 'closed'],
    ['SecurityError', 5, 'wrong_domain'],
    ['NotSupportedError', 5, 'no_verification'],
    ['ConstraintError', 60_000, 'no_verification'],
    ['NetworkError', 5, 'offline'],
  ]
  for (const [error, elapsed, notice] of table) t.is(dialogFailure(error, elapsed), notice, `${error} after ${elapsed}`)
})

test.serial('a step-up asks for this account’s passkey and gives the app its level; the session id is a new one', async (t) => {
  const owner = createVisitor(server)
  const subject = await signUpWithPasskey(owner, app)
  const visitor = await byCodeElsewhere(owner)
  const sessions = () => new Set(whatThereIs(server)['sessions']?.map((row) => (JSON.parse(row) as { key: string }).key))
  const before = sessions()

  const more = await app.authorize({ acr_values: 'phr' })
  const stepUp = await visitor.arrive(more)
  t.is(stepUp.heading, 'Confirm it is you')
  const { allowCredentials } = JSON.parse(stepUp.passkeyForm('get').data['options'] ?? '{}') as { allowCredentials?: { id: string }[] }
  t.deepEqual(allowCredentials?.map(({ id }) => id), owner.authenticator.credentials.map(({ id }) => id))
  const claims = (await more.finish((await visitor.usePasskey(stepUp)).url)).claims()
  t.is(claims?.sub, subject)
  t.is(claims?.['acr'], 'phr')
  t.is([...before].filter((key) => !sessions().has(key)).length, 1, 'the one before is gone')

  const again = await app.authorize({ acr_values: 'phr' })
  t.is((await again.finish((await visitor.arrive(again)).url)).claims()?.['acr'], 'phr', 'an earlier passkey of the session counts')
})

test.serial('an app with a minimum level gets it, whoever it is asked for, and no code is offered for it', async (t) => {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  const visitor = await byCodeElsewhere(owner)
  const authorization = await strict.authorize()
  const stepUp = await visitor.arrive(authorization)
  t.is(stepUp.heading, 'Confirm it is you')
  t.false(stepUp.text.includes('Go on without a passkey'))
  const ways = await visitor.browser.open(`${server.issuer}${stepUp.links.find(({ href }) => href.endsWith('/methods'))?.href}`)
  t.false(ways.text.includes('Code by email'))
  const landing = await visitor.usePasskey(ways)
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
})

test.serial('an app that takes only passkeys is offered nothing else, before a proof and after it', async (t) => {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  const only = await createApp(server.issuer, vault)
  const visitor = await byCodeElsewhere(owner)
  const stepUp = await visitor.arrive(await only.authorize())
  t.is(stepUp.heading, 'Confirm it is you', 'a code signed in at another app')

  const fresh = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  const authorization = await only.authorize()
  const page = await fresh.typeEmail(await fresh.arrive(authorization))
  t.is(page.heading, 'Use your passkey')
  const ways = await fresh.browser.open(new URL(page.links.find(({ href }) => href.endsWith('/methods'))!.href, page.url))
  t.false(`${page.text}${ways.text}`.includes('Code by email'))
  t.false(page.text.includes('Send a code'))
  const forced = await nothingMade(t, server, () => postTo(fresh, page, '/email-otp', { code: 'wrong!' }))
  t.is(forced.status, 409)
  t.is((await authorization.finish((await fresh.usePasskey(page)).url)).claims()?.['acr'], 'phr')
})

test.serial('… and somebody new gets there by a sign-up, which ends with one', async (t) => {
  const only = await createApp(server.issuer, vault)
  const visitor = createVisitor(server)
  const authorization = await only.authorize({ prompt: 'create' })
  const code = await visitor.browser.submit(await visitor.arrive(authorization), '/sign-up', { values: { identifier: visitor.email, capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  const stepUp = await visitor.typeCode(code)
  t.is(stepUp.heading, 'Example Vault needs a passkey here')
  const offer = await visitor.browser.submit(stepUp, '/passkey-create', { button: 'Create a passkey' })
  const made = await visitor.createPasskey(offer)
  const landing = await visitor.browser.submit(made, '/passkey-create')
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
})

test.serial('an app that always asks anew asks who is signed in, however short ago they proved it', async (t) => {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  const anew = await createApp(server.issuer, kiosk)
  for (const _ of [1, 2]) {
    const authorization = await anew.authorize()
    const page = await owner.arrive(authorization)
    t.is(page.heading, 'Confirm it is you')
    t.is((await authorization.finish((await owner.usePasskey(page)).url)).claims()?.['acr'], 'phr')
  }
  t.is((await owner.arrive(await anew.authorize({ prompt: 'none' }))).url.searchParams.get('error'), 'login_required')
})

test.serial('going back to the app where a way to the level was there is a refusal', async (t) => {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  const visitor = await byCodeElsewhere(owner)
  const stepUp = await visitor.arrive(await strict.authorize())
  const refused = await visitor.browser.submit(stepUp, '/abort', { button: `Go back to ${bank.client_name}` })
  t.is(refused.url.searchParams.get('error'), 'access_denied')
})

test.serial('another device is offered a press away: a request without a list, for phones and keys', async (t) => {
  const visitor = createVisitor(server)
  await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  const authorization = await app.authorize()
  const code = await visitor.typeEmail(await visitor.arrive(authorization))
  const ways = await visitor.browser.open(`${server.issuer}${code.links.find(({ href }) => href.endsWith('/methods'))?.href}`)
  const form = ways.forms.find(({ values }) => values['method'] === 'other_device')!
  const page = await visitor.browser.submit(ways, form)
  t.is(page.heading, 'Use another device')
  const options = JSON.parse(page.passkeyForm('get').data['options'] ?? '{}') as { hints?: string[]; allowCredentials?: unknown[] }
  t.deepEqual(options.hints, ['hybrid', 'security-key'])
  t.deepEqual(options.allowCredentials, [])
  t.is((await authorization.finish((await visitor.usePasskey(page)).url)).claims()?.['acr'], 'phr')
})

test.serial('somebody without a passkey is offered one after a code, and the owner hears of it by mail', async (t) => {
  const visitor = createVisitor(server)
  const subject = await signUpByCode(visitor, app)
  server.advance(8 * day)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const offer = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization)))
  t.is(offer.heading, 'Sign in faster next time')
  const made = await visitor.createPasskey(offer)
  t.is(made.heading, 'Your passkey is ready')
  const mail = await server.mailTo(visitor.email)
  t.regex(mail.subject, /^A passkey was added to your .* account$/)
  const landing = await visitor.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, subject)
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa', 'making one does not raise the level')
})

test.serial('a device that is new is told by mail, once; a code where a passkey was at hand is told each time', async (t) => {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  const count = async () => (await mailsTo(owner)).filter(({ subject }) => subject.startsWith('New sign-in')).length
  t.is(await count(), 0)
  const elsewhere = await byCodeElsewhere(owner)
  t.is(await count(), 1)
  t.true((await mailsTo(owner)).some(({ text }) => text.includes('First time we see this device.') && text.includes('Next time use your passkey')))

  const again = await app.authorize({ prompt: 'login' })
  await again.finish((await elsewhere.usePasskey(await elsewhere.arrive(again))).url)
  t.is(await count(), 1, 'a known device and a passkey: no news')

  await elsewhere.ignoreMail()
  server.advance(16 * 60_000)
  const weaker = await app.authorize({ prompt: 'login' })
  const page = await elsewhere.typeEmail(await elsewhere.arrive(weaker))
  const code = page.heading === 'Check your email' ? page : await elsewhere.browser.submit(page, '/methods', { button: `Send a code to ${owner.email} instead` })
  await weaker.finish((await elsewhere.typeCode(code)).url)
  t.is(await count(), 2)
})

test.serial('offers switched off: a sign-up ends at the app', async (t) => {
  const quiet = await startInProcess({ clients: [shop], config: { passkeys: { creation: 'off' } } })
  t.teardown(() => quiet.dispose())
  const visitor = createVisitor(quiet)
  const authorization = await (await createApp(quiet.issuer, shop)).authorize()
  const landing = await visitor.signUp(await visitor.arrive(authorization))
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')
})

test.serial('ui_locales speaks on every page of the login', async (t) => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize({ ui_locales: 'fr de en' }))
  t.is(start.language, 'de')
  const code = await visitor.browser.submit(start, '/identifier', { values: { identifier: visitor.email } })
  t.is(code.language, 'de')
})
