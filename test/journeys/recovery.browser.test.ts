/** Every passkey is lost, in a real browser: the way back, what the owner sees of it meanwhile, and the new passkey. */
import test from 'ava'
import { type Chromium, phone } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { seriousViolations } from '../helpers/page-checks.ts'
import { createPerson } from '../helpers/person.ts'

const hour = 3_600_000

let server: InProcess
let chromium: Chromium
setUpChromium(startInProcess, (started) => ({ server, chromium } = started))

test.serial('by the pages alone: from "I can\'t use any of these" over a day of waiting to a new passkey', async t => {
  const before = createPerson(server, await chromium.open())
  await before.goToSignIn()
  await before.signUp()
  await before.createPasskey()
  await before.signOut()
  server.advance(2 * 24 * hour)

  const tab = await chromium.open({ context: { ...phone, timezoneId: 'Asia/Tokyo' } })
  const person = createPerson(server, tab, before.email)
  const { page } = person
  await person.ignoreMail()
  await person.goToSignIn()
  await person.continueWithEmail()
  await page.getByRole('link', { name: 'Try another way' }).click()
  await page.getByRole('link', { name: "I can't use any of these" }).click()
  await page.getByRole('link', { name: 'I have lost my passkeys' }).click()
  await person.isAt('Get back in')
  await person.press(`Send a code to ${person.email}`)
  await person.isAt('Check your email')
  await person.typeCode()
  await person.isAt('Get back in')
  t.deepEqual(await seriousViolations(tab), [])
  await person.press('Start')
  await page.getByText('We sent a note to all your addresses.').waitFor()
  t.regex(await page.locator('time').innerText(), /GMT\+9|JST/, 'by the clock of the person')
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
  await person.signOut()

  await before.goToSignIn()
  await before.isAt('Someone is recovering your account')
  await before.press('It was me, go on')
  await before.isAt('You are signed in')

  server.advance(25 * hour)
  await person.ignoreMail()
  await person.goToSignIn()
  await person.signInByCode()
  await person.isAt('Create your new passkey')
  t.deepEqual(await seriousViolations(tab), [])
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue to /)
  await person.isAt('You are signed in')
  t.is((await tab.authenticator.credentials()).length, 1)
  await person.signOut()

  const asserted = tab.authenticator.next('credentialAsserted')
  await person.goToSignIn()
  await asserted
  await person.isAt('You are signed in')
  t.true(await page.getByText('phr', { exact: true }).isVisible())
  t.deepEqual(tab.complaints, [])
})

test.serial('the box beside the passkey button goes along, whichever way leads on', async t => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()
  const kept = async () => (await tab.context.cookies()).some(({ name, expires }) => name.endsWith('_session') && expires > 0)

  await tab.authenticator.setPresent(false)
  await person.goToSignIn()
  await person.isAt('Sign in')
  await tab.page.getByLabel('Remember me on this device').check()
  await tab.authenticator.setPresent(true)
  await person.press('Continue with a passkey')
  await person.isAt('You are signed in')
  t.true(await kept())
  await person.signOut()

  await person.goToSignIn()
  await person.isAt('You are signed in')
  t.false(await kept(), 'by autofill, and nothing was ticked')
  t.deepEqual(tab.complaints, [])
})
