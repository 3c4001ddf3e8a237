/** Signing in with the passkey of a phone or a security key: where each strategy takes it, and what helps where it does not. */
import test from 'ava'
import type { Chromium, TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { androidPhone, type Apps, beside, buttons, count, hold, kinds, sit, signOut, startApps } from './passkey-browser-rig.ts'

let server: Apps
let chromium: Chromium
setUpChromium(startApps, (started) => ({ server, chromium } = started))

/** The owner of a passkey on a phone or key, in a browser that knows nobody, with that device beside it. */
async function owner(kind: 'hybrid' | 'usb', options: TabOptions = {}) {
  const { email, passkey, id } = await server.account(kinds[kind])
  const seat = await sit(chromium, server, { email, ...options })
  const other = await beside(seat.tab, { transport: kind })
  await hold(other, passkey!)
  return { ...seat, other, id }
}

test.serial('minimize: a phone is nowhere among the ways, its answer is not taken, and a code leads on', async (t) => {
  const { person, tab, other, id } = await owner('hybrid', { immediate: true })
  await server.arrive(person, 'minimize')
  await person.continueWithEmail()
  await person.isAt('Check your email')
  t.deepEqual((await buttons(person)).filter((text) => /phone|QR|security key/i.test(text)), [])
  await tab.page.getByRole('link', { name: 'Try another way' }).click()
  await person.isAt('Choose how to sign in')
  t.is(await tab.page.getByText('Passkey on my phone').count(), 0)
  // Chromium's plays a browser that hands on the phone's answer, whatever was asked for.
  await other.setPresent(true)
  await person.press(/^Passkey on this device/)
  await person.isAt('Example Shop accepts only a passkey on this device')
  t.is((await buttons(person))[0], `Send a code to ${person.email}`)
  t.is((await server.foundation.storage.passkeys.listByAccount(id)).length, 1, 'the passkey stays')
  await other.setPresent(false)
  server.advance(60_000)
  await person.press(`Send a code to ${person.email}`)
  await person.isAt('Check your email')
  await person.typeCode()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('minimize: a key that answers the first screen is told so, and the field is there', async (t) => {
  const { person, tab, other } = await owner('usb')
  await other.setPresent(true)
  await server.arrive(person, 'minimize')
  await tab.page.getByText('Example Shop accepts only a passkey on this device.').waitFor()
  await person.isAt('Sign in')
  await person.signInByCode()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

for (const [kind, title] of [['hybrid', 'No phone next time?'], ['usb', 'No security key next time?']] as const) {
  test.serial(`standard: the device beside (${kind}) signs in by a press of its own; then one is made here, which the next sign-in uses`, async (t) => {
    const { person, tab, other } = await owner(kind)
    await server.arrive(person, 'standard')
    await person.continueWithEmail()
    await person.isAt('Check your email')
    await tab.page.getByRole('link', { name: 'Try another way' }).click()
    await person.press(/^Passkey on my phone, or a security key/)
    await person.isAt('Use another device')
    await other.setPresent(true)
    await person.press('Show the QR code')
    await person.isAt(title)
    await other.setPresent(false)
    await person.press('Create a passkey')
    await person.isAt('Your passkey is ready')
    t.is(await count(tab.authenticator), 1)
    await person.press(/^Continue to /)
    await person.isAt('You are signed in')
    await signOut(person, server)
    await server.arrive(person, 'standard')
    await person.isAt('You are signed in')
    t.deepEqual(tab.complaints, [])
  })
}

test.serial('standard: a dialog for the phone that ends without it leads to a code', async (t) => {
  const { person, tab, other } = await owner('hybrid')
  await server.arrive(person, 'standard')
  await person.continueWithEmail()
  await tab.page.getByRole('link', { name: 'Try another way' }).click()
  await person.press(/^Passkey on my phone, or a security key/)
  await other.setPresent(true)
  await other.setUserVerified(false)
  await person.press('Show the QR code')
  await person.isAt(/^(The passkey was not used|There is no passkey for .* on this device)$/)
  t.is((await buttons(person))[0], `Send a code to ${person.email}`)
  await other.setPresent(false)
  server.advance(60_000)
  await person.press(`Send a code to ${person.email}`)
  await person.isAt('Check your email')
  await person.typeCode()
  await tab.page.getByRole('heading', { level: 1, name: /^(Sign in faster next time|You are signed in)$/ }).waitFor()
})

for (const kind of ['hybrid', 'usb'] as const) {
  test.serial(`maximize: the device beside (${kind}) comes first, before anything is typed, and nothing is offered after it`, async (t) => {
    const { person, tab, other } = await owner(kind)
    await server.arrive(person, 'maximize')
    await person.isAt('Sign in')
    t.deepEqual((await buttons(person)).slice(0, 3), ['Show the QR code', 'Use a passkey on this device', 'Continue'])
    await other.setPresent(true)
    await person.press('Show the QR code')
    await person.isAt('You are signed in')
    t.deepEqual(tab.complaints, [])
  })
}

for (const strategy of ['minimize', 'standard', 'maximize'] as const) {
  test.serial(`${strategy}: the passkey of this device works`, async (t) => {
    const { email, passkey } = await server.account(kinds.internal)
    const { person, tab } = await sit(chromium, server, { email, immediate: true })
    await hold(tab.authenticator, passkey!)
    await tab.authenticator.setPresent(false)
    await server.arrive(person, strategy)
    await person.isAt('Sign in')
    await tab.authenticator.setPresent(true)
    await person.press(strategy === 'maximize' ? 'Use a passkey on this device' : 'Sign in with a passkey')
    await tab.page.getByRole('heading', { level: 1, name: /^(Sign in faster next time|You are signed in)$/ }).waitFor()
    t.deepEqual(tab.complaints, [])
  })
}

for (const strategy of ['standard', 'maximize'] as const) {
  test.serial(`on a phone, ${strategy}: its own passkey, and a security key beside it`, async (t) => {
    const { email, passkey } = await server.account({ ...kinds.internal, transports: ['internal', 'hybrid'] })
    const { person, tab } = await sit(chromium, server, { email, context: androidPhone })
    await hold(tab.authenticator, passkey!)
    await tab.authenticator.setPresent(false)
    await server.arrive(person, strategy)
    await person.isAt('Sign in')
    t.is((await buttons(person))[0], 'Continue')
    await tab.authenticator.setPresent(true)
    await tab.page.getByRole('button', { name: 'Sign in with a passkey' }).tap()
    await person.isAt('You are signed in')
    await signOut(person, server)

    const withKey = await owner('usb', { context: androidPhone })
    await server.arrive(withKey.person, strategy)
    await withKey.person.continueWithEmail()
    await withKey.tab.page.getByRole('link', { name: 'Try another way' }).click()
    await withKey.person.press(/^Passkey on my phone, or a security key/)
    await withKey.other.setPresent(true)
    await withKey.person.press('Show the QR code')
    await withKey.tab.page.getByRole('heading', { level: 1, name: /^(No security key next time\?|You are signed in)$/ }).waitFor()
  })
}
