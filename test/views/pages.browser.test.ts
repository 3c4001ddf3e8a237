/** Every view as Chromium shows it, and what the script adds: no server of ours but one that shows samples. */
import test, { type ExecutionContext } from 'ava'
import type { Locale } from '../../src/i18n/index.ts'
import { type Chromium, narrow, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { layoutShift, seriousViolations, sidewaysScroll } from '../helpers/page-checks.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { type PageServer, policy, startPageServer } from './page-server.ts'
import { samples } from './samples.ts'

const views = samples()

let chromium: Chromium
let server: PageServer
setUpChromium(() => startPageServer(views), (started) => ({ server, chromium } = started))

async function open(name: string, options: TabOptions = {}): Promise<Tab> {
  const tab = await chromium.open(options)
  await server.open(tab, name)
  return tab
}

/** The same page with another sentence. */
const likeAnother = /^account-(not-me|stopped|ways-done|remove-only|remove-required|add-error|add-name-error)-/

/** The views in one tab; the page that goes on by itself stays out. */
async function tour(t: ExecutionContext, locale: Locale, options: TabOptions, look: (tab: Tab, name: string) => Promise<unknown>, only = /./) {
  // With immediate mode, where the most is to be seen: a button that only works with it goes where there is none.
  const tab = await chromium.open({ immediate: true, ...options })
  // A dialog that opens by itself leaves no page while nobody answers it.
  await tab.authenticator.setPresent(false)
  for (const name of Object.keys(views).filter((name) => name !== 'hand-over-form' && !likeAnother.test(name) && only.test(name))) {
    await server.open(tab, name, { locale })
    await look(tab, name)
  }
  t.deepEqual(tab.complaints, [])
  await tab.context.close()
}

/** What has colours of its own; the rest of the pages is made of the same parts. */
const coloured = /^(identifier-form|identifier-known|email-otp-resent|methods|consent|passkey-create|passkey-created|logged-out-failed|error-client|link-code|link-switches|totp-wrong|account-not-me|account-enrol-created|account-totp-remove|account-remove|account-passkeys|account-passkeys-only-missing|account-ways-(?:confirm-email|done-made-primary))$/

/** Where no address is known to go on to. */
const wordsOnly = /^(account-(overview.*|sessions(?:-one)?|activity.*|recovery.*|apps.*|passkeys-off|stopped|enrol-created-(?:device|apps)|message-(?!app|help).*)|link-(?:gone-nowhere|refused|shown))$/

/** One state of each view. */
const distinct = new RegExp(`${coloured.source}|^(identifier|identifier-in-app|sign-up|email-otp|email-otp-wrong|passkey|passkey-failed-closed|passkey-automatic|passkey-name-wrong|passkey-create-elsewhere-first|passkey-create-after-phone|other-device|wrong-account|create-account|step-up|passkey-not-created|guard-passkey|blocked|recovery|recovery-waiting|recovery-notice|freeze-notice|identifier-remember|email-link|sms-otp|totp-wrong|recovery-code|recovery-code-used|link|link-switches|link-elsewhere|link-code|link-used|email-link-used|help|hand-over|logout|account-(stopped|enrol|enrol-create|enrol-closed|message-app|totp|codes-few|codes-save|ways|add-email|confirm|confirm-wrong|guard-cooling|signed-out|overview|sessions|device-forget|activity|profile|recovery|apps|app-remove-asks|passkeys-none|passkey-create|passkey-create-elsewhere|passkey-rename-empty|passkey-remove|passkey-remove-last|passkeys-only))$`)

test.serial('readable by everybody, and the main action on the first screen of a small phone', async (t) => {
  await tour(t, 'en', { context: { colorScheme: 'light', viewport: { width: 360, height: 640 } } }, async (tab, name) => {
    if (distinct.test(name)) t.deepEqual(await seriousViolations(tab), [], name)
    if (/^(freeze-notice-all|passkey-create|sign-up-(?:.*all$|passkey-elsewhere|one-enough|nothing|country|codes-(?:shown|not-saved))|account-(?:enrol-create(?:-elsewhere)?$|totp(?!-remove)|codes-(?:save|not-saved)|ways)|help|consent|error-not-found)/.test(name) || wordsOnly.test(name)) return
    const bottom = await tab.page.locator('.primary, .danger-fill').evaluate((button) => button.getBoundingClientRect().bottom)
    t.true(bottom <= 640, `${name}: ${bottom}`)
  })
})

test.serial('readable by everybody in the dark', async (t) => {
  await tour(t, 'de', { context: { colorScheme: 'dark' } }, async (tab, name) => {
    t.deepEqual(await seriousViolations(tab), [], name)
  }, coloured)
})

test.serial('at 320 px, in the longer language: nothing sideways, targets high enough, nothing jumps', async (t) => {
  await tour(t, 'de', { context: narrow }, async (tab, name) => {
    t.is(await sidewaysScroll(tab), 0, name)
    // A page that jumps does so each time; one whose script had to wait for a busy machine does not.
    if ((await layoutShift(tab)) >= 0.01) await server.open(tab, name, { locale: 'de' })
    t.true((await layoutShift(tab)) < 0.01, `${name} jumps`)
    const low = await tab.page.evaluate(() =>
      [...document.querySelectorAll('button, summary, input:not([type="hidden"]):not([type="checkbox"]), .check label, a.link, a.button, footer a')]
        .map((target) => ({ words: target.textContent, ...target.getBoundingClientRect().toJSON() }))
        .filter(({ height }) => height > 0 && height < 44)
        .map(({ words, height }) => `${words}: ${height}`),
    )
    t.deepEqual(low, [], name)
  })
})

test.serial('without script: no dead button, and one that leads', async (t) => {
  await tour(t, 'en', { context: { javaScriptEnabled: false } }, async (tab, name) => {
    t.is(await tab.page.locator('[data-passkey]:visible, [data-needs-passkey]:visible, [data-stop]:visible, [data-copy]:visible, [data-print]:visible').count(), 0, name)
  }, /identifier|email-otp|passkey|methods|device|step-up|guard|account-(?:enrol|totp|codes)|error-internal/)
  const tab = await open('identifier-known', { context: { javaScriptEnabled: false } })
  const colour = await tab.page.getByRole('button', { name: 'Continue', exact: true }).evaluate((button) => getComputedStyle(button).backgroundColor)
  t.is(colour, 'rgb(51, 85, 255)')
  t.true(await tab.page.locator('noscript').evaluate((note) => note.getBoundingClientRect().height > 0))
  await tab.context.close()
})

test.serial('Continue posts the address, once, whatever is pressed', async (t) => {
  const tab = await open('identifier')
  await tab.page.getByLabel('Email').fill('maya@example.com')
  await tab.page.getByRole('button', { name: 'Continue', exact: true }).dblclick()
  t.is((await server.posted(tab, '/interaction/abc/identifier'))['identifier'], 'maya@example.com')
  t.is(server.posts.filter(({ path }) => path.endsWith('/identifier')).length, 1)
  await tab.context.close()
})

test.serial('a code that is filled in or pasted sends itself; typed by hand it waits', async (t) => {
  const tab = await open('email-otp')
  const input = tab.page.getByLabel('Code')
  await input.pressSequentially('419037')
  t.deepEqual(server.posts, [])
  await input.fill('')
  await input.fill('419 037')
  t.is((await server.posted(tab, '/interaction/abc/email-otp'))['code'], '419 037')
  await tab.context.close()
})

test.serial('after an error a code never sends itself', async (t) => {
  const tab = await open('email-otp-wrong')
  t.is(await tab.page.evaluate(() => document.activeElement?.getAttribute('role')), 'alert')
  await tab.page.getByLabel('Code').fill('419037')
  t.is(await tab.page.getByLabel('Code').getAttribute('aria-invalid'), null, 'the error goes when the value is put right')
  t.deepEqual(server.posts, [])
  await tab.context.close()
})

test.serial('the wait for a new code counts down silently', async (t) => {
  const tab = await chromium.open()
  await tab.page.clock.install()
  await server.open(tab, 'email-otp')
  t.true(await tab.page.getByText('You can ask for a new code in 0:30').isVisible())
  await tab.page.clock.runFor(6_000)
  t.true(await tab.page.getByText('You can ask for a new code in 0:24').isVisible())
  t.is(await tab.page.getByRole('status').textContent(), '')
  await tab.page.clock.runFor(25_000)
  t.is(await tab.page.getByRole('status').textContent(), 'You can ask for a new code now.')
  t.true(await tab.page.getByRole('button', { name: 'Send a new code' }).isVisible())
  await tab.context.close()
})

test.serial('a page that waits for its link asks no longer than the link works, and then leaves it to a press', async (t) => {
  const tab = await chromium.open()
  await tab.page.clock.install()
  const asked: string[] = []
  await tab.page.route('**/email-link/status', (route) => {
    asked.push(route.request().method())
    return route.fulfill({ json: { state: 'waiting' } })
  })
  await server.open(tab, 'email-link')
  const again = tab.page.getByRole('link', { name: 'Check again' })
  t.false(await again.isVisible())
  await tab.page.clock.runFor(59_000)
  /** what the page had asked until now has been counted once this, asked after it, is */
  const askedSoFar = async () => {
    await tab.page.evaluate(() => fetch('/interaction/abc/email-link/status'))
    return asked.length
  }
  t.true((await askedSoFar()) > 1)
  await tab.page.clock.fastForward(11 * 60_000)
  await again.waitFor()
  const before = await askedSoFar()
  await tab.page.clock.runFor(60_000)
  t.is(await askedSoFar(), before + 1)
  t.deepEqual([...new Set(asked)], ['GET'])
})

test.serial('another language takes along what was typed', async (t) => {
  const tab = await open('identifier')
  await tab.page.getByLabel('Email').fill('maya@')
  await tab.page.getByRole('button', { name: 'Deutsch' }).click()
  t.like(await server.posted(tab, '/interaction/abc/language'), { identifier: 'maya@', locale: 'de', path: '/interaction/abc/screen', csrf: 'csrf-token' })
  await tab.context.close()
})

test.serial('an answer by form_post goes on by itself', async (t) => {
  const tab = await chromium.open()
  await tab.page.route('https://shop.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: 'here' }))
  await tab.page.route('**/hand-over-form', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy.replace(/; form-action.*/, '') } })
  })
  await server.open(tab, 'hand-over-form')
  await tab.page.waitForURL('https://shop.example.com/callback')
  t.pass()
  await tab.context.close()
})
