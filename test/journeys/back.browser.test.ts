/** The browser's own buttons in the middle of a login. */
import test from 'ava'
import type { Chromium } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(startServer, (started) => ({ server, chromium } = started))

test.serial('back to a page that answered a form shows a page, not a question about sending again', async t => {
  const tab = await chromium.open()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.press('Deutsch')
  await person.isAt('Anmelden')
  await person.press('Konto erstellen')
  await person.isAt('Konto erstellen')
  await tab.page.goBack()
  await person.isAt(/Anmelden|Konto erstellen/)

  await tab.page.getByRole('button', { name: 'English' }).click()
  await person.isAt(/Sign in|Create your account/)
  await tab.page.reload()
  await person.isAt(/Sign in|Create your account/)
  t.deepEqual(tab.complaints, [])
})
