/** Every page as people see it: readable by all, nothing to scroll sideways, nothing that jumps, nothing too heavy. */
import test, { type ExecutionContext } from 'ava'
import { createApp, news, shop } from '../helpers/app.ts'
import { type Chromium, narrow, type Tab } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { layoutShift, seriousViolations, sidewaysScroll, trafficOf } from '../helpers/page-checks.ts'
import { createPerson } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(() => startServer({ clients: [shop, news] }), (started) => ({ server, chromium } = started))

/** `look` at every page once it has loaded; the title of a wrong page says where. */
async function tour(tab: Tab, look: (name: string) => Promise<void>) {
  const { page, authenticator } = tab
  const person = createPerson(server, tab)
  const see = async (heading: string | RegExp, name = String(heading)) => {
    await person.isAt(heading)
    await look(name)
  }
  const app = await createApp(server.issuer, news)

  await page.goto(`${server.issuer}/demo`)
  await look('demo')
  await person.goToSignIn()
  await see('Sign in')
  await person.press('Continue')
  await see('Sign in', 'identifier with an error')
  await person.press('Create an account')
  await see('Create your account')
  await page.getByLabel('Email').fill(person.email)
  await person.press('Continue')
  await see('Confirm your email')
  await person.press('Continue')
  await see('Confirm your email', 'code with an error')
  await person.typeCode()
  await see('Sign in faster next time')
  await authenticator.setUserVerified(false)
  await person.press('Create a passkey')
  await see('No passkey was created')
  await authenticator.setUserVerified(true)
  await person.press(/^Continue to /)
  await see('You are signed in', 'demo, signed in')

  await page.goto((await app.authorize({ acr_values: 'phr', claims: '{"id_token":{"acr":{"essential":true,"values":["phr"]}}}' })).url.href)
  await see('Daily News needs a passkey here')
  await page.goto((await app.authorize()).url.href)
  await see('Let Daily News see this?')

  await page.goto(`${server.issuer}/session/end`)
  await see(/^Sign out of /)
  await person.press('Sign out')
  await see('You are signed out')

  await page.goto((await app.authorize()).url.href)
  await person.isAt('Sign in')
  await page.getByLabel('Email').fill('nobody@example.com')
  await person.press('Continue')
  await see('Check your email')
  await page.getByRole('link', { name: 'Try another way' }).click()
  await see('Choose how to sign in')
  await page.getByRole('link', { name: "I can't use any of these" }).click()
  await see('Other things to try')

  await page.goto(`${server.issuer}/auth?client_id=nobody`)
  await look('error')
  await page.goto(`${server.issuer}/nowhere`)
  await look('not found')
  await page.goto(`${server.issuer}/dev/outbox`)
  await look('mailbox')
}

async function inspect(t: ExecutionContext, tab: Tab) {
  await tour(tab, async name => {
    t.deepEqual(await seriousViolations(tab), [], `${name}: axe`)
    t.is(await sidewaysScroll(tab), 0, `${name}: sideways scroll`)
    t.is(await layoutShift(tab), 0, `${name}: layout shift`)
    t.is(await tab.page.getByRole('heading', { level: 1 }).count(), 1, `${name}: one h1`)
  })
  t.deepEqual(tab.complaints.filter(text => !/status of (400|404)/.test(text)), [])
}

test.serial('at 320 px, light', async t => inspect(t, await chromium.open({ context: { ...narrow, colorScheme: 'light' } })))
test.serial('at 320 px, dark', async t => inspect(t, await chromium.open({ context: { ...narrow, colorScheme: 'dark' } })))
test.serial('at 1280 px', async t => inspect(t, await chromium.open({ context: { viewport: { width: 1280, height: 800 } } })))

test.serial('the identifier screen costs at most 25 KB and 5 requests, all of them ours', async t => {
  const tab = await chromium.open()
  const { url } = await (await createApp(server.issuer, shop)).authorize()
  const traffic = await trafficOf(tab, () => tab.page.goto(url.href))
  const requests = traffic.urls.filter(requested => requested !== url.href)
  t.true(requests.length <= 5, requests.join('\n'))
  t.true(traffic.bytes <= 25_000, `${traffic.bytes} bytes`)
  t.deepEqual(requests.filter(requested => new URL(requested).origin !== server.issuer), [])
})
