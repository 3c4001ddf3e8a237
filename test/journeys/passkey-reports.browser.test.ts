/** What a real browser and our script tell of passkey dialogs: an event for each that opened, under one name with what became of it. */
import test from 'ava'
import type { Chromium } from '../helpers/chromium.ts'
import { eventually } from '../helpers/eventually.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createPerson } from '../helpers/person.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'

let server: InProcess
let chromium: Chromium
setUpChromium(startInProcess, (started) => ({ server, chromium } = started))

test.serial('a passkey is made and used: what opened and what became of it carry one name each', async (t) => {
  const tab = await chromium.open({ immediate: true })
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()
  await tab.authenticator.setPresent(false)
  await person.goToSignIn()
  await person.isAt('Sign in')
  await person.press('Continue with a passkey')
  const { ceremonies } = server.foundation.storage
  const events = () => ceremonies.query({ limit: 20 })
  const opened = await eventually('the report of the dialog', async () => (await events()).find(({ ceremony, outcome }) => ceremony === 'get' && outcome === 'started'))
  await tab.authenticator.setPresent(true)
  await person.isAt('You are signed in')

  const all = await events()
  const made = all.find(({ ceremony, outcome }) => ceremony === 'create' && outcome === 'started')
  // Whatever the press came to, or the field's own request after it: nothing that opened stays without an end.
  for (const dialog of [made, opened]) {
    t.regex(dialog?.ceremonyId ?? '', /^[0-9a-f]{16}$/)
    const same = all.filter(({ ceremonyId }) => ceremonyId === dialog?.ceremonyId)
    t.is(same.length, 2, JSON.stringify(same))
    t.is(same[0]?.mediation, same[1]?.mediation)
    t.is(same[0]?.browser, 'Chrome')
  }
  t.true(all.some(({ ceremony, outcome, ceremonyId }) => ceremony === 'get' && outcome === 'ok' && ceremonyId !== undefined))
  t.true(opened.capabilities?.includes('webauthn'))
  t.deepEqual(tab.complaints, [])
})
