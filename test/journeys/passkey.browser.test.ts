/** The main job in a real browser, through the demo app: Chromium with its virtual authenticator. */
import { join } from 'node:path'
import test from 'ava'
import { openStorage } from '../../src/storage/index.ts'
import { type Chromium, phone } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(startServer, (started) => ({ server, chromium } = started))

test.serial('a newcomer signs up with a passkey; coming back, autofill signs in by itself', async t => {
  const tab = await chromium.open({ authenticator: { synced: true } })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.isAt('Sign in')
  await person.signUp()
  await person.createPasskey()
  t.is((await tab.authenticator.credentials()).length, 1)
  t.true(await tab.page.getByText('phr', { exact: true }).isVisible())

  await person.signOut()
  const asserted = tab.authenticator.next('credentialAsserted')
  await person.goToSignIn()
  await asserted
  await person.isAt('You are signed in')
  t.true(await tab.page.getByText(person.email).first().isVisible())
  t.deepEqual(tab.complaints, [])
})

test.serial('the button works while autofill waits', async t => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()

  await tab.authenticator.setPresent(false)
  await person.goToSignIn()
  await person.isAt('Sign in')
  await tab.authenticator.setPresent(true)
  await person.press('Continue with a passkey')
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('a passkey dialog that is cancelled ends with another way first, and a code signs in', async t => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()

  await tab.authenticator.setUserVerified(false)
  await person.goToSignIn()
  await person.isAt('Sign in')
  await person.press('Continue with a passkey')
  await tab.page.getByText(/The passkey was not used|There is no passkey for/).waitFor()
  await person.isAt('Sign in')
  await person.continueWithEmail()
  await person.press(`Send a code to ${person.email} instead`)
  await person.isAt('Check your email')
  await person.typeCode()
  await person.isAt('You are signed in')
  t.true(await tab.page.getByText('urn:latchkey:acr:1fa').isVisible())
})

test.serial('without any passkey here nothing is said until the button is pressed, and then what to do', async t => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.isAt('Sign in')
  t.deepEqual(await tab.page.getByRole('alert').allInnerTexts(), [])
  t.is(await tab.page.getByText('There is no passkey').count(), 0)

  await person.press('Sign in with a passkey')
  await tab.page.getByText('There is no passkey for').waitFor()
  await person.isAt('Sign in')
  await person.signUp()
  await person.isAt('Sign in faster next time')
})

test.serial('on another browser a code by email signs in, and a passkey is not offered behind the owner\'s back', async t => {
  const owner = createPerson(server, await chromium.open())
  await owner.goToSignIn()
  await owner.signUp()
  await owner.createPasskey()

  const elsewhere = createPerson(server, await chromium.open(), owner.email)
  await elsewhere.goToSignIn()
  await elsewhere.ignoreMail()
  await elsewhere.signInByCode()
  await elsewhere.isAt('You are signed in')
  t.true(await elsewhere.page.getByText('urn:latchkey:acr:1fa').isVisible())
})

test.serial('without JavaScript a code by email signs up and in', async t => {
  const tab = await chromium.open({ context: { javaScriptEnabled: false } })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.isAt('Sign in')
  t.regex(await tab.page.locator('noscript').innerText(), /^Passkeys need JavaScript\./)
  t.false(await tab.page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible())
  await person.signUp()
  await person.isAt('You are signed in')
  await person.signOut()
  await person.goToSignIn()
  await person.signInByCode()
  await person.isAt('You are signed in')
})

test.serial('with the keyboard alone', async t => {
  const tab = await chromium.open()
  const { page } = tab
  const { email, isAt } = createPerson(server, tab)
  const focusOn = async (name: string | RegExp) => {
    for (let stops = 0; stops < 30; stops++) {
      await page.keyboard.press('Tab')
      if (await page.locator(':focus').filter({ hasText: name }).count()) return
    }
    t.fail(`Tab never reached "${name}"`)
  }
  await page.goto(`${server.issuer}/demo`)
  await focusOn(/^Sign in$/)
  await page.keyboard.press('Enter')
  await isAt('Sign in')
  t.is(await page.locator(':focus').getAttribute('id'), 'identifier', 'the one field has the focus')
  await focusOn('Create an account')
  await page.keyboard.press('Enter')
  await isAt('Create your account')
  await page.keyboard.type(email)
  await page.keyboard.press('Enter')
  await isAt('Confirm your email')
  const { text } = await server.mailTo(email)
  await page.keyboard.type(/^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? '')
  await page.keyboard.press('Enter')
  await isAt('Sign in faster next time')
  await focusOn('Create a passkey')
  await page.keyboard.press('Enter')
  await isAt('Your passkey is ready')
  await focusOn(/^Continue to /)
  await page.keyboard.press('Enter')
  await isAt('You are signed in')
})

test.serial('on a phone, by touch', async t => {
  const tab = await chromium.open({ context: phone, authenticator: { synced: true } })
  const { page } = tab
  const person = createPerson(server, tab)
  await page.goto(`${server.issuer}/demo`)
  await page.getByRole('link', { name: 'Sign in', exact: true }).tap()
  await person.isAt('Sign in')
  await page.getByRole('button', { name: 'Create an account' }).tap()
  await person.isAt('Create your account')
  await page.getByLabel('Email').tap()
  await page.keyboard.type(person.email)
  await page.getByRole('button', { name: 'Continue', exact: true }).tap()
  await person.isAt('Confirm your email')
  await person.typeCode()
  await person.isAt('Sign in faster next time')
  await page.getByRole('button', { name: 'Create a passkey' }).tap()
  await person.isAt('Your passkey is ready')
  await page.getByRole('button', { name: /^Continue to / }).tap()
  await person.isAt('You are signed in')
  t.deepEqual(tab.complaints, [])
})

test.serial('a passkey that the server refuses is not offered to it again and again by autofill', async t => {
  const tab = await chromium.open({ authenticator: { synced: true } })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()
  const [credential] = await tab.authenticator.credentials()
  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  await storage.passkeys.update(Buffer.from(credential!.credentialId, 'base64').toString('base64url'), (passkey) => ({ ...passkey, frozenAt: 1 }))
  await storage.close()

  let answers = 0
  tab.page.on('request', (request) => void (request.method() === 'POST' && request.url().endsWith('/passkey') && answers++))
  await person.goToSignIn()
  await tab.page.getByText('This passkey is paused').waitFor()
  await tab.page.waitForLoadState('networkidle')
  t.is(answers, 1)
  await tab.page.reload({ waitUntil: 'networkidle' })
  t.is(answers, 1)
})
