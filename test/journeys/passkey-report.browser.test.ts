/** What the script of a page tells of its dialogs, and what the server makes of it. */
import test from 'ava'
import type { Chromium, Tab } from '../helpers/chromium.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createPerson } from '../helpers/person.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'

let server: InProcess
let chromium: Chromium
setUpChromium(startInProcess, (started) => ({ server, chromium } = started))

function answersToReports(tab: Tab): number[] {
  const answers: number[] = []
  tab.page.on('response', (response) => void (response.url().endsWith('/report') && answers.push(response.status())))
  return answers
}

test.serial('a dialog and its end carry one name, from the page into the store', async (t) => {
  const tab = await chromium.open({ authenticator: { synced: true } })
  const answers = answersToReports(tab)
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  const entries = await server.foundation.storage.ceremonies.query({ limit: 50 })
  const made = entries.find(({ ceremony, outcome }) => ceremony === 'create' && outcome === 'ok')
  t.like(made, { mediation: 'modal' })
  t.like(entries.find(({ ceremonyId, outcome }) => outcome === 'started' && ceremonyId === made?.ceremonyId), { ceremony: 'create', mediation: 'modal' })
  t.true(answers.length > 0 && answers.every((status) => status === 204))
})
