/** The link of a mail: pressed where it was asked for, opened elsewhere, looked at by machines, too late, and twice. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { baseOf, nothingMade, postTo, refused, signUpByCode, stillAsks } from '../bad-input/refused.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const minutes = (count: number) => count * 60_000

/** Somebody with an account, at a browser that forgot them, who asked for a mail: the page that waits, and the link in the mail. */
async function askedForLink() {
  const visitor = createVisitor(server)
  const subject = await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const waiting = await visitor.typeEmail(await visitor.arrive(authorization))
  const { link, code } = await newestMail(visitor)
  return { visitor, subject, authorization, waiting, link, code }
}

async function newestMail(visitor: Visitor, known: string[] = []) {
  const [mail] = (await server.outbox()).filter(({ to, text }) => to === visitor.email && !known.some((old) => text.includes(old)))
  return { link: linkIn(mail?.text), code: /^\s*(\d{6})\s*$/m.exec(mail?.text ?? '')?.[1] ?? '' }
}

const linkIn = (text = ''): string => /http:\/\/localhost:\d+\/link\/[\w-]+/.exec(text)?.[0] ?? ''

/** A second tab of the same browser. */
const open = (visitor: Visitor, link: string): Promise<Page> => visitor.browser.open(link, { headers: { 'sec-fetch-site': 'cross-site' } })
const press = (visitor: Visitor, page: Page): Promise<Page> => visitor.browser.submit(page, '/email-link', { button: 'Sign in' })

async function stateOf(visitor: Visitor, waiting: Page): Promise<string> {
  const page = await visitor.browser.open(`${server.issuer}${baseOf(waiting)}/email-link/status`)
  return page.html
}

test.serial('a mail carries a code and a link; the page that waits says so', async t => {
  const { waiting, link, code } = await askedForLink()
  t.is(waiting.heading, 'Check your email')
  t.true(waiting.text.includes('You can also open the link in the same email.'))
  t.regex(link, /\/link\/[\w-]{43}$/)
  t.regex(code, /^\d{6}$/)
})

test.serial('pressed in the browser that asked, it signs in there, and the tab that waited hears of it', async t => {
  const { visitor, subject, authorization, waiting, link } = await askedForLink()
  t.is(await stateOf(visitor, waiting), '{"state":"waiting"}')
  const page = await open(visitor, link)
  t.is(page.heading, 'Finish signing in')
  t.true(page.text.includes(`You are signing in to ${shop.client_name} as ${visitor.email}.`))
  const landing = await press(visitor, page)
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, subject)
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
  t.deepEqual(claims?.['amr'], ['otp'])

  t.is(await stateOf(visitor, waiting), '{"state":"used"}')
  const told = await visitor.browser.open(`${server.issuer}${baseOf(waiting)}/email-link/check`)
  t.is(told.heading, 'You are signed in')
  t.true(told.text.includes('You went on in another tab. You can close this one.'))
  t.true(told.links.some(({ text, href }) => text === `Open ${shop.client_name}` && href === shop.client_uri))
})

test.serial('it is good once: a second press, and the code of the same mail, come to nothing', async t => {
  const { visitor, waiting, link, code } = await askedForLink()
  const page = await open(visitor, link)
  t.true((await press(visitor, page)).elsewhere)
  const again = await nothingMade(t, server, () => press(visitor, page))
  await refused(t, { server, visitor, page: again, status: 400, error: 'interaction_finished', sentence: 'This sign-in is already finished', nextStep: { text: `Open ${shop.client_name}`, url: shop.client_uri } })
  await nothingMade(t, server, () => postTo(visitor, waiting, '/email-otp', { code }))
  const reopened = await open(visitor, link)
  t.is(reopened.heading, 'This link was used already')
})

test.serial('after the code was typed the link says that it was used, and who did not use it can say so', async t => {
  const { visitor, waiting, link, code } = await askedForLink()
  t.true((await visitor.typeCode(waiting, code)).elsewhere)
  const page = await open(visitor, link)
  t.is(page.status, 410)
  t.is(page.heading, 'This link was used already')
  t.true(page.links.some(({ text }) => text === 'Sign in again') || page.text.includes('Open the app you use'))
  const told = await nothingMade(t, server, () => visitor.browser.submit(page, new URL(link).pathname, { button: 'It was not me' }))
  t.is(told.heading, 'Thank you for telling us')
})

/** The other browser never signs in, whatever is pressed there. */
async function isSignedInNowhere(t: ExecutionContext, ...visitors: Visitor[]) {
  for (const visitor of visitors) await stillAsks(t, visitor, app)
}

test.serial('opened in another browser it shows who asked, and on a press a code that signs in where it was asked for', async t => {
  const { visitor, subject, authorization, waiting, link, code } = await askedForLink()
  const phone = createVisitor(server, { email: visitor.email })
  const page = await open(phone, link)
  t.is(page.heading, 'Finish where you started')
  t.true(page.text.includes('Chrome on Linux'))
  t.true(page.text.includes('1 second ago') || /\d+ seconds ago/.test(page.text))
  t.false(page.html.includes(visitor.email), 'whose it is, is nobody\'s business here')
  t.false(page.forms.some(({ action }) => action.includes('/interaction/')))

  const shown = await nothingMade(t, server, () => phone.browser.submit(page, new URL(link).pathname, { button: 'Show my code' }))
  t.is(shown.heading, 'Type this code where you started')
  const revealed = /(\d{6})/.exec(/<output[^>]*>(.*?)<\/output>/.exec(shown.html)?.[1] ?? '')?.[1] ?? ''
  t.regex(revealed, /^\d{6}$/)
  t.true(shown.text.includes('Works for 5 minutes, only in the window that asked.'))
  t.true(shown.text.includes('Never read it to anyone, not even to us.'))
  await isSignedInNowhere(t, phone)

  const old = await postTo(visitor, waiting, '/email-otp', { code })
  t.is(old.heading, 'Check your email', 'it replaces the code of the mail')
  const landing = await visitor.typeCode(waiting, revealed)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('"I did not ask for this" ends link and code', async t => {
  const { visitor, waiting, link, code } = await askedForLink()
  const phone = createVisitor(server, { email: visitor.email })
  const page = await open(phone, link)
  const done = await nothingMade(t, server, () => phone.browser.submit(page, new URL(link).pathname, { button: 'I did not ask for this' }))
  t.is(done.heading, 'Done. Nobody was signed in')
  t.is((await open(phone, link)).heading, 'This link is too old')
  t.is(await stateOf(visitor, waiting), '{"state":"gone"}')
  const refusedCode = await nothingMade(t, server, () => postTo(visitor, waiting, '/email-otp', { code }))
  t.is(refusedCode.status, 400)
  await isSignedInNowhere(t, visitor, phone)
})

test.serial('whoever only looks changes nothing: GET, HEAD, again and again', async t => {
  const { visitor, subject, authorization, link } = await askedForLink()
  await nothingMade(t, server, async () => {
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD']) {
      const answer = await fetch(link, { method, headers: { 'user-agent': 'Mozilla/5.0 (compatible; MailScanner/1.0)' } })
      t.is(answer.status, 200)
      t.is(answer.headers.get('set-cookie'), null, 'nobody is marked for reading a mail')
      await answer.text()
    }
  })
  const landing = await press(visitor, await open(visitor, link))
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('a copied device cookie is not enough: the sign-in itself has to be of that browser', async t => {
  const { visitor, link, waiting } = await askedForLink()
  const thief = createVisitor(server, { email: visitor.email })
  const device = visitor.browser.cookies.all().find(({ name }) => name === 'latchkey_device')
  thief.browser.cookies.store(new URL(server.issuer), [`latchkey_device=${device?.value}; Path=/`])
  t.is((await open(thief, link)).heading, 'Finish signing in')
  const page = await open(visitor, link)
  const answer = await nothingMade(t, server, () => thief.browser.submit(page, '/email-link', { button: 'Sign in' }))
  t.is(answer.status, 400)
  t.is(await stateOf(visitor, waiting), '{"state":"waiting"}', 'it was not spent')
})

test.serial('a link of another sign-in, or none at all, is worth nothing here', async t => {
  const { visitor, link, waiting } = await askedForLink()
  const [, ticket = ''] = link.split('/link/')
  const second = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  for (const value of [ticket, '', 'x'.repeat(43), '../../etc', '9'.repeat(5000)]) {
    const answer = await nothingMade(t, server, () => postTo(visitor, second, '/email-link', { ticket: value }))
    await refused(t, { server, visitor, page: answer, status: 400, sentence: 'That link no longer works. Use the newest email, or ask for a new one.', nextStep: 'Send a new code' })
  }
  t.is(await stateOf(visitor, waiting), '{"state":"waiting"}')
})

test.serial('after another address was typed the link of the first one signs nobody in', async t => {
  const { visitor, link, waiting } = await askedForLink()
  const page = await open(visitor, link)
  const start = await visitor.browser.submit(waiting, '/identifier', { button: 'Change' })
  const other = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: 'somebody-else@example.com' } })
  t.is(other.heading, 'Check your email')
  const answer = await nothingMade(t, server, () => press(visitor, page))
  t.is(answer.status, 400)
})

test.serial('a link that is too old, or was replaced by a newer one', async t => {
  const { visitor, link, waiting } = await askedForLink()
  server.advance(minutes(1))
  t.teardown(() => server.advance(-minutes(1)))
  await visitor.browser.submit(waiting, '/email-otp', { button: 'Send a new code' })
  t.is((await open(visitor, link)).heading, 'This link is too old')
  const newest = await newestMail(visitor, [link])
  t.is((await open(visitor, newest.link)).heading, 'Finish signing in')

  server.advance(minutes(10))
  t.teardown(() => server.advance(-minutes(10)))
  const late = await open(visitor, newest.link)
  t.is(late.status, 410)
  t.is(late.heading, 'This link is too old')
  t.true(late.text.includes('Links work for 10 minutes.'))
  t.is((await open(visitor, `${server.issuer}/link/${'x'.repeat(43)}`)).heading, 'This link is too old')
  t.is((await open(visitor, `${server.issuer}/link/${encodeURIComponent('../x')}`)).heading, 'This link is too old')
})

test.serial('a sign-in that was given up: the link leads nowhere', async t => {
  const { visitor, link, waiting } = await askedForLink()
  const page = await open(visitor, link)
  const back = await visitor.browser.submit(waiting, '/abort', { button: `Go back to ${shop.client_name}` })
  t.is(back.url.searchParams.get('error'), 'access_denied')
  const answer = await nothingMade(t, server, () => press(visitor, page))
  t.is(answer.status, 400)
  t.is(answer.heading, 'This sign-in is already finished')
  await isSignedInNowhere(t, visitor)
})

test.serial('somebody else is signed in here: the page says that going on switches', async t => {
  const { visitor, subject, authorization, link } = await askedForLink()
  const guest = createVisitor(server)
  const other = await app.authorize()
  const guestBrowser = { ...guest, browser: visitor.browser }
  const offer = await createSignUp(guestBrowser, await visitor.browser.open(other.url), guest.email)
  await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const page = await open(visitor, link)
  t.true(page.text.includes(`You are signed in here as ${guest.email}. Going on switches to ${visitor.email}.`))
  const switching = await press(visitor, page)
  const landing = await visitor.browser.submit(switching, switching.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Continue'))!)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

async function createSignUp({ browser, readCode }: Visitor, page: Page, email: string): Promise<Page> {
  const form = await browser.submit(page, '/identifier', { button: 'Create an account' })
  const sent = await browser.submit(form, '/sign-up', { values: { email, identifier: email, capabilities: '{"webauthn":true,"platform":true}' } })
  return browser.submit(sent, '/email-otp', { button: 'Continue', values: { code: await readCode() } })
}

test.serial('the page of a link speaks the language that is chosen on it', async t => {
  const { visitor, link } = await askedForLink()
  const page = await open(visitor, link)
  const german = await visitor.browser.submit(page, page.forms.find(({ action }) => action.endsWith('/language'))!, { button: 'Deutsch' })
  t.is(german.url.href, link)
  t.is(german.heading, 'Anmeldung abschließen')
})

test.serial('what the waiting tab hears tells nothing about accounts, and nothing to another browser', async t => {
  const nobody = createVisitor(server)
  const waiting = await nobody.typeEmail(await nobody.arrive(await app.authorize()))
  const { waiting: known, visitor } = await askedForLink()
  t.is(await stateOf(nobody, waiting), await stateOf(visitor, known))
  t.is(await stateOf(nobody, known), '{"state":"gone"}')
})

test.serial('a sign-up is proven by the link as well', async t => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const form = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Create an account' })
  const waiting = await visitor.browser.submit(form, '/sign-up', { values: { email: visitor.email, identifier: visitor.email, capabilities: '{"webauthn":true,"platform":true}' } })
  t.is(waiting.heading, 'Confirm your email')
  const page = await open(visitor, (await newestMail(visitor)).link)
  t.is(page.heading, 'Confirm your email')
  const offer = await visitor.browser.submit(page, '/email-link', { button: 'Continue' })
  t.is(offer.heading, 'Sign in faster next time')
  t.is(await stateOf(visitor, waiting), '{"state":"used"}')
  const told = await visitor.browser.open(`${server.issuer}${baseOf(waiting)}/email-link/check`)
  t.is(told.heading, 'You went on in another tab')
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.truthy((await authorization.finish(landing.url)).claims()?.sub)
})

test.serial('given up after the press, nobody is told that they are signed in', async t => {
  const visitor = createVisitor(server)
  const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const waiting = await visitor.browser.submit(form, '/sign-up', { values: { email: visitor.email, identifier: visitor.email, capabilities: '{"webauthn":true,"platform":true}' } })
  const offer = await visitor.browser.submit(await open(visitor, (await newestMail(visitor)).link), '/email-link', { button: 'Continue' })
  t.is(await stateOf(visitor, waiting), '{"state":"used"}')
  await postTo(visitor, offer, '/abort')
  t.is(await stateOf(visitor, waiting), '{"state":"gone"}')
})

const twin = { ...shop, client_id: 'twin', client_uri: 'http://localhost:8/twin', redirect_uris: ['http://localhost:8/twin/callback'] }

test('of two apps of one name the link leads to the one that asked', async t => {
  const twins = await startInProcess({ clients: [shop, twin] })
  t.teardown(twins.dispose)
  for (const client of [shop, twin]) {
    const visitor = createVisitor(twins)
    const asked = await createApp(twins.issuer, client)
    const waiting = await visitor.typeEmail(await visitor.arrive(await asked.authorize()))
    const [mail] = (await twins.outbox()).filter(({ to }) => to === visitor.email)
    const link = linkIn(mail?.text)
    await visitor.browser.submit(await open(visitor, link), '/email-link', { button: 'Sign in' })
    const used = await open(visitor, link)
    t.is(used.heading, 'This link was used already', waiting.heading)
    t.is(used.links.find(({ text }) => text === 'Sign in again')?.href, client.client_uri)
  }
})

test('a link that the account\'s pages asked for says so, and begins anew there', async t => {
  const alone = await startInProcess({ clients: [shop, twin] })
  t.teardown(alone.dispose)
  const visitor = createVisitor(alone)
  await visitor.typeEmail(await visitor.browser.open('/account/ways'))
  const [mail] = (await alone.outbox()).filter(({ to }) => to === visitor.email)
  const link = linkIn(mail?.text)
  t.true((await open(visitor, link)).text.includes(`You are signing in to your account as ${visitor.email}.`))
  const elsewhere = await open(createVisitor(alone), link)
  t.true(elsewhere.text.includes('App Your account'))
  await visitor.browser.submit(await open(visitor, link), '/email-link', { button: 'Sign in' })
  const used = await open(visitor, link)
  t.is(new URL(used.links.find(({ text }) => text === 'Sign in again')?.href ?? '').pathname, '/account')
})

test('somebody who is signed in by a number is named by it as people write it', async t => {
  const identifiers = { email: { signUp: 'optional' as const }, phone: { signIn: true, signUp: 'optional' as const } }
  const phones = await startInProcess({ clients: [shop], config: { identifiers } })
  t.teardown(phones.dispose)
  const there = await createApp(phones.issuer, shop)
  const visitor = createVisitor(phones)
  const form = await visitor.browser.submit(await visitor.arrive(await there.authorize()), '/identifier', { button: 'Create an account' })
  const sent = await visitor.browser.submit(form, '/sign-up', { values: { phone: '+44 7911 123456', capabilities: '{"webauthn":true,"platform":true}' } })
  const code = /\b(\d{6})\b/.exec((await phones.mailTo('+447911123456')).text)?.[1] ?? ''
  const offer = await visitor.browser.submit(sent, '/sms-otp', { button: 'Continue', values: { code } })
  await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })

  await visitor.typeEmail(await visitor.arrive(await there.authorize({ prompt: 'login' })))
  const [mail] = (await phones.outbox()).filter(({ to }) => to === visitor.email)
  const page = await open(visitor, linkIn(mail?.text))
  t.true(page.text.includes(`You are signed in here as +44 7911 123456. Going on switches to ${visitor.email}.`), page.text)
  t.true(page.html.includes('+44\u00A07911\u00A0123456'), 'no line ends inside it')
})
