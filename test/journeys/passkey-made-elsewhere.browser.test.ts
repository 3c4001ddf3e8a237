/** Where each strategy has a passkey made, with a laptop, a phone and a security key: what is offered, asked for and refused, and the way on. */
import test, { type ExecutionContext } from 'ava'
import type { Chromium } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { androidPhone, type Apps, beside, buttons, count, sit, startApps, type Seat } from './passkey-browser-rig.ts'

let server: Apps
let chromium: Chromium
setUpChromium(startApps, (started) => ({ server, chromium } = started))

const offer = 'Sign in faster next time'

async function passkeysOf({ person: { email } }: Seat) {
  const identifier = await server.foundation.storage.identifiers.get(`email:${email}`)
  return server.foundation.storage.passkeys.listByAccount(identifier!.accountId)
}

/** From "Your passkey is ready" to the app. */
async function done(t: ExecutionContext, seat: Seat, where: { transports: string[]; attachment: string }) {
  const { person, tab } = seat
  await person.isAt('Your passkey is ready')
  const passkeys = await passkeysOf(seat)
  t.deepEqual(passkeys.map(({ transports, attachment }) => ({ transports, attachment })), [where])
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
}

/** The browser minds nothing of where a passkey is wanted. */
const careless = () => {
  const create = navigator.credentials.create.bind(navigator.credentials)
  navigator.credentials.create = (options) => {
    delete options?.publicKey?.authenticatorSelection?.authenticatorAttachment
    return create(options)
  }
}

const here = { transports: ['internal'], attachment: 'platform' }
// Chromium's plays a phone that is reached by Bluetooth too.
const onPhone = { transports: ['ble', 'hybrid'], attachment: 'cross-platform' }
const onKey = { transports: ['usb'], attachment: 'cross-platform' }

for (const strategy of ['minimize', 'standard'] as const) {
  test.serial(`sign-up, ${strategy}: on this device, and nowhere else`, async (t) => {
    const seat = await sit(chromium, server)
    const phone = await beside(seat.tab, { transport: 'hybrid' })
    await phone.setPresent(true)
    const { person } = seat
    await server.arrive(person, strategy)
    await person.signUp()
    await person.isAt(offer)
    t.deepEqual(await buttons(person), ['Create a passkey', 'Not now'])
    await person.press('Create a passkey')
    await done(t, seat, here)
    t.is(await count(phone), 0)
  })
}

for (const [strategy, kind] of [['minimize', 'hybrid'], ['standard', 'usb']] as const) {
  test.serial(`sign-up, ${strategy}, on a computer that keeps no passkey, with a device that does (${kind}): none is offered, and it is no error`, async (t) => {
    const { person, tab } = await sit(chromium, server, { authenticator: { transport: kind } })
    await server.arrive(person, strategy)
    await person.signUp()
    await person.isAt('You are signed in')
    t.is(await count(tab.authenticator), 0)
  })
}

for (const [kind, place] of [['hybrid', onPhone], ['usb', onKey]] as const) {
  test.serial(`sign-up, maximize: on the device beside (${kind}) alone`, async (t) => {
    const seat = await sit(chromium, server)
    const { person } = seat
    const other = await beside(seat.tab, { transport: kind })
    await other.setPresent(true)
    await server.arrive(person, 'maximize')
    await person.signUp()
    await person.isAt(offer)
    t.deepEqual(await buttons(person), ['Show the QR code', 'Not now'])
    await person.press('Show the QR code')
    await done(t, seat, place)
    t.is(await count(seat.tab.authenticator), 0)
  })
}

test.serial('sign-up, maximize, in a browser that keeps it here all the same: not taken, the keeper is told to drop it, and the phone is one press away', async (t) => {
  const seat = await sit(chromium, server)
  const { person, tab } = seat
  const phone = await beside(tab, { transport: 'hybrid' })
  await tab.page.addInitScript(careless)
  await server.arrive(person, 'maximize')
  await person.signUp()
  await person.isAt(offer)
  await person.press('Show the QR code')
  await person.isAt('No passkey was created')
  t.regex(await tab.page.locator('main').innerText(), /Example Shop asks for a passkey on your phone or on a security key\./)
  t.deepEqual(await passkeysOf(seat), [])
  await tab.page.waitForFunction(() => document.querySelector('[data-signal]') !== null)
  t.is(await count(tab.authenticator), 0, 'the browser has dropped it')
  await tab.authenticator.setPresent(false)
  await phone.setPresent(true)
  await person.press('Show the QR code')
  await done(t, seat, onPhone)
})

test.serial('sign-up, minimize, in a browser that makes it on the phone all the same: not taken, and this device is one press away', async (t) => {
  const seat = await sit(chromium, server)
  const { person, tab } = seat
  const phone = await beside(tab, { transport: 'hybrid' })
  await phone.setPresent(true)
  await tab.authenticator.setPresent(false)
  await tab.page.addInitScript(careless)
  await server.arrive(person, 'minimize')
  await person.signUp()
  await person.isAt(offer)
  await person.press('Create a passkey')
  await person.isAt('No passkey was created')
  t.regex(await tab.page.locator('main').innerText(), /Example Shop accepts only a passkey on this device\./)
  t.deepEqual(await passkeysOf(seat), [])
  await phone.setPresent(false)
  await tab.authenticator.setPresent(true)
  await person.press('Create a passkey')
  await done(t, seat, here)
})

test.serial('sign-up, maximize, on a phone: its own passkey leads', async (t) => {
  const seat = await sit(chromium, server, { context: androidPhone })
  const { person } = seat
  await server.arrive(person, 'maximize')
  await person.signUp()
  await person.isAt(offer)
  t.deepEqual(await buttons(person), ['Create a passkey', 'Not now', 'Use a phone or security key'])
  await person.press('Create a passkey')
  await done(t, seat, here)
})

// To an account that exists, after a code -----------------------------------------------------------------------------

const adding = [
  { strategy: 'minimize', shown: ['Create a passkey', 'Not now'], press: 'Create a passkey', kind: undefined, place: here },
  { strategy: 'standard', shown: ['Create a passkey', 'Not now', 'Use a phone or security key'], press: 'Use a phone or security key', kind: 'hybrid', place: onPhone },
  { strategy: 'maximize', shown: ['Show the QR code', 'Not now', 'Use this device'], press: 'Show the QR code', kind: 'usb', place: onKey },
  { strategy: 'maximize', shown: ['Show the QR code', 'Not now', 'Use this device'], press: 'Use this device', kind: undefined, place: here },
] as const

for (const { strategy, shown, press, kind, place } of adding) {
  test.serial(`after a code, ${strategy}: "${press}"`, async (t) => {
    const { email } = await server.account()
    const seat = await sit(chromium, server, { email })
    const { person, tab } = seat
    if (kind) await (await beside(tab, { transport: kind })).setPresent(true)
    await server.arrive(person, strategy)
    await person.signInByCode()
    await person.isAt(offer)
    t.deepEqual(await buttons(person), [...shown])
    await person.press(press)
    await done(t, seat, place)
  })
}

for (const [strategy, kind] of [['minimize', 'usb'], ['standard', 'hybrid']] as const) {
  test.serial(`after a code, ${strategy}, on a computer that keeps no passkey: none is offered`, async (t) => {
    const { email } = await server.account()
    const { person, tab } = await sit(chromium, server, { email, authenticator: { transport: kind } })
    await server.arrive(person, strategy)
    await person.signInByCode()
    await person.isAt('You are signed in')
    t.deepEqual(tab.complaints, [])
  })
}
