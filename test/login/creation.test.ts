/** Where a passkey can be made, by policy and device: what the browser is asked for, what is refused, and how it goes on. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { askedFor, createMaker, iPhone, labelsOf, type Maker, othersOf, signalIn } from './creation-rig.ts'

const day = 24 * 3_600_000

async function start(t: ExecutionContext, passkeys: object, more: { strategy?: string; latchkey?: object } = {}): Promise<{ server: InProcess; app: App }> {
  const client = { ...shop, latchkey: { ...shop.latchkey, ...more.latchkey } }
  const server = await startInProcess({ config: { passkeys, ...(more.strategy && { verification: { strategy: more.strategy } }) }, clients: [client] })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

const passkeysOf = async ({ foundation: { storage } }: InProcess, { email }: Maker) => {
  const owner = await storage.identifiers.get(`email:${email}`)
  return owner ? storage.passkeys.listByAccount(owner.accountId) : []
}

const here = ['here', 'platform', ['client-device']]
const elsewhere = ['elsewhere', 'cross-platform', ['hybrid', 'security-key']]

const kinds = { laptop: {}, 'desktop without an authenticator': { platform: false }, phone: { userAgent: iPhone } } as const

/** Strategy and device: what is asked for right after a sign-up, and at a later sign-in. Empty: nothing is offered. */
const matrix: [string, keyof typeof kinds, unknown[], unknown[]][] = [
  ['minimize', 'laptop', [here], [here]],
  ['minimize', 'desktop without an authenticator', [], []],
  ['minimize', 'phone', [here], [here]],
  ['standard', 'laptop', [here], [here, elsewhere]],
  ['standard', 'desktop without an authenticator', [], []],
  ['standard', 'phone', [here], [here, elsewhere]],
  ['maximize', 'laptop', [elsewhere], [elsewhere, here]],
  ['maximize', 'desktop without an authenticator', [elsewhere], [elsewhere]],
  ['maximize', 'phone', [here, elsewhere], [here, elsewhere]],
]

for (const [crossDevice, kind, atSignUp, later] of matrix) {
  test(`${crossDevice}, ${kind}: what is asked for after a sign-up, and after a later sign-in`, async (t) => {
    const { server, app } = await start(t, { crossDevice })
    const maker = createMaker(server, kinds[kind])
    const signedUp = await maker.signUp(await maker.arrive(await app.authorize()))
    t.deepEqual(askedFor(signedUp), atSignUp)
    if (atSignUp.length === 0) t.true(signedUp.elsewhere, 'no offer, and no error')
    else t.true((await maker.browser.submit(signedUp, '/passkey-create', { button: 'Not now' })).elsewhere)

    server.advance(30 * day)
    await maker.ignoreMail()
    const signedIn = await maker.typeCode(await maker.typeEmail(await maker.arrive(await app.authorize({ prompt: 'login' }))))
    t.deepEqual(askedFor(signedIn), later)
    if (later.length === 0) t.true(signedIn.elsewhere)
  })
}

for (const [crossDevice, kind, first] of [
  ['minimize', 'laptop', [here]],
  ['minimize', 'desktop without an authenticator', undefined],
  ['standard', 'desktop without an authenticator', undefined],
  ['maximize', 'laptop', [elsewhere]],
  ['maximize', 'desktop without an authenticator', [elsewhere]],
  ['maximize', 'phone', [here, elsewhere]],
] as const) {
  test(`an account that is made with its passkey, ${crossDevice}, ${kind}: ${first ? 'that is asked for' : 'no passkey, so by a code'}`, async (t) => {
    const { server, app } = await start(t, { crossDevice }, { strategy: 'none' })
    const maker = createMaker(server, kinds[kind])
    const form = await maker.browser.submit(await maker.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
    const next = await maker.browser.submit(form, '/sign-up', { values: { identifier: maker.email, capabilities: JSON.stringify({ webauthn: true, platform: kind !== 'desktop without an authenticator' }) } })
    t.is(next.heading, first ? 'Create your passkey' : 'Confirm your email')
    t.deepEqual(askedFor(next), first ? [...first] : [])
  })
}

test('maximize on a phone keeps the phone\'s own passkey', async (t) => {
  const { server, app } = await start(t, { crossDevice: 'maximize' })
  const maker = createMaker(server, { userAgent: iPhone })
  const offer = await maker.signUp(await maker.arrive(await app.authorize()))
  t.is((await maker.make(offer, 'here', 'manager')).heading, 'Your passkey is ready')
})

test('maximize: the words are those of a phone, with a QR code that waits for a press', async (t) => {
  const { server, app } = await start(t, { crossDevice: 'maximize', creation: 'automatic' })
  const maker = createMaker(server)
  const offer = await maker.signUp(await maker.arrive(await app.authorize()))
  t.is(offer.heading, 'Sign in faster next time')
  t.regex(offer.text, /Create a passkey on your phone\..*Scan it with the camera.*Or plug in a security key.*On your phone, or on your security key\./s)
  t.deepEqual(labelsOf(offer), ['Show the QR code'])
  t.notRegex(offer.html, /data-(?:auto|conditional-create)/, 'no QR code that nobody asked for')
  t.is((await maker.make(offer, 'elsewhere', 'key')).heading, 'Your passkey is ready')
})

/** Made in a place that is not wanted: nothing of it is kept, the browser may drop it, and the page leads on. */
async function refusedThenMade(t: ExecutionContext, page: Page, { server, maker, wrong, right, says, label }: { server: InProcess; maker: Maker; wrong: ['here' | 'elsewhere', 'laptop' | 'phone']; right: ['here' | 'elsewhere', 'manager' | 'phone']; says: RegExp; label: string }) {
  const refused = await maker.make(page, ...wrong)
  t.is(refused.heading, 'No passkey was created')
  t.regex(refused.text, says)
  t.deepEqual(await passkeysOf(server, maker), [])
  const [made] = maker.device(wrong[1]).credentials
  t.is(signalIn(refused)?.['unknown'], made?.id)
  t.deepEqual(labelsOf(refused), [label])
  t.notRegex(refused.html, /Exception|credential[^I]|assertion|NotAllowed/)
  return maker.make(refused, ...right)
}

for (const [crossDevice, wrong, right, says, label] of [
  ['minimize', ['here', 'phone'], ['here', 'manager'], /Example Shop accepts only a passkey on this device\./, 'Create a passkey'],
  ['maximize', ['elsewhere', 'laptop'], ['elsewhere', 'phone'], /Example Shop asks for a passkey on your phone or on a security key\./, 'Show the QR code'],
] as const) {
  test(`${crossDevice}: a passkey in the other place is refused after a sign-up, and the right one leads on`, async (t) => {
    const { server, app } = await start(t, { crossDevice })
    const maker = createMaker(server)
    const authorization = await app.authorize()
    const offer = await maker.signUp(await maker.arrive(authorization))
    const made = await refusedThenMade(t, offer, { server, maker, wrong: [...wrong], right: [...right], says, label })
    t.is(made.heading, 'Your passkey is ready')
    t.is((await passkeysOf(server, maker)).length, 1)
    const landing = await maker.browser.submit(made, '/passkey-create', { button: 'Continue to Example Shop' })
    t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
  })

  test(`${crossDevice}: … and of a sign-up that begins with it there is no account before`, async (t) => {
    const { server, app } = await start(t, { crossDevice }, { strategy: 'none' })
    const maker = createMaker(server)
    const offer = await maker.signUp(await maker.arrive(await app.authorize()))
    t.is(offer.heading, 'Create your passkey')
    const refused = await maker.make(offer, wrong[0], wrong[1])
    t.regex(refused.text, says)
    t.deepEqual(othersOf(refused), ['Use a code instead'])
    t.is(await server.foundation.storage.identifiers.get(`email:${maker.email}`), undefined)
    t.deepEqual(Object.keys(signalIn(refused) ?? {}), ['rpId', 'unknown'], 'nothing of an account is told before there is one')
    t.is((await maker.make(refused, right[0], right[1])).heading, 'Your passkey is ready')
  })
}

test('the strategy is the app\'s own where it has one', async (t) => {
  const { server, app } = await start(t, { crossDevice: 'minimize' }, { latchkey: { passkeys: { crossDevice: 'maximize' } } })
  const maker = createMaker(server)
  t.deepEqual(askedFor(await maker.signUp(await maker.arrive(await app.authorize()))), [elsewhere])
})

test('neither attachment nor transports: it passes, and the audit log says so', async (t) => {
  const { server, app } = await start(t, { crossDevice: 'minimize' })
  const maker = createMaker(server)
  const offer = await maker.signUp(await maker.arrive(await app.authorize()))
  const form = offer.passkeyForm('create')
  const { authenticatorAttachment: _, ...silent } = maker.device('manager').create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer, transports: [] })
  t.is((await maker.browser.submit(offer, form, { values: { response: JSON.stringify(silent) } })).heading, 'Your passkey is ready')
  const { accountId } = (await passkeysOf(server, maker))[0]!
  const audit = await server.foundation.storage.audit.query({ accountId, limit: 20 })
  t.regex(String(audit.find(({ type }) => type === 'passkey.created')?.detail?.['note']), /neither attachment nor transports/)
})

test('an app that insists on a passkey, where this device can keep none: said, with the way back, and never an error', async (t) => {
  const { server, app } = await start(t, { crossDevice: 'minimize' })
  const maker = createMaker(server, { platform: false })
  t.true((await maker.signUp(await maker.arrive(await app.authorize()))).elsewhere)
  await maker.ignoreMail()
  const page = await maker.typeCode(await maker.typeEmail(await maker.arrive(await app.authorize({ prompt: 'login', claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) }))))
  t.is(page.status, 200)
  t.deepEqual(askedFor(page), [])
  t.true(page.forms.some(({ action }) => action.endsWith('/abort')))
  t.false(page.forms.some(({ values }) => 'start' in values), 'nothing that would come to nothing')

  const laptop = createMaker(server, { email: maker.email })
  await laptop.ignoreMail()
  const needs = await laptop.typeCode(await laptop.typeEmail(await laptop.arrive(await app.authorize({ prompt: 'login', acr_values: 'phr' }))))
  const made = await laptop.browser.submit(needs, '/passkey-create', { button: 'Create a passkey' })
  t.deepEqual(askedFor(made), [here])
})
