/** Pages that stood open for longer than their challenges live: with the server's clock moved, and the browser's own. */
import test from 'ava'
import { type Chromium } from '../helpers/chromium.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { enrolLinkFor } from '../helpers/operator.ts'
import { createPerson } from '../helpers/person.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'

const minute = 60_000
const long = 121 * minute

let server: InProcess
let chromium: Chromium
setUpChromium(startInProcess, (started) => ({ server, chromium } = started))

/** Somebody with a passkey, signed out, in a tab whose clock can be moved. */
async function owner() {
  const tab = await chromium.open({ authenticator: { synced: true } })
  await tab.page.clock.install()
  const person = createPerson(server, tab)
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()
  await person.ignoreMail()
  await tab.authenticator.setPresent(false)
  return { tab, person }
}

test.serial('an answer that comes too late is asked for once more, by itself, and signs in', async (t) => {
  const { tab, person } = await owner()
  // The request is kept a little longer than its challenges live.
  server.advance(minute)
  await person.goToSignIn()
  await person.isAt('Sign in')
  server.advance(-minute)
  await tab.page.reload()
  await person.isAt('Sign in')
  const { challenge } = JSON.parse((await tab.page.locator('form[data-passkey]').getAttribute('data-options')) ?? '{}') as { challenge: string }
  const late = Buffer.from(challenge, 'base64url').readUIntBE(16, 6) - server.foundation.storage.clock.now()
  server.advance(late)
  t.teardown(() => server.advance(-late))
  const posts: string[] = []
  tab.page.on('request', (request) => void (request.method() === 'POST' && request.isNavigationRequest() && posts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')))
  await tab.authenticator.setPresent(true)
  await person.press('Continue with a passkey')
  await person.isAt('You are signed in')
  t.deepEqual(posts.filter((path) => path === 'passkey').length, 2)
  t.true(server.log.some((line) => line.includes('challenge_expired')))
})

test.serial('a sign-in that waited too long says so and how to go on', async (t) => {
  const { tab, person } = await owner()
  await person.goToSignIn()
  await person.isAt('Sign in')
  server.advance(long)
  t.teardown(() => server.advance(-long))
  await tab.page.clock.fastForward(long)
  // Its cookies have gone by themselves by then; the clock that they go by cannot be moved.
  await tab.context.clearCookies({ name: /interaction/ })
  await person.press('Continue with a passkey')
  await tab.page.getByText('This page was open too long').first().waitFor()
  t.true(await tab.page.getByRole('link', { name: /^Start again|^Sign in again/ }).or(tab.page.getByRole('button', { name: /^Start again/ })).first().isVisible())
})

test.serial('a page that is to make a passkey gets a fresh challenge before the dialog, so that none is made in vain', async (t) => {
  const { person } = await owner()
  const link = await enrolLinkFor(server, person.email)
  const tab = await chromium.open()
  await tab.page.clock.install()
  const helped = createPerson(server, tab, person.email)
  await tab.page.goto(link)
  await helped.press('Continue')
  await helped.isAt('Create your new passkey')
  server.advance(long)
  t.teardown(() => server.advance(-long))
  await tab.page.clock.fastForward(long)
  // As by a touch: nothing tells before it that somebody comes.
  await tab.page.locator('form[data-passkey]').first().evaluate((form) => (form as HTMLFormElement).requestSubmit())
  await helped.isAt('Your passkey is ready')
  t.is((await tab.authenticator.credentials()).length, 1)
})
