/** What comes first after Continue, and what was asked for: by this browser's record, by what is known of the passkeys, by what failed. */
import test from 'ava'
import { asked, buttonsOf, fail, screenOf, start, type Agent, type Kind } from './passkey-first-rig.ts'

const immediate = JSON.stringify({ webauthn: true, platform: true, immediate: true })

test('where the passkey was used its dialog opens by itself, for that passkey and this device alone', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const page = await owner.typeEmail(await rig.arrive(owner))
  t.is(page.heading, 'Use your passkey')
  t.not(page.passkeyForm('get').data['auto'], undefined)
  t.deepEqual(asked(page).allowCredentials, [{ id: owner.authenticator.credentials[0]!.id, type: 'public-key', transports: ['internal'] }] as never)
  t.like((await rig.decisions())[0], { show: 'automatic', reason: 'used_here', crossDevice: true })
  t.true((await owner.usePasskey(page)).elsewhere)
})

test('Safari waits for a press', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('laptop', 'safariMac')
  const page = await owner.typeEmail(await rig.arrive(owner))
  t.is(page.heading, 'Use your passkey')
  t.is(page.passkeyForm('get').data['auto'], undefined)
  t.like((await rig.decisions())[0], { show: 'button', reason: 'used_here_press' })
})

test('a browser that has just asked by itself is not asked at once again; a row of the list never asked', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const first = await rig.arrive(owner)
  const page = await owner.browser.submit(first, '/identifier', { button: 'Continue', values: { identifier: owner.email, capabilities: immediate, remember: '1' } })
  t.is(page.heading, 'Use your passkey')
  t.is(page.passkeyForm('get').data['auto'], undefined)
  t.true((await owner.usePasskey(page)).elsewhere)
  const back = await rig.arrive(owner)
  t.is(back.heading, 'Welcome back')
  const row = await owner.browser.submit(back, '/identifier', { button: `Continue as ${owner.email}`, values: { capabilities: immediate } })
  t.not(row.passkeyForm('get').data['auto'], undefined)
})

// A browser with a record of the account, in which no passkey was used: what is known of the passkeys decides.
const known: Record<string, [Kind, Agent, screen: string, heading: string, reason: string]> = {
  'a phone: use your phone': ['phone', 'chromeWindows', 'other-device', 'Use another device', 'on_phone'],
  'only a security key: say so': ['key', 'chromeWindows', 'other-device', 'Use your security key', 'security_key'],
  'iCloud Keychain on a Mac: first': ['icloud', 'safariMac', 'passkey', 'Use your passkey', 'synced_here'],
  'iCloud Keychain on Windows: the phone': ['icloud', 'chromeWindows', 'other-device', 'Use another device', 'on_phone'],
  'a password manager: first': ['manager', 'chromeWindows', 'passkey', 'Use your passkey', 'synced_here'],
  'inside another app: a code': ['icloud', 'inApp', 'email-otp', 'Check your email', 'in_app'],
}
for (const [name, [kind, agent, screen, heading, reason]] of Object.entries(known)) {
  test(`known by a code, ${name}`, async (t) => {
    const rig = await start(t)
    const visitor = await rig.knownByCode(await rig.owner(kind), agent)
    const page = await visitor.typeEmail(await rig.arrive(visitor))
    t.is(screenOf(page), screen)
    t.is(page.heading, heading)
    t.like((await rig.decisions())[0], { reason })
    if (screen === 'email-otp') return t.true(page.text.includes('You are inside another app'))
    t.is(page.passkeyForm('get').data['auto'], undefined, 'no dialog without a press')
    t.deepEqual(asked(page).allowCredentials, [], 'no id before a proof but what was used here')
    t.is(buttonsOf(page)[1], `Send a code to ${visitor.email} instead`)
  })
}

test('a laptop elsewhere: the code leads, the passkey button stands beside it', async (t) => {
  const rig = await start(t)
  const visitor = await rig.knownByCode(await rig.owner(), 'safariMac')
  const page = await visitor.typeEmail(await rig.arrive(visitor))
  t.is(screenOf(page), 'email-otp')
  t.deepEqual(asked(page).allowCredentials, [])
  t.like((await rig.decisions())[0], { show: 'autofill_only', reason: 'bound_elsewhere' })
})

test('a browser that knows nobody learns nothing: known and unknown, with and without a passkey, alike', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('manager')
  const stranger = rig.elsewhere(owner)
  const page = await stranger.typeEmail(await rig.arrive(stranger))
  t.is(screenOf(page), 'email-otp')
  t.like((await rig.decisions())[0], { show: 'autofill_only', reason: 'not_known' })
  t.deepEqual(asked(page).allowCredentials, [])
})

test('after two dialogs without a passkey another way leads, in this run and on the next visits, until one works', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const first = await owner.typeEmail(await rig.arrive(owner))
  const closed = await fail(owner, first)
  t.is(closed.heading, 'The passkey was not used')
  t.deepEqual(buttonsOf(closed).slice(0, 2), [`Send a code to ${owner.email}`, 'Try the passkey again'])
  await fail(owner, closed)

  const later = await rig.arrive(owner)
  t.is(buttonsOf(later)[0], 'Continue', 'the field comes first again')
  const page = await owner.typeEmail(later)
  t.is(screenOf(page), 'email-otp')
  t.like((await rig.decisions())[0], { show: 'other_method_first', reason: 'failed_here' })
  const methods = await owner.browser.open(`${page.url.pathname.replace('/email-otp', '')}/methods`)
  t.regex(buttonsOf(methods).at(-3) ?? '', /^Passkey on this device/, 'second, not gone')
  t.true((await owner.usePasskey(page)).elsewhere)

  t.is((await owner.typeEmail(await rig.arrive(owner))).heading, 'Use your passkey')
})

test('what failed 90 days ago is forgotten; a page that was old counts for nothing', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const page = await owner.typeEmail(await rig.arrive(owner))
  await fail(owner, await fail(owner, page))
  rig.server.advance(91 * 24 * 3_600_000)
  t.is((await owner.typeEmail(await rig.arrive(owner))).heading, 'Use your passkey')
})

test('more is asked of somebody known: all passkeys of the account, told once', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const visitor = await rig.knownByCode(owner)
  const authorization = await rig.app.authorize({ claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) })
  const page = await visitor.arrive(authorization)
  t.is(page.heading, 'Confirm it is you')
  t.deepEqual(asked(page).allowCredentials.map(({ id }) => id), [owner.authenticator.credentials[0]!.id])
  await visitor.browser.open(page.url)
  const decisions = await rig.decisions()
  t.is(decisions.filter(({ reason }) => reason === 'bound_elsewhere').length, 1)
})
