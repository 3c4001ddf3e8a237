/** New accounts in a real browser: with every kind of identifier, with a passkey from the start, and with recovery codes. */
import test, { type ExecutionContext } from 'ava'
import { type Chromium, phone, startChromium, type Tab } from '../helpers/chromium.ts'
import { seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let chromium: Chromium
test.before(async () => {
  chromium = await startChromium()
})
test.after.always(() => chromium?.close())

async function start(t: ExecutionContext, config: Record<string, unknown>): Promise<Server> {
  const server = await startServer({ config })
  t.teardown(() => server.dispose())
  return server
}

async function codeFor(server: Server, to: string): Promise<string> {
  const { text } = await server.mailTo(to)
  return /(?:^|\n)\s*(\d{6,8})\b/.exec(text)?.[1] ?? ''
}

async function looksRight(t: ExecutionContext, tab: Tab): Promise<void> {
  t.deepEqual(await seriousViolations(tab), [])
  t.is(await sidewaysScroll(tab), 0)
  t.is(await tab.page.locator('.button.primary:visible').count(), 1)
}

test.serial('email, phone and name: two codes, then a passkey; on a phone', async (t) => {
  const server = await start(t, { identifiers: { phone: { signUp: 'required', defaultRegion: 'GB' }, username: { signUp: 'required', signIn: true } } })
  const tab = await chromium.open({ context: phone })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.press('Create an account')
  await person.isAt('Create your account')
  await person.press('Continue')
  await tab.page.getByRole('alert').waitFor()
  t.is(await tab.page.getByRole('alert').getByRole('link').count(), 3)
  await looksRight(t, tab)
  await tab.page.getByLabel('Email').fill(person.email)
  await tab.page.getByLabel('Mobile number').fill('07911 123456')
  await tab.page.getByLabel('Username').fill('Maya')
  await person.press('Continue')
  await person.isAt('Confirm your email')
  await person.typeCode()
  await person.isAt('Confirm your mobile number')
  await looksRight(t, tab)
  await tab.page.getByLabel('Code').pressSequentially(await codeFor(server, '+447911123456'))
  await tab.page.keyboard.press('Enter')
  await person.createPasskey()
  t.deepEqual(tab.complaints.filter((text) => !text.includes('400')), [])
})

test.serial('strategy none: the account begins with a passkey; a closed window leaves another try and the code', async (t) => {
  const server = await start(t, { verification: { strategy: 'none' } })
  const tab = await chromium.open({ context: phone })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.press('Create an account')
  await tab.page.getByLabel('Email').fill(person.email)
  await person.press('Continue')
  await person.isAt('Create your passkey')
  await looksRight(t, tab)
  await tab.authenticator.setUserVerified(false)
  await person.press('Create a passkey')
  await person.isAt('No passkey was created')
  await looksRight(t, tab)
  await tab.authenticator.setUserVerified(true)
  await person.press('Try again')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
  t.true(await tab.page.getByText('phr', { exact: true }).isVisible())
  t.deepEqual(await server.outbox(), [])
})

test.serial('a username alone: the codes are shown, kept, and then the app', async (t) => {
  const server = await start(t, { identifiers: { email: { signUp: 'off', signIn: false }, username: { signUp: 'required', signIn: true } } })
  const tab = await chromium.open({ context: phone })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.press('Create an account')
  await tab.page.getByLabel('Username').fill('maya')
  await person.press('Continue')
  await person.isAt('Save your recovery codes')
  await looksRight(t, tab)
  await person.press('Show my codes')
  await tab.page.locator('.recovery-codes').waitFor()
  t.is(await tab.page.locator('.recovery-codes li').count(), 10)
  await looksRight(t, tab)
  const download = tab.page.waitForEvent('download')
  await person.press('Download')
  t.is((await download).suggestedFilename(), 'recovery-codes.txt')
  await tab.page.getByLabel('I saved them').check()
  await person.press('Continue')
  await person.createPasskey()
})

/** `before_first_login`: straight in, at the app, with nothing proven and no passkey. */
async function straightIn() {
  const server = await startServer({ config: { verification: { strategy: 'before_first_login' } } })
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.press('Create an account')
  await tab.page.getByLabel('Email').fill(person.email)
  await person.press('Continue')
  await person.isAt('Sign in faster next time')
  await person.press('Not now')
  await person.isAt('You are signed in')
  return { server, tab, person }
}

test.serial('before_first_login: straight in, and back in the same browser the address is confirmed', async (t) => {
  const { server, tab, person } = await straightIn()
  t.teardown(() => server.dispose())
  t.deepEqual(await server.outbox(), [], 'nothing was asked for')
  // The app forgets the person; the browser does not.
  await tab.context.clearCookies({ name: /demo/ })
  await person.goToSignIn()
  await person.isAt('Confirm your email')
  await looksRight(t, tab)
  await person.press('Send me a code')
  await person.typeCode()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('before_first_login: whoever proves the address in another browser is asked whose account it is', async (t) => {
  const { server, person } = await straightIn()
  t.teardown(() => server.dispose())
  const tab = await chromium.open()
  const elsewhere = createPerson(server, tab, person.email)
  await elsewhere.goToSignIn()
  await elsewhere.signInByCode()
  await elsewhere.isAt('Did you start this account elsewhere?')
  await looksRight(t, tab)
  await elsewhere.press('Start a new account')
  await elsewhere.isAt('Sign in faster next time')
  await elsewhere.press('Not now')
  await elsewhere.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})
