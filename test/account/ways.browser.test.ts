/** The account in a real browser: by mouse, by keyboard, on a phone, in the dark, in German. */
import test, { type ExecutionContext } from 'ava'
import { type Chromium, narrow, phone, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { createPerson, type Person } from '../helpers/person.ts'

let server: InProcess
let chromium: Chromium
setUpChromium(startInProcess, (started) => ({ server, chromium } = started))

const minute = 60_000
let count = 0

/** Somebody with an account and a passkey, signed in at the demo app. */
async function newOwner(options: TabOptions = {}): Promise<{ tab: Tab; person: Person }> {
  const tab = await chromium.open(options)
  const person = createPerson(server, tab, `owner${++count}@example.com`)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.ignoreMail()
  return { tab, person }
}

async function looksRight(t: ExecutionContext, tab: Tab, what: string): Promise<void> {
  t.deepEqual(await seriousViolations(tab), [], what)
  t.is(await sidewaysScroll(tab), 0, what)
}

async function typeCodeFor(tab: Tab, email: string): Promise<void> {
  const { text } = await server.mailTo(email)
  await tab.page.getByLabel('Code').pressSequentially(/^\s*(\d{6,8})\s*$/m.exec(text)?.[1] ?? '')
  await tab.page.keyboard.press('Enter')
}

test.serial('from the app: an address is added after the passkey was used once more, and the change is what is focused', async t => {
  const { tab, person } = await newOwner()
  const { page } = tab
  server.advance(6 * minute)
  await page.getByRole('link', { name: /^Change how you sign in/ }).click()
  await person.isAt('Your account')
  await page.getByRole('main').getByRole('link', { name: /^Ways to sign in/ }).click()
  await person.isAt('Ways to sign in')
  await looksRight(t, tab, 'the list')
  await page.getByRole('link', { name: 'Add an email' }).click()
  await person.isAt('Confirm it is you')
  await person.press('Confirm with a passkey')
  await person.isAt('Add an email')
  await looksRight(t, tab, 'the field')
  t.is(await page.evaluate(() => document.activeElement?.id), 'identifier')
  await page.keyboard.type('second@example.com')
  await page.keyboard.press('Enter')
  await person.isAt('Confirm your email')
  await looksRight(t, tab, 'the code')
  await typeCodeFor(tab, 'second@example.com')
  await person.isAt('Ways to sign in')
  await looksRight(t, tab, 'done')
  t.regex((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Added: second@example\.com/)
  await page.getByRole('link', { name: 'Remove second@example.com' }).click()
  await person.isAt('Remove second@example.com?')
  await looksRight(t, tab, 'the removal')
  await person.press('Remove')
  await page.getByText('Removed: second@example.com.').waitFor()
  t.deepEqual(tab.complaints, [])
})

test.serial('by keyboard: past the navigation, and out', async t => {
  const { tab, person } = await newOwner()
  const { page } = tab
  await page.goto(`${server.issuer}/account`)
  await person.isAt('Your account')
  await page.keyboard.press('Tab')
  t.is(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  t.true(await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement)))
  await page.getByRole('link', { name: 'Sign out' }).click()
  await person.isAt(/^Sign out of /)
  await person.press('Sign out')
  await person.isAt('You are signed out')
  await page.goBack()
  await page.goBack()
  t.false(await page.getByText(person.email).isVisible(), 'nothing is left to be seen')
})

test.serial('on a phone the ways to other pages are behind a button', async t => {
  const { tab, person } = await newOwner({ context: phone })
  const { page } = tab
  await page.goto(`${server.issuer}/account`)
  await person.isAt('Your account')
  t.false(await page.getByRole('link', { name: 'Sign out' }).isVisible())
  await page.getByText('Menu').click()
  t.true(await page.getByRole('link', { name: 'Sign out' }).isVisible())
  await looksRight(t, tab, 'with the menu open')
})

for (const [name, context] of Object.entries({
  'the narrowest screen': narrow,
  'the dark': { colorScheme: 'dark' as const },
  'German': { ...phone, locale: 'de-DE' },
})) {
  test.serial(`it looks right in ${name}`, async t => {
    const { tab: { context: signedIn } } = await newOwner()
    const tab = await chromium.open({ context })
    await tab.context.addCookies((await signedIn.cookies()).filter(cookie => cookie.name !== 'latchkey_locale'))
    for (const path of ['ways', 'identifier-add/email']) {
      await tab.page.goto(`${server.issuer}/account/${path}`)
      await looksRight(t, tab, path)
    }
    await tab.page.goto(`${server.issuer}/account/ways`)
    await tab.page.locator('a[href*="identifier-remove"]').click()
    await looksRight(t, tab, 'the removal that is refused')
    t.deepEqual(tab.complaints, [])
  })
}

test.serial('without script everything but the passkey works', async t => {
  const { tab: { context: signedIn } } = await newOwner()
  const tab = await chromium.open({ context: { javaScriptEnabled: false } })
  await tab.context.addCookies(await signedIn.cookies())
  const { page } = tab
  await page.goto(`${server.issuer}/account/identifier-add/email`)
  await page.getByLabel('Email').fill('plain@example.com')
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.getByRole('button', { name: 'Send a new code' }).waitFor()
  await typeCodeFor(tab, 'plain@example.com')
  await page.getByText('Added: plain@example.com.').waitFor()
  await page.getByRole('button', { name: 'Make it the main address: plain@example.com' }).click()
  await page.getByText('plain@example.com is now your main one.').waitFor()
  t.pass()
})
