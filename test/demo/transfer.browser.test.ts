/** "Transfer money" in a real browser: a code is not enough, a passkey is, and the person is asked once. */
import test from 'ava'
import type { Chromium } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(startServer, (started) => ({ server, chromium } = started))

test.serial('a passkey is made and used on the way, and the transfer goes through; the next one asks for nothing', async (t) => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.isAt('Sign in faster next time')
  await person.press('Not now')
  await person.isAt('You are signed in')
  t.true(await tab.page.getByText('urn:latchkey:acr:1fa').isVisible())

  await person.press('Transfer money')
  await person.isAt(/needs a passkey/)
  await person.press('Create a passkey')
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await person.press(/^Continue to /)
  await person.isAt('Confirm it is you')
  await person.press('Confirm with a passkey')
  await person.isAt('You are signed in')
  await tab.page.getByText('The bank wanted a passkey first').waitFor()
  t.true(await tab.page.getByText('acr_values="phr", max_age="300"').isVisible())

  await person.press('Transfer money')
  await tab.page.getByText('so the bank asked for nothing more').waitFor()
  t.deepEqual(tab.complaints, [])
})
