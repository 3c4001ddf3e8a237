/** Links in a real browser: the operator's help link becomes a passkey that signs in, and "this was not me" takes it away. */
import test, { type ExecutionContext } from 'ava'
import { type Chromium, phone, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { enrolLinkFor } from '../helpers/operator.ts'
import { seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { createPerson, type Person } from '../helpers/person.ts'
import { type Server, startServer } from '../helpers/server.ts'

let server: Server
let chromium: Chromium
setUpChromium(startServer, (started) => ({ server, chromium } = started))

async function open(options: TabOptions = {}, email?: string): Promise<{ tab: Tab; person: Person }> {
  const tab = await chromium.open(options)
  return { tab, person: createPerson(server, tab, email) }
}

/** Somebody with an account and a passkey, in a browser of their own. */
async function newOwner(): Promise<{ tab: Tab; person: Person }> {
  const { tab, person } = await open()
  await person.goToSignIn()
  await person.signUp()
  await person.createPasskey()
  await person.signOut()
  await person.ignoreMail()
  return { tab, person }
}

async function looksRight(t: ExecutionContext, tab: Tab, what: string): Promise<void> {
  t.deepEqual(await seriousViolations(tab), [], what)
  t.is(await sidewaysScroll(tab), 0, what)
  t.is(await tab.page.title(), `${await tab.page.locator('h1').textContent()} – Latchkey`, what)
}

const notMeLinkOf = async (person: Person, subject: string) => {
  const mail = (await server.outbox()).find(mail => mail.to === person.email && mail.subject === subject)
  return /^https?:\S+\/account\/not-me\/\S+$/m.exec(mail?.text ?? '')?.[0] ?? ''
}

/** From the link to "Your passkey is ready". */
async function useHelpLink(t: ExecutionContext, tab: Tab, person: Person, link: string): Promise<void> {
  await tab.page.goto(link)
  await person.isAt('Set up a new passkey')
  await looksRight(t, tab, 'before the press')
  await person.press('Continue')
  await person.isAt('Create your new passkey')
  await looksRight(t, tab, 'the offer')
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await looksRight(t, tab, 'made')
}

test.serial('operator -> link -> passkey -> signed in with it; a dialog that is closed costs nothing', async t => {
  const owner = await newOwner()
  const link = await enrolLinkFor(server, owner.person.email)
  const { tab, person } = await open({ context: phone }, owner.person.email)
  await tab.page.goto(link)
  await person.press('Continue')
  await person.isAt('Create your new passkey')
  await tab.authenticator.setUserVerified(false)
  await person.press('Create a passkey')
  await person.isAt('No passkey was created')
  await looksRight(t, tab, 'not made')
  await tab.page.reload()
  await person.isAt('Create your new passkey')
  await tab.authenticator.setUserVerified(true)
  await person.press('Create a passkey')
  await person.isAt('Your passkey is ready')
  await tab.page.reload()
  await person.isAt('Your passkey is ready')

  await tab.page.getByRole('link', { name: /^Sign in at / }).click()
  await person.isAt('You are signed in')
  t.true(await tab.page.getByText('phr', { exact: true }).isVisible())
  t.deepEqual(tab.complaints, [])
})

test.serial('the wrong browser is told, before and after', async t => {
  const owner = await newOwner()
  const link = await enrolLinkFor(server, owner.person.email)
  const other = await open()
  await other.tab.page.goto(link)
  await other.person.isAt('Set up a new passkey')
  const { tab, person } = await open()
  await useHelpLink(t, tab, person, link)
  await other.person.press('Continue')
  await other.person.isAt('This link was used already')
  await looksRight(t, other.tab, 'used')
})

test.serial('without script the page says what is missing, and binds nothing', async t => {
  const owner = await newOwner()
  const link = await enrolLinkFor(server, owner.person.email)
  const { tab, person } = await open({ context: { javaScriptEnabled: false } })
  await tab.page.goto(link)
  await person.isAt('Set up a new passkey')
  t.true(await tab.page.locator('noscript').evaluate((note) => note.textContent?.startsWith('Passkeys need JavaScript.') && note.getBoundingClientRect().height > 0))
  t.is(await tab.page.getByRole('button', { name: 'Continue' }).count(), 0)
  const later = await open()
  await useHelpLink(t, later.tab, later.person, link)
})

test.serial('"this was not me" in the mail: the added passkey no longer signs in, the older one does', async t => {
  const owner = await newOwner()
  const thief = await open({}, owner.person.email)
  await useHelpLink(t, thief.tab, thief.person, await enrolLinkFor(server, owner.person.email))

  const reader = await open({ context: { ...phone, javaScriptEnabled: false } }, owner.person.email)
  const link = await notMeLinkOf(owner.person, 'A passkey was added to your Latchkey account')
  await reader.tab.page.goto(link)
  await reader.person.isAt('Was this you?')
  t.true(await reader.tab.page.getByText('Chrome on Linux').isVisible())
  await reader.person.press('No, stop it')
  await reader.person.isAt('We stopped it')
  await reader.tab.page.goBack()
  await reader.tab.page.reload()
  await reader.person.isAt('We stopped it')

  await thief.person.goToSignIn()
  await thief.tab.page.getByText(/This passkey (was removed|is paused)|The passkey was not used|There is no passkey|We could not check/).first().waitFor()
  t.is(await thief.tab.page.getByText('You are signed in').count(), 0)

  await owner.person.goToSignIn()
  await owner.tab.page.getByRole('heading', { level: 1, name: /^(Was this you\?|You are signed in)$/ }).waitFor()
})

test.serial('the pages of "was this you" are readable by everybody', async t => {
  const owner = await newOwner()
  const thief = await open({}, owner.person.email)
  await useHelpLink(t, thief.tab, thief.person, await enrolLinkFor(server, owner.person.email))
  const link = await notMeLinkOf(owner.person, 'A passkey was added to your Latchkey account')
  for (const colorScheme of ['light', 'dark'] as const) {
    const { tab, person } = await open({ context: { colorScheme, viewport: { width: 320, height: 568 } } })
    const leaks: string[] = []
    tab.page.on('request', request => {
      const { referer } = request.headers()
      if (referer?.includes('/not-me/') && !request.url().startsWith(server.issuer)) leaks.push(request.url())
    })
    await tab.page.goto(link)
    await person.isAt('Was this you?')
    await looksRight(t, tab, 'question')
    await person.press('Yes, it was me')
    await person.isAt('Good, nothing to do')
    await looksRight(t, tab, 'fine')
    await tab.page.reload()
    await person.isAt('Was this you?')
    t.deepEqual(leaks, [])
    t.deepEqual(tab.complaints, [])
  }
  const { tab, person } = await open({ context: { colorScheme: 'dark', viewport: { width: 320, height: 568 } } })
  await tab.page.goto(link)
  await person.press('No, stop it')
  await person.isAt('We stopped it')
  await looksRight(t, tab, 'stopped')
  t.is(await tab.page.evaluate(() => document.activeElement?.tagName), 'BODY')
  t.deepEqual(tab.complaints, [])
})
