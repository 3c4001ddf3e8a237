/** Links and codes as people use them, in Chromium: tabs that wait, mail scanners, pasted codes, and no JavaScript. */
import test from 'ava'
import type { Page } from 'playwright-core'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type Chromium, phone, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import type { Mail } from '../helpers/server.ts'
import { codeIn, type MethodsServer, startMethodsServer } from './methods-rig.ts'

let server: MethodsServer
let chromium: Chromium
let app: App
setUpChromium(() => startMethodsServer({ clients: [shop] }), async (started) => {
  ;({ server, chromium } = started)
  app = await createApp(server.issuer, shop)
})

const isAt = (page: Page, heading: string) => page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const linkIn = ({ text }: Mail): string => /http:\/\/localhost:\d+\/link\/[\w-]+/.exec(text)?.[0] ?? ''

/** Nothing listens where the app is: what arrives there counts. */
async function atApp(tab: Tab): Promise<Promise<URL>> {
  const { promise, resolve } = Promise.withResolvers<URL>()
  await tab.context.route(`${app.redirectUri}*`, async (route) => {
    resolve(new URL(route.request().url()))
    await route.fulfill({ status: 200, contentType: 'text/html', body: '<!doctype html><title>Shop</title><h1>Welcome to the shop</h1>' })
  })
  return promise
}

/** Into the field, by something that fills it in twice. What is sent of it, by the time that all is over. */
async function paste({ page }: Tab, text: string, path: string): Promise<string[]> {
  const posts: string[] = []
  // The heading is there before the script that sends.
  await page.waitForLoadState('load')
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname.endsWith(path)) posts.push(request.postData() ?? '')
  })
  await page.getByLabel('Code').evaluate((input: HTMLInputElement, code) => {
    for (const value of [code, '', code]) {
      input.value = value
      input.dispatchEvent(new InputEvent('input', { bubbles: true }))
    }
  }, text)
  return posts
}

/** In a browser that knows nobody: the address is typed, the mail has come. */
async function asked(options: TabOptions = {}) {
  const person = await server.somebody()
  const tab = await chromium.open(options)
  const arrived = atApp(tab)
  const authorization = await app.authorize()
  await tab.page.goto(authorization.url.href)
  await tab.page.getByLabel('Email, mobile number or username').or(tab.page.locator('#identifier')).first().fill(person.email)
  await press(tab.page, 'Continue')
  await isAt(tab.page, 'Check your email')
  const mail = await server.messageTo(person.email)
  const finish = async () => (await authorization.finish(await arrived)).claims()
  return { person, tab, mail, link: linkIn(mail), finish }
}

test.serial('the link opened in another tab: that one goes on, the one that waited says so by itself', async t => {
  const { person, tab, link, finish } = await asked()
  const mailTab = await tab.context.newPage()
  await mailTab.goto(link)
  await isAt(mailTab, 'Finish signing in')
  await press(mailTab, 'Sign in')
  t.is((await finish())?.sub, person.account.id)
  await isAt(tab.page, 'You are signed in')
  await tab.page.getByText('You went on in another tab. You can close this one.').waitFor()
  t.deepEqual(tab.complaints, [])
})

test.serial('the link opened in the same tab goes on there', async t => {
  const { person, tab, link, finish } = await asked()
  await tab.page.goto(link)
  await press(tab.page, 'Sign in')
  t.is((await finish())?.sub, person.account.id)
})

test.serial('the link opened in another browser shows a code on a press, which signs in where it was asked for', async t => {
  const { person, tab, link, finish } = await asked()
  const other = await chromium.open()
  await other.page.goto(link)
  await isAt(other.page, 'Finish where you started')
  await press(other.page, 'Show my code')
  await isAt(other.page, 'Type this code where you started')
  const code = (await other.page.locator('output').innerText()).trim()
  t.regex(code, /^\d{6}$/)
  await tab.page.getByLabel('Code').pressSequentially(code)
  await tab.page.keyboard.press('Enter')
  t.is((await finish())?.sub, person.account.id)
  await other.page.goto(`${server.issuer}/demo`)
  t.is(await other.page.getByText(person.email).count(), 0, 'the other browser is signed in nowhere')
})

test.serial('a mail scanner with a browser of its own, which runs scripts and presses nothing, changes nothing', async t => {
  const { person, tab, link, finish } = await asked()
  const scanner = await chromium.open({ context: { userAgent: 'Mozilla/5.0 (compatible; MailScanner/1.0)' } })
  const requests: string[] = []
  scanner.page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`))
  for (let looks = 0; looks < 3; looks++) {
    await scanner.page.goto(link)
    await isAt(scanner.page, 'Finish where you started')
    await scanner.page.mouse.move(100, 100)
    await scanner.page.waitForLoadState('networkidle')
  }
  t.deepEqual(requests.filter((request) => !request.startsWith('GET ')), [])
  t.deepEqual((await scanner.context.cookies()).map(({ name }) => name), [])
  const mailTab = await tab.context.newPage()
  await mailTab.goto(link)
  await press(mailTab, 'Sign in')
  t.is((await finish())?.sub, person.account.id)
})

test.serial('the link as the proof of a sign-up: pressed in another tab, which goes on to the new account', async t => {
  const email = 'by-link@example.com'
  const tab = await chromium.open()
  const arrived = atApp(tab)
  const authorization = await app.authorize()
  await tab.page.goto(authorization.url.href)
  await press(tab.page, 'Create an account')
  await tab.page.getByLabel('Email').fill(email)
  await press(tab.page, 'Continue')
  await isAt(tab.page, 'Confirm your email')
  const mailTab = await tab.context.newPage()
  await mailTab.goto(linkIn(await server.messageTo(email)))
  await isAt(mailTab, 'Confirm your email')
  await mailTab.getByText(`You are creating an account for ${shop.client_name} with ${email}.`).waitFor()
  t.is(await server.foundation.storage.identifiers.get(`email:${email}`), undefined, 'looking makes no account')
  await press(mailTab, 'Continue')
  await isAt(mailTab, 'Sign in faster next time')
  await isAt(tab.page, 'You went on in another tab')
  await press(mailTab, 'Not now')
  const claims = (await authorization.finish(await arrived)).claims()
  t.is((await server.account(claims?.sub ?? ''))?.identifiers[0]?.value, email)
  t.deepEqual(claims?.['amr'], ['otp'])
  t.deepEqual(tab.complaints, [])
})

test.serial('a number as people write it, on the first screen; the code of the text signs in', async t => {
  const person = await server.somebody()
  const tab = await chromium.open({ context: phone })
  const arrived = atApp(tab)
  const authorization = await app.authorize()
  await tab.page.goto(authorization.url.href)
  await tab.page.getByLabel('Email, mobile number or username').fill(`0${person.phone.slice(3, 7)} ${person.phone.slice(7)}`)
  await press(tab.page, 'Continue')
  await isAt(tab.page, 'Check your phone')
  await tab.page.getByLabel('Code').pressSequentially(codeIn(await server.messageTo(person.phone)))
  await tab.page.keyboard.press('Enter')
  const claims = (await authorization.finish(await arrived)).claims()
  t.is(claims?.sub, person.account.id)
  t.deepEqual(claims?.['amr'], ['sms'])
  t.deepEqual(tab.complaints, [])
})

test.serial('a text as the way out where the mail does not come: its code, pasted whole, sends itself', async t => {
  const { person, tab, finish } = await asked()
  await tab.page.getByRole('link', { name: 'Try another way' }).click()
  await tab.page.getByRole('button', { name: /^Code by text message/ }).click()
  await isAt(tab.page, 'Check your phone')
  const posts = await paste(tab, codeIn(await server.messageTo(person.phone)), '/sms-otp')
  t.is((await finish())?.sub, person.account.id)
  t.is(posts.length, 1)
})

test.serial('pasted whole, with a blank in it, the code sends itself once', async t => {
  const { person, tab, mail, finish } = await asked()
  const code = codeIn(mail)
  const posts = await paste(tab, `${code.slice(0, 3)} ${code.slice(3)}`, '/email-otp')
  t.is((await finish())?.sub, person.account.id)
  t.is(posts.length, 1)
})

test.serial('a recovery code is never sent by itself; it is typed, and Enter sends it', async t => {
  const { person, tab } = await asked()
  await tab.page.getByRole('link', { name: 'Try another way' }).click()
  await tab.page.getByRole('button', { name: /^Recovery code/ }).click()
  await isAt(tab.page, 'Enter a recovery code')
  await tab.page.getByLabel('Recovery code').fill(person.recoveryCodes[0] ?? '')
  await isAt(tab.page, 'Enter a recovery code')
  await tab.page.keyboard.press('Enter')
  await isAt(tab.page, 'You used a recovery code')
  t.true(await tab.page.getByText('9 left. We told you by email.').isVisible())
})

test.serial('an app\'s code that is pasted sends itself; after a mistake it waits for Continue', async t => {
  const { person, tab, finish } = await asked()
  await tab.page.getByRole('link', { name: 'Try another way' }).click()
  await tab.page.getByRole('button', { name: /^Authenticator app/ }).click()
  await isAt(tab.page, 'Enter the code from your app')
  await tab.page.waitForLoadState('load')
  await tab.page.getByLabel('Code').fill('000 000')
  await tab.page.getByRole('alert').waitFor()
  await tab.page.getByLabel('Code').fill(person.appCode())
  await isAt(tab.page, 'Enter the code from your app')
  await press(tab.page, 'Continue')
  t.is((await finish())?.sub, person.account.id)
})

test.serial('without JavaScript: by the link in another tab, and the waiting one asks once by a press', async t => {
  const { person, tab, link, finish } = await asked({ context: { javaScriptEnabled: false } })
  await tab.page.getByRole('link', { name: 'I opened the link' }).click()
  await isAt(tab.page, 'Check your email')
  await tab.page.getByText('The link has not been used yet.').waitFor()
  const mailTab = await tab.context.newPage()
  await mailTab.goto(link)
  await press(mailTab, 'Sign in')
  t.is((await finish())?.sub, person.account.id)
  await tab.page.getByRole('link', { name: 'I opened the link' }).click()
  await isAt(tab.page, 'You are signed in')
})

test.serial('without JavaScript: a text, an app, a recovery code', async t => {
  for (const [row, heading, label, code] of [
    [/^Code by text message/, 'Check your phone', 'Code', undefined],
    [/^Authenticator app/, 'Enter the code from your app', 'Code', 'app'],
    [/^Recovery code/, 'Enter a recovery code', 'Recovery code', 'paper'],
  ] as const) {
    const { person, tab } = await asked({ context: { javaScriptEnabled: false } })
    await tab.page.getByRole('link', { name: 'Try another way' }).click()
    await tab.page.getByRole('button', { name: row }).click()
    await isAt(tab.page, heading)
    await tab.page.getByLabel(label).fill(code === 'app' ? person.appCode() : code === 'paper' ? person.recoveryCodes[0] ?? '' : codeIn(await server.messageTo(person.phone)))
    await press(tab.page, 'Continue')
    if (code === 'paper') await press(tab.page, `Continue to ${shop.client_name}`)
    await isAt(tab.page, 'Welcome to the shop')
  }
  t.pass()
})
