/** The first screen, in whatever way people are told to sign in: its words, its keyboard, and what was typed on the next one. */
import test from 'ava'
import { type Chromium, phone } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { createApp, shop } from '../helpers/app.ts'
import { seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'

type Kind = 'email' | 'phone' | 'username'
const appWith = (id: string, ...kinds: Kind[]) => ({
  ...shop,
  client_id: id,
  client_name: `Example ${id}`,
  latchkey: {
    firstParty: true,
    identifiers: Object.fromEntries((['email', 'phone', 'username'] as const).map((kind) => [kind, { signIn: kinds.includes(kind) }])),
  },
})

interface Case {
  client: ReturnType<typeof appWith>
  label: string
  input: { type: string; inputmode: string | null }
  /** typed, and what is said to it */
  wrong: [typed: string, error: string][]
  right: { typed: string; shown: string; heading: string }
}

const cases: Record<string, Case> = {
  email: {
    client: appWith('mail', 'email'),
    label: 'Email',
    input: { type: 'email', inputmode: 'email' },
    wrong: [['', 'Enter your email address.'], ['maya', 'Enter an email address like name@example.com.']],
    right: { typed: ' Maya@Example.com ', shown: 'maya@example.com', heading: 'Check your email' },
  },
  phone: {
    client: appWith('call', 'phone'),
    label: 'Mobile number',
    input: { type: 'tel', inputmode: 'tel' },
    wrong: [['', 'Enter your mobile number.'], ['12', 'Enter a mobile number like +44 7911 123456.'], ['maya@example.com', 'Enter a mobile number like +44 7911 123456.']],
    right: { typed: '07911 123456', shown: '+44\u00A07911\u00A0123456', heading: 'Check your phone' },
  },
  username: {
    client: appWith('name', 'username'),
    label: 'Username',
    input: { type: 'text', inputmode: null },
    wrong: [['', 'Enter your username.'], ['maya@example.com', 'This is not a username that anyone can have here. Check it for typing mistakes.']],
    right: { typed: 'Maya', shown: 'maya', heading: 'Check your email' },
  },
  mixed: {
    client: appWith('any', 'email', 'phone', 'username'),
    label: 'Email, mobile number or username',
    input: { type: 'text', inputmode: 'email' },
    wrong: [['', 'Enter your email address, your mobile number or your username.'], ['maya@', 'Enter an email address like name@example.com.']],
    right: { typed: '+44 7911 123456', shown: '+44\u00A07911\u00A0123456', heading: 'Check your phone' },
  },
}

const identifiers = { phone: { signIn: true, signUp: 'off', defaultRegion: 'GB' }, username: { signIn: true, signUp: 'off' } }
let server: InProcess
let chromium: Chromium
setUpChromium(() => startInProcess({ clients: Object.values(cases).map(({ client }) => client), config: { identifiers } }), (started) => ({ server, chromium } = started))

for (const [name, { client, label, input, wrong, right }] of Object.entries(cases)) {
  test.serial(`people sign in with: ${name}`, async (t) => {
    const tab = await chromium.open({ context: phone })
    const { page, complaints } = tab
    await page.goto((await (await createApp(server.issuer, client)).authorize()).url.href)
    const field = page.getByLabel(label, { exact: true })
    t.is(await field.getAttribute('type'), input.type)
    t.is(await field.getAttribute('inputmode'), input.inputmode)
    t.is(await field.getAttribute('autocomplete'), 'username webauthn')
    t.true(await field.evaluate((element) => element === element.ownerDocument.activeElement))
    for (const [typed, error] of wrong) {
      await field.fill(typed)
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await page.getByRole('alert').getByText(error, { exact: true }).waitFor()
      t.is(await field.inputValue(), typed, 'what was typed stays')
      t.deepEqual(await seriousViolations(tab), [])
      t.is(await sidewaysScroll(tab), 0)
    }
    await field.fill(right.typed)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: right.heading }).waitFor()
    t.true((await page.locator('.identity, .address').allTextContents()).join(' ').replaceAll('\u200b', '').includes(right.shown))
    await page.getByRole('button', { name: /^Change/ }).first().click()
    await field.waitFor()
    t.is(await field.inputValue(), right.shown, 'it is there to be corrected')
    t.deepEqual(complaints.filter((text) => !text.includes('status of 400')), [])
  })
}

test.serial('who wanted to be remembered is welcomed back, and needs no script for it', async (t) => {
  const { client } = cases['mixed']!
  const app = await createApp(server.issuer, client)
  const tab = await chromium.open({ context: { ...phone, javaScriptEnabled: false } })
  const { page, context } = tab
  await context.route((url) => url.host !== new URL(server.issuer).host, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>The app</h1>' }))
  const authorization = await app.authorize()
  await page.goto(authorization.url.href)
  await page.getByLabel('Email, mobile number or username').fill('sam@example.com')
  await page.getByLabel('Remember me on this device').check()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  const mail = await server.mailTo('sam@example.com', [])
  await page.getByRole('textbox', { name: 'Code' }).fill(/^\s*(\d{6})\s*$/m.exec(mail.text)![1]!)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('heading', { level: 1, name: 'The app' }).waitFor()

  await page.goto((await app.authorize({ prompt: 'select_account' })).url.href)
  await page.getByRole('heading', { level: 1, name: 'Welcome back' }).waitFor()
  t.is(await page.getByRole('button', { name: /^Continue as/ }).textContent().then((text) => text?.trim()), 'Continue as sam@example.com')
  t.is(await sidewaysScroll(tab), 0)
  await page.getByRole('button', { name: 'Forget sam@example.com on this device' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  t.deepEqual((await context.cookies()).filter(({ name }) => name.includes('remembered')), [])
})
