/** Passkeys from the first paint to the last resort: autofill, dialogs that are closed, two people in one browser, passkeys that are gone, pages left open. */
import test from 'ava'
import type { Chromium, Tab } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { codeLine } from '../helpers/server.ts'
import { type Account, type Apps, buttons, count, hold, kinds, type Seat, sit, signOut, startApps } from './passkey-browser-rig.ts'

let server: Apps
let chromium: Chromium
setUpChromium(startApps, (started) => ({ server, chromium } = started))

const minute = 60_000
const hour = 60 * minute

/** The owner of a passkey that this browser holds; `known`: and has signed in with, before. */
async function owner({ known = false, immediate = false } = {}): Promise<Seat & { account: Account }> {
  const account = await server.account(kinds.internal)
  const seat = await sit(chromium, server, { email: account.email, immediate })
  await hold(seat.tab.authenticator, account.passkey!)
  if (known) {
    await server.arrive(seat.person)
    await seat.person.isAt('You are signed in')
    await signOut(seat.person, server)
  }
  return { ...seat, account }
}

/** What the page posted as the end of a passkey dialog. */
function answersOf({ page }: Tab): string[] {
  const mediations: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'POST' || !new URL(request.url()).pathname.endsWith('/passkey')) return
    const body = new URLSearchParams(request.postData() ?? '')
    mediations.push(`${body.get('mediation')} ${body.get('response') ? 'passkey' : body.get('error')}`)
  })
  return mediations
}

test.serial('autofill is there with the first paint, before anything is pressed', async (t) => {
  const { person, tab } = await owner()
  const answers = answersOf(tab)
  await server.arrive(person)
  await person.isAt('You are signed in')
  t.deepEqual(answers, ['conditional passkey'])
  t.deepEqual(tab.complaints, [])
})

test.serial('Continue with a passkey here asks for it, and no code is sent', async (t) => {
  const { person, tab, account } = await owner({ immediate: true })
  const answers = answersOf(tab)
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  await tab.authenticator.setPresent(true)
  await tab.page.getByLabel('Email').fill(account.email)
  await person.press('Continue')
  await person.isAt('You are signed in')
  t.deepEqual(answers, ['immediate passkey'])
  const codes = (await server.outbox()).filter(({ to, text }) => to === account.email && codeLine.test(text))
  t.is(codes.length, 1, 'that of the sign-up')
})

test.serial('the button without a passkey here: said on the page at once, no dialog, and the field has the way on', async (t) => {
  const { email } = await server.account(kinds.internal)
  const { person, tab } = await sit(chromium, server, { email, immediate: true })
  const answers = answersOf(tab)
  await server.arrive(person)
  await person.press('Sign in with a passkey')
  await tab.page.getByText('There is no passkey for Latchkey on this device').waitFor()
  await person.isAt('Sign in')
  t.deepEqual(answers, ['immediate NotAllowedError'])
  await person.signInByCode()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('Continue without a passkey here goes silently on to the code', async (t) => {
  const { email } = await server.account(kinds.internal)
  const { person, tab } = await sit(chromium, server, { email })
  const answers = answersOf(tab)
  await server.arrive(person)
  await person.signInByCode()
  await person.isAt('You are signed in')
  t.deepEqual(answers, [])
})

test.serial('on a device that is known the dialog starts by itself after Continue, where the first page cannot ask', async (t) => {
  const { person, tab, account } = await owner({ known: true })
  const answers = answersOf(tab)
  // A browser without immediate mode.
  await tab.page.addInitScript(() => {
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalGet: true, userVerifyingPlatformAuthenticator: true, immediateGet: false })
  })
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  t.is((await buttons(person))[0], 'Continue with a passkey')
  await tab.page.getByLabel('Email').fill(account.email)
  await tab.authenticator.setPresent(true)
  await person.press('Continue')
  await person.isAt('You are signed in')
  t.deepEqual(answers, ['automatic passkey'])
  t.deepEqual(tab.complaints, [])
})

test.serial('closed once, the passkey is still offered and works; closed twice it comes second, and first again after it worked', async (t) => {
  const { person, tab, account } = await owner({ known: true })
  const { page, authenticator } = tab
  const press = async (name: string, { verified }: { verified: boolean }) => {
    await authenticator.setUserVerified(verified)
    await authenticator.setPresent(true)
    await person.press(name)
  }
  const visit = async () => {
    await authenticator.setPresent(false)
    await server.arrive(person)
    await person.isAt('Sign in')
  }
  await visit()
  await press('Continue with a passkey', { verified: false })
  await page.getByText(/The passkey was not used|There is no passkey for/).waitFor()
  await visit()
  t.is((await buttons(person))[0], 'Continue with a passkey', 'one says little')
  await press('Continue with a passkey', { verified: false })
  await page.getByText(/The passkey was not used|There is no passkey for/).waitFor()

  await visit()
  t.is((await buttons(person))[0], 'Continue', 'it has not gone, but comes second')
  await page.getByLabel('Email').fill(account.email)
  await authenticator.clear()
  await authenticator.setPresent(true)
  await person.press('Continue')
  await person.isAt('Check your email')
  await hold(authenticator, account.passkey!)
  await visit()
  await press('Sign in with a passkey', { verified: true })
  await person.isAt('You are signed in')
  await signOut(person, server)
  await visit()
  t.is((await buttons(person))[0], 'Continue with a passkey')
  t.deepEqual(tab.complaints, [])
})

test.serial('two people in one browser: whoever is named is asked for, and the passkey of the other one is told apart', async (t) => {
  const { person, tab, account } = await owner({ known: true, immediate: true })
  const other = await server.account(kinds.internal)
  await tab.authenticator.clear()
  await hold(tab.authenticator, other.passkey!)
  await server.arrive(person)
  await person.isAt('You are signed in')
  await signOut(person, server)

  // The passkey of the one, while the address of the other stands in the field.
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await tab.page.getByLabel('Email').fill(account.email)
  await tab.authenticator.setPresent(true)
  await person.press('Continue')
  await person.isAt('That passkey belongs to another account')
  t.true(await tab.page.getByText(other.email).first().isVisible())
  t.is((await buttons(person))[0], `Sign in as ${other.email}`)
  await person.press(`Sign in as ${other.email}`)
  await person.isAt('You are signed in')
  await signOut(person, server)

  // Both are here: by the page for the one who is named only theirs will do.
  await hold(tab.authenticator, account.passkey!)
  await tab.page.addInitScript(() => {
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalGet: true, userVerifyingPlatformAuthenticator: true, immediateGet: false })
  })
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await tab.page.getByLabel('Email').fill(account.email)
  await tab.authenticator.setPresent(true)
  await person.press('Continue')
  await person.isAt('You are signed in')
  await tab.page.goto(`${server.issuer}/account`)
  await tab.page.getByText(account.email).first().waitFor({ state: 'attached' })
  t.is(await tab.page.getByText(other.email).count(), 0)
})

test.serial('no account has it any more: the page says so, the browser drops it, and a code signs in', async (t) => {
  const { person, tab, account } = await owner()
  await server.foundation.storage.passkeys.delete(account.passkey!.id)
  await server.arrive(person)
  await tab.page.getByText('This passkey was removed from your account').waitFor()
  await person.isAt('Sign in')
  t.is(await count(tab.authenticator), 0)
  await person.signInByCode()
  await tab.page.getByRole('heading', { level: 1, name: 'You are signed in' }).waitFor()
  t.deepEqual(tab.complaints, [])
})

test.serial('one whose removal can be undone: the same words, and the browser keeps it', async (t) => {
  const { person, tab, account } = await owner()
  await server.foundation.storage.passkeys.update(account.passkey!.id, (passkey) => ({ ...passkey, removedAt: 1 }))
  await server.arrive(person)
  await tab.page.getByText('This passkey was removed from your account').waitFor()
  await tab.page.waitForLoadState('networkidle')
  t.is(await count(tab.authenticator), 1)
  t.is(await tab.page.locator('[data-signal]').count(), 0)
})

test.serial('a page that is open for as long as its sign-in may take: the press signs in', async (t) => {
  const { person, tab } = await owner()
  await tab.page.clock.install()
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  server.advance(hour)
  await tab.page.clock.fastForward(hour)
  await tab.authenticator.setPresent(true)
  await person.press('Sign in with a passkey')
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('… and for longer: said so, nothing is lost, and the app starts it anew', async (t) => {
  const { person, tab } = await owner()
  await tab.page.clock.install()
  await tab.authenticator.setPresent(false)
  await server.arrive(person)
  await person.isAt('Sign in')
  server.advance(3 * hour)
  await tab.page.clock.fastForward(3 * hour)
  // The browser's own clock drops the cookie by now.
  await tab.context.clearCookies({ name: /interaction/ })
  await tab.authenticator.setPresent(true)
  await person.press('Sign in with a passkey')
  await person.isAt('This page was open too long')
  t.true(await tab.page.getByText('Nothing is lost.').isVisible())
  await tab.page.locator('main a.primary, main .primary').first().click()
  await tab.page.waitForURL((url) => url.origin !== server.issuer || url.pathname.startsWith('/auth') || url.pathname.startsWith('/interaction'))
  await server.arrive(person)
  await person.isAt('You are signed in')
})

test.serial('an offer of a passkey that stood there for long: the press gets a fresh challenge, and makes it', async (t) => {
  const { email } = await server.account()
  const { person, tab } = await sit(chromium, server, { email })
  await tab.page.clock.install()
  await server.arrive(person)
  await person.signInByCode()
  await person.isAt('Sign in faster next time')
  server.advance(4 * minute)
  await tab.page.clock.fastForward(4 * minute)
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  t.deepEqual(tab.complaints, [])
})

test.serial('… for too long: the code counts no more, which is said before anything is made; another one does', async (t) => {
  const { email } = await server.account()
  const { person, tab } = await sit(chromium, server, { email })
  await tab.page.clock.install()
  await server.arrive(person)
  await person.signInByCode()
  await person.isAt('Sign in faster next time')
  server.advance(20 * minute)
  await tab.page.clock.fastForward(20 * minute)
  await person.press('Create a passkey')
  await person.isAt('Confirm it is you')
  t.is(await count(tab.authenticator), 0, 'none is made that would then be refused')
  await person.press(`Send a code to ${email}`)
  await person.isAt('Check your email')
  await person.typeCode()
  await person.isAt('Sign in faster next time')
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
})
