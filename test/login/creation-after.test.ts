/** Offers of a passkey and what becomes of them: by itself, without a dialog, after a phone, refused, named, and one more. */
import test, { type ExecutionContext } from 'ava'
import type { Place } from '../../src/policy/cross-device.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { askedFor, createMaker, labelsOf, type Maker, othersOf, signalIn } from './creation-rig.ts'

const day = 24 * 3_600_000
const other = { ...shop, client_id: 'other', client_name: 'Other Shop', redirect_uris: ['http://localhost:8/other'], latchkey: { firstParty: true, passkeys: { creation: 'explain' } } }
const google = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'

async function start(t: ExecutionContext, passkeys: object = {}, config: object = {}): Promise<{ server: InProcess; app: App; app2: App }> {
  const server = await startInProcess({ config: { passkeys, ...config }, clients: [shop, other] })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop), app2: await createApp(server.issuer, other) }
}

const accountIdOf = async ({ foundation: { storage } }: InProcess, { email }: Maker) => (await storage.identifiers.get(`email:${email}`))?.accountId ?? ''
const passkeysOf = async (server: InProcess, maker: Maker) => server.foundation.storage.passkeys.listByAccount(await accountIdOf(server, maker))
const eventsOf = async (server: InProcess, maker: Maker) =>
  (await server.foundation.storage.prompts.query({ accountId: await accountIdOf(server, maker), limit: 50 })).toReversed().map(({ outcome, occasion, clientId }) => `${outcome} ${occasion} ${clientId}`)

const offered = async (maker: Maker, app: App) => maker.signUp(await maker.arrive(await app.authorize()))
const byCode = async (maker: Maker, app: App) => maker.typeCode(await maker.typeEmail(await maker.arrive(await app.authorize({ prompt: 'login' }))))

/** With a passkey, made and used so that this browser's record says where. */
async function signedUpWith(maker: Maker, app: App, place: Place, kind: Parameters<Maker['make']>[2]) {
  const made = await maker.make(await offered(maker, app), place, kind)
  return maker.browser.submit(made, '/passkey-create', { button: 'Continue to Example Shop' })
}

test('automatic: the dialog opens by itself once, with both buttons behind it; the page says all when it comes again', async (t) => {
  const { server, app, app2 } = await start(t, { creation: 'automatic' })
  const maker = createMaker(server)
  const page = await offered(maker, app)
  t.is(page.heading, 'Saving a passkey')
  const { auto, otherwise } = page.passkeyForm('create').data
  t.is(auto, '')
  t.deepEqual([labelsOf(page), othersOf(page)], [['Create a passkey'], ['Not now']])
  t.is(page.passkeyForm('create').data['conditional-create'], undefined)

  const explained = await maker.browser.open(`${server.issuer}${otherwise}`)
  t.is(explained.heading, 'Sign in faster next time')
  t.is(explained.passkeyForm('create').data['auto'], undefined)
  t.regex(explained.text, /In Google Password Manager, or in the password manager that you use\./)
  t.is((await maker.make(explained, 'here', 'manager')).heading, 'Your passkey is ready')

  const another = createMaker(server)
  t.is((await offered(another, app2)).heading, 'Sign in faster next time', 'that app explains')
})

test('automatic at a sign-up that begins with the passkey', async (t) => {
  const { server, app } = await start(t, { creation: 'automatic' }, { verification: { strategy: 'none' } })
  const maker = createMaker(server)
  const page = await offered(maker, app)
  t.is(page.heading, 'Saving a passkey')
  t.deepEqual(othersOf(page), ['Use a code instead'])
  const explained = await maker.browser.open(`${server.issuer}${page.passkeyForm('create').data['otherwise']}`)
  t.is(explained.heading, 'Create your passkey')
  t.is((await maker.make(explained, 'here', 'manager')).heading, 'Your passkey is ready')
  t.deepEqual(await eventsOf(server, maker), ['created sign_up shop'], 'what came before the account is nobody’s')
})

test('what the browser makes without a dialog counts like a press; a failure is silent, and tried once', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  const page = await offered(maker, app)
  const form = page.passkeyForm('create')
  t.is(form.data['conditional-create'], '')
  const authenticator = maker.device('manager')
  const unseen = authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer, userVerified: false, userPresent: false })
  const again = await maker.browser.submit(page, form, { values: { response: JSON.stringify(unseen), mediation: 'conditional' } })
  t.is(again.heading, 'Sign in faster next time', 'not a word')
  t.is(signalIn(again)?.['unknown'], unseen.id)
  t.is(again.passkeyForm('create').data['conditional-create'], undefined)
  t.deepEqual(await eventsOf(server, maker), ['eligible sign_up shop', 'shown sign_up shop'], 'nobody has refused anything')

  const made = await maker.make(again, 'here', 'manager', { mediation: 'conditional' })
  t.is(made.heading, 'Your passkey is ready')
  t.deepEqual((await eventsOf(server, maker)).slice(2), ['started sign_up shop', 'created sign_up shop'])
})

/** An account whose only passkey is on a phone or a key, a month later. */
async function withPasskeyOn(kind: 'phone' | 'key', maker: Maker, server: InProcess, app: App): Promise<void> {
  await maker.browser.submit(await offered(maker, app), '/passkey-create', { button: 'Not now' })
  server.advance(30 * day)
  await maker.ignoreMail()
  const made = await maker.make(await byCode(maker, app), 'elsewhere', kind)
  await maker.browser.submit(made, '/passkey-create', { button: 'Continue to Example Shop' })
  server.advance(30 * day)
}

for (const [kind, heading] of [['phone', 'No phone next time?'], ['key', 'No security key next time?']] as const) {
  test(`signed in with a ${kind}: one of this device is offered, and then asked for no more`, async (t) => {
    const { server, app } = await start(t)
    const maker = createMaker(server)
    await withPasskeyOn(kind, maker, server, app)
    const offer = await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), kind)
    t.is(offer.heading, heading)
    t.regex(offer.text, /Create a passkey on this device\..*Do this only on your own device\./s)
    t.deepEqual(askedFor(offer)[0], ['here', 'platform', ['client-device']])
    const ready = await maker.make(offer, 'here', 'laptop')
    t.is(ready.heading, 'Your passkey is ready', 'the passkey of the phone satisfies the guard')
    t.true((await maker.browser.submit(ready, '/passkey-create', { button: 'Continue to Example Shop' })).elsewhere)
    t.true((await eventsOf(server, maker)).includes('created cross_device shop'))

    server.advance(30 * day)
    t.true((await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), kind)).elsewhere, 'there is one for this device now')
  })
}

test('after a sign-in with a phone nothing is offered where the operator wants none, or the device can keep none', async (t) => {
  for (const [passkeys, platform] of [[{ prompts: { localAfterCrossDevice: false } }, true], [{}, false]] as const) {
    const { server, app } = await start(t, passkeys)
    const maker = createMaker(server, { platform })
    const first = await offered(maker, app)
    if (!first.elsewhere) await maker.browser.submit(first, '/passkey-create', { button: 'Not now' })
    const accountId = await accountIdOf(server, maker)
    const { storage } = server.foundation
    const account = (await storage.accounts.get(accountId))!
    const options = { challenge: 'AAAA', rp: { id: 'localhost', name: 'x' }, user: { id: account.userHandle, name: 'x', displayName: 'x' }, pubKeyCredParams: [] }
    const { id } = maker.device('phone').create(options, { origin: server.issuer })
    const donor = createMaker(server)
    await signedUpWith(donor, app, 'here', 'manager')
    const [like] = await passkeysOf(server, donor)
    const { privateKey } = donor.device('manager').credentials[0]!
    maker.device('phone').credentials[0]!.privateKey = privateKey
    await storage.passkeys.insert({ ...like!, id, accountId, attachment: 'cross-platform', transports: ['hybrid', 'internal'] })
    await storage.accounts.update(accountId, (current) => ({ ...current, credentialIds: [id] }))
    server.advance(30 * day)
    t.true((await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), 'phone')).elsewhere, JSON.stringify([passkeys, platform]))
  }
})

test('an ordinary sign-in by passkey asks for no history of offers', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  await signedUpWith(maker, app, 'here', 'manager')
  const { prompts } = server.foundation.storage
  const { query } = prompts
  let asked = 0
  prompts.query = (...args) => {
    asked += 1
    return query(...args)
  }
  const landing = await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), 'manager')
  t.true(landing.elsewhere)
  t.is(asked, 0)
})

test('the new passkey: what keeps it, where it works, and a name of its own by a form without script', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  const page = await offered(maker, app)
  const form = page.passkeyForm('create')
  const response = maker.device('manager').create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer, aaguid: google })
  const made = await maker.browser.submit(page, form, { values: { response: JSON.stringify(response) } })
  t.regex(made.text, /Google Password Manager.*It works on devices that share this Google Password Manager\./s)
  t.false(made.text.includes('Add a second passkey'), 'it is on more than one device')
  const { userHandle } = (await server.foundation.storage.accounts.get(await accountIdOf(server, maker)))!
  t.deepEqual(signalIn(made), { rpId: 'localhost', userId: userHandle, accepted: [response.id], user: { name: maker.email, displayName: maker.email } })

  const rename = made.links.find(({ text }) => text === 'Rename')
  const field = await maker.browser.open(`${server.issuer}${rename?.href}`)
  t.is(field.heading, 'Name your passkey')
  t.is(field.form('/passkey-name').values['name'], 'Google Password Manager')
  // The last one is short when it is typed, and three times as long in the form that is kept (NFC).
  for (const [name, says] of [['  ', 'Enter a name.'], ['\u200B', 'Enter a name.'], ['x'.repeat(65), 'Enter a name of up to 64 characters.'], ['\uFB2C'.repeat(64), 'Enter a name of up to 64 characters.']] as const) {
    const wrong = await maker.browser.submit(field, '/passkey-name', { values: { name } })
    t.is(wrong.status, 400)
    t.true(wrong.text.includes(says))
  }
  const named = await maker.browser.submit(field, '/passkey-name', { values: { name: ' Maya’s <laptop> ' } })
  t.is(named.heading, 'Your passkey is ready')
  t.true(named.text.includes('Maya’s <laptop>'))
  t.is((await passkeysOf(server, maker))[0]?.name, 'Maya’s <laptop>')
  const landing = await maker.browser.submit(named, '/passkey-create', { button: 'Continue to Example Shop' })
  t.true(landing.elsewhere)
  const late = await maker.browser.open(field.url)
  t.not(late.heading, 'Name your passkey', 'nothing is named once the sign-in is over')
})

test('a name is nobody\'s to give where no passkey was made', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  const page = await offered(maker, app)
  const address = `${server.issuer}${page.url.pathname.replace('/passkey-create', '/passkey-name')}`
  t.is((await maker.browser.open(address)).status, 409)
})

test('kept on one device only: one more on another is a press away, and this browser keeps its own in mind', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  const made = await maker.make(await offered(maker, app), 'here', 'laptop')
  t.regex(made.text, /It works only on this device\..*Add a second passkey, so that you always have a way in\./s)
  const button = made.forms.find(({ buttons }) => buttons[0]?.text === 'Add a second passkey')!
  const second = await maker.browser.submit(made, button)
  t.is(second.heading, 'Add a second passkey')
  t.deepEqual(askedFor(second), [['elsewhere', 'cross-platform', ['hybrid', 'security-key']]])
  const ready = await maker.make(second, 'elsewhere', 'key')
  t.is(ready.heading, 'Your passkey is ready')
  t.regex(ready.text, /It stays on the phone or security key that you used\./)
  t.false(ready.text.includes('Add a second passkey'))
  t.true((await maker.browser.submit(ready, '/passkey-create', { button: 'Continue to Example Shop' })).elsewhere)
  const [first, key] = await passkeysOf(server, maker)
  const [device] = await server.foundation.storage.devices.listByAccount(await accountIdOf(server, maker))
  t.deepEqual([device?.credentialIds, device?.elsewhereIds], [[first?.id], undefined], String(key?.id))
})

test('a second one is not offered where policy has no place for it, nor given up with the sign-in', async (t) => {
  const minimal = await start(t, { crossDevice: 'minimize' })
  const maker = createMaker(minimal.server)
  const made = await maker.make(await offered(maker, minimal.app), 'here', 'laptop')
  t.false(made.text.includes('Add a second passkey'))
  t.is((await maker.browser.submit(made, '/passkey-create', { button: 'Continue to Example Shop' })).elsewhere, true)

  const { server, app } = await start(t)
  const later = createMaker(server)
  await later.browser.submit(await offered(later, app), '/passkey-create', { button: 'Not now' })
  server.advance(30 * day)
  await later.ignoreMail()
  const byEmail = await later.make(await byCode(later, app), 'here', 'laptop')
  t.is(byEmail.heading, 'Your passkey is ready')
  t.false(byEmail.text.includes('Add a second passkey'), 'the guard would ask for the first one before')

  const another = createMaker(server)
  const first = await another.make(await offered(another, app), 'here', 'laptop')
  const second = await another.browser.submit(first, first.forms.find(({ buttons }) => buttons[0]?.text === 'Add a second passkey')!)
  t.true((await another.browser.submit(second, '/passkey-create', { button: 'Not now' })).elsewhere)
})

test('a closed dialog is quiet and no way to an error; who tries again succeeds, and each offer is counted once', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  const closed = await maker.fails(await offered(maker, app), 'here', 'NotAllowedError')
  t.is(closed.heading, 'No passkey was created')
  t.regex(closed.text, /You can do it later in your account\./)
  t.deepEqual([othersOf(closed), labelsOf(closed)], [['Continue to Example Shop'], ['Try again']])
  const twice = await maker.fails(closed, 'here', 'NotAllowedError')
  const made = await maker.make(twice, 'here', 'manager')
  t.is(made.heading, 'Your passkey is ready')
  t.deepEqual(await eventsOf(server, maker), ['eligible sign_up shop', 'shown sign_up shop', 'started sign_up shop', 'failed sign_up shop', 'created sign_up shop'])
})

test('each no is kept as what it is', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  await maker.browser.submit(await offered(maker, app), '/passkey-create', { button: 'Not now' })
  server.advance(30 * day)
  await maker.ignoreMail()
  const second = await byCode(maker, app)
  await maker.browser.submit(second, '/passkey-create', { button: 'Don\'t ask again' })
  t.deepEqual((await eventsOf(server, maker)).filter((event) => !/eligible|shown/.test(event)), ['not_now sign_up shop', 'never email_otp shop'])
})

test('a security key that is full or has no PIN, and a device without a screen lock, each say what to do', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  await maker.browser.submit(await offered(maker, app), '/passkey-create', { button: 'Not now' })
  server.advance(30 * day)
  await maker.ignoreMail()
  const offer = await byCode(maker, app)
  const full = await maker.fails(offer, 'elsewhere', 'ConstraintError')
  t.regex(full.text, /This security key cannot store another passkey, or has no PIN yet\./)
  t.deepEqual(labelsOf(full), ['Use this device', 'Try another key'])
  const noLock = await maker.fails(full, 'here', 'ConstraintError')
  t.regex(noLock.text, /This computer has no built-in way\./)
  t.deepEqual(othersOf(noLock), ['Continue to Example Shop'])
  t.is((await maker.make(noLock, 'elsewhere', 'key')).heading, 'Your passkey is ready')
})

test('what is there already is called by name and date', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  await withPasskeyOn('phone', maker, server, app)
  const [made] = await passkeysOf(server, maker)
  await server.foundation.storage.passkeys.update(made!.id, (current) => ({ ...current, name: 'Maya’s iPhone' }))
  const offer = await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), 'phone')
  const exists = await maker.fails(offer, 'here', 'InvalidStateError')
  t.is(exists.heading, 'This device has a passkey already')
  const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(made!.createdAt)
  t.true(exists.text.includes(`Maya’s iPhone, created ${date}. Nothing more to do.`), exists.text)
  t.deepEqual([othersOf(exists), labelsOf(exists)], [['Continue'], []])
  t.true((await maker.browser.submit(exists, '/passkey-create', { button: 'Continue' })).elsewhere)
})

test('a phone or key that has one already is not called this device', async (t) => {
  const { server, app } = await start(t)
  const maker = createMaker(server)
  await withPasskeyOn('key', maker, server, app)
  const offer = await maker.signInWith(await maker.arrive(await app.authorize({ prompt: 'login' })), 'key')
  t.is((await maker.fails(offer, 'elsewhere', 'InvalidStateError')).heading, 'There is a passkey there already')
})
