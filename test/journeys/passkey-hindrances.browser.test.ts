/** Passkeys where something is missing: script, the connection, a mouse, a browser of one's own. */
import test, { type ExecutionContext } from 'ava'
import type { Chromium } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { androidPhone, type Apps, buttons, count, hold, kinds, type Seat, sit, signOut, startApps } from './passkey-browser-rig.ts'

let server: Apps
let chromium: Chromium
setUpChromium(startApps, (started) => ({ server, chromium } = started))

async function owner(): Promise<Seat> {
  const { email, passkey } = await server.account(kinds.internal)
  const seat = await sit(chromium, server, { email })
  await hold(seat.tab.authenticator, passkey!)
  return seat
}

/** Tab until something with these words has the focus. */
async function focusOn(t: ExecutionContext, { page }: Seat['tab'], name: string | RegExp) {
  for (let stops = 0; stops < 30; stops++) {
    await page.keyboard.press('Tab')
    if (await page.locator(':focus').filter({ hasText: name }).count()) return
  }
  t.fail(`Tab never reached "${name}"`)
}

test.serial('without JavaScript: sign-up, sign-in by code, a passkey renamed, and a sign-out after which the device is forgotten', async (t) => {
  const plain = await sit(chromium, server, { context: { javaScriptEnabled: false } })
  await server.arrive(plain.person)
  await plain.person.signUp()
  await plain.person.isAt('You are signed in')
  await signOut(plain.person, server)
  await server.arrive(plain.person)
  await plain.person.signInByCode()
  await plain.person.isAt('You are signed in')
  await plain.tab.context.close()

  // The passkey was made elsewhere, where there is script; there they are signed in by it, here by its cookies.
  const made = await owner()
  await server.arrive(made.person)
  await made.person.isAt('You are signed in')
  const { person, tab } = await sit(chromium, server, { email: made.person.email, context: { javaScriptEnabled: false, storageState: await made.tab.context.storageState() } })
  const { page } = tab
  await page.goto(`${server.issuer}/account/passkeys`)
  await person.isAt('Passkeys')
  await page.getByRole('link', { name: /^Rename/ }).click()
  await page.getByLabel('Name').fill('The laptop in the kitchen')
  await person.press('Save')
  await page.getByText('It is now called The laptop in the kitchen.').waitFor()
  await page.goto(`${server.issuer}/session/end`)
  const device = (await tab.context.cookies()).find(({ name }) => name.includes('device'))?.value
  t.truthy(device)
  await page.getByLabel('Forget this device').check()
  await person.press('Sign out')
  await person.isAt('You are signed out')
  t.not((await tab.context.cookies()).find(({ name }) => name.includes('device'))?.value, device)
  await page.goto(`${server.issuer}/account/passkeys`)
  t.is(await page.getByText('The laptop in the kitchen').count(), 0)
})

test.serial('inside another app: no passkey button, what to do instead, and a code signs in', async (t) => {
  const { email } = await server.account(kinds.internal)
  const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]'
  const { person, tab } = await sit(chromium, server, { email, context: { ...androidPhone, userAgent } })
  await server.arrive(person)
  await person.isAt('Sign in')
  t.regex(await tab.page.locator('main').innerText(), /You are inside another app.*Open in Safari/)
  t.deepEqual((await buttons(person)).filter((text) => /passkey/i.test(text)), [])
  await person.signInByCode()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('over a slow line: made, and used by a press that comes twice', async (t) => {
  const { email } = await server.account()
  const { person, tab } = await sit(chromium, server, { email })
  await tab.devtools.send('Network.enable')
  await tab.devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 20_000, uploadThroughput: 10_000 })
  await server.arrive(person)
  await person.signInByCode()
  await person.isAt('Sign in faster next time')
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
  await signOut(person, server)

  let posts = 0
  tab.page.on('request', (request) => void (request.method() === 'POST' && new URL(request.url()).pathname.endsWith('/passkey') && posts++))
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  await tab.authenticator.setPresent(true)
  await tab.page.getByRole('button', { name: 'Continue with a passkey' }).dblclick({ noWaitAfter: true })
  await person.isAt('You are signed in')
  t.is(posts, 1)
  t.deepEqual(tab.complaints, [])
})

test.serial('offline while the dialog is open: the page stays and says so, and its press goes on where it was', async (t) => {
  const { person, tab } = await owner()
  const { page, context, authenticator } = tab
  await authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  await context.setOffline(true)
  await authenticator.setPresent(true)
  await person.press('Sign in with a passkey')
  await page.getByText('You are offline, or we did not answer.').waitFor()
  await person.press('Try again')
  await page.getByText('You are offline, or we did not answer.').waitFor()
  t.is(await page.locator('h1').textContent(), 'Sign in')
  await context.setOffline(false)
  await person.press('Try again')
  await person.isAt('You are signed in')
})

test.serial('offline while a passkey is made: nothing is lost', async (t) => {
  const { email } = await server.account()
  const { person, tab } = await sit(chromium, server, { email })
  await server.arrive(person)
  await person.signInByCode()
  await person.isAt('Sign in faster next time')
  await tab.context.setOffline(true)
  await person.press('Create a passkey')
  await tab.page.getByText('You are offline, or we did not answer.').waitFor()
  t.is(await count(tab.authenticator), 1)
  await tab.context.setOffline(false)
  await person.press('Try again')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
})

test.serial('by keyboard alone: signed in by a code, a passkey made, and signed in with it', async (t) => {
  const { email } = await server.account()
  const { person, tab } = await sit(chromium, server, { email })
  const { page } = tab
  await server.arrive(person)
  await person.isAt('Sign in')
  await page.keyboard.type(email)
  await page.keyboard.press('Enter')
  await person.isAt('Check your email')
  await person.typeCode()
  await person.isAt('Sign in faster next time')
  await focusOn(t, tab, 'Create a passkey')
  await page.keyboard.press('Enter')
  await person.isAt('Your passkey is ready')
  await focusOn(t, tab, /^Continue to /)
  await page.keyboard.press('Enter')
  await person.isAt('You are signed in')
  await signOut(person, server)

  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  await tab.authenticator.setPresent(true)
  await focusOn(t, tab, 'Continue with a passkey')
  await page.keyboard.press('Space')
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})
