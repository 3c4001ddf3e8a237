/** What the pages' script does with passkeys, in Chromium with its virtual authenticator. */
import test from 'ava'
import html from 'escape-html-template-tag'
import { identifierPage } from '../../views/login/identifier.ts'
import { layout } from '../../views/layout.ts'
import type { Html, PageContext } from '../../views/page.ts'
import { heading } from '../../views/parts/heading.ts'
import { passkeyCreateForm, type PasskeyCreateFormProps, passkeyForm, type PasskeyFormProps } from '../../views/parts/passkey.ts'
import { signal } from '../../views/parts/signal.ts'
import { status } from '../../views/parts/status.ts'
import type { Chromium, Tab, TabOptions } from '../helpers/chromium.ts'
import { setUpChromium } from '../helpers/set-up-chromium.ts'
import { freshChallenge, startPageServer, type PageServer } from './page-server.ts'

const options = { challenge: 'Y2hhbGxlbmdl', rpId: 'localhost', userVerification: 'required', timeout: 300_000, allowCredentials: [] }
const creation = {
  challenge: 'Y2hhbGxlbmdl',
  rp: { id: 'localhost', name: 'Example' },
  user: { id: 'dXNlcg', name: 'maya@example.com', displayName: 'maya@example.com' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  timeout: 300_000,
}

const show = (body: Html) => (page: PageContext) => layout(page, { title: 'A page', body: [heading(page, 'A page', { toApp: false }), body, status(page)] })
const get = (props: Partial<PasskeyFormProps> = {}) => (page: PageContext) => show(passkeyForm(page, { options, label: 'Use a passkey', ...props }))(page)
const create = (props: Partial<PasskeyCreateFormProps> = {}) => (page: PageContext) => show(passkeyCreateForm(page, { options: creation, label: 'Create a passkey', ...props }))(page)

const pages: Record<string, (page: PageContext) => Html> = {
  'signal-unknown': (page) => show(html`${signal(page, { rpId: 'localhost', unknown: made })}${get()(page)}`)(page),
  'signal-accepted': (page) => show(html`${signal(page, { rpId: 'localhost', userId: creation.user.id, accepted: [made] })}`)(page),
  'signal-none-accepted': (page) => show(html`${signal(page, { rpId: 'localhost', userId: creation.user.id, accepted: [] })}`)(page),
  'signal-user': (page) => show(html`${signal(page, { rpId: 'localhost', userId: creation.user.id, user: { name: 'maya@example.org', displayName: 'Maya' } })}`)(page),
  plain: show(html`<p>Nothing here</p>`),
  get: get(),
  automatic: get({ auto: true }),
  identifier: (page) => identifierPage(page, { kinds: ['email'], passkey: { options }, knownDevice: false, remember: { checked: false, kinds: ['email'], staysSignedIn: true } }),
  create: create(),
  'create-automatic': create({ auto: '/en/plain' }),
  'create-quiet': create({ conditional: true }),
  named: get({ immediate: true, options: { ...options, allowCredentials: [{ id: 'bmFtZWQ', type: 'public-key' }] } }),
}

/** the passkey that signals are about, base64url */
let made = ''
let server: PageServer
let chromium: Chromium
setUpChromium(() => startPageServer(pages), (started) => ({ server, chromium } = started))


/** One request of the page to the browser. */
interface Asked {
  kind: 'get' | 'create'
  mediation?: string
  uiMode?: string
  /** base64url */
  challenge: string
}

/** `asked` of the page: what it has asked the browser for so far. */
const spy = () => {
  const { credentials } = navigator
  const asked: Asked[] = []
  Object.assign(window, { asked })
  for (const kind of ['get', 'create'] as const) {
    const real = credentials[kind].bind(credentials) as (options: object) => Promise<Credential | null>
    Object.assign(credentials, {
      [kind]: (options: CredentialRequestOptions & { uiMode?: string }) => {
        const bytes = new Uint8Array(options.publicKey?.challenge as ArrayBuffer)
        const challenge = btoa(String.fromCharCode(...bytes)).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
        asked.push({ kind, challenge, ...(options.mediation && { mediation: options.mediation }), ...(options.uiMode && { uiMode: options.uiMode }) })
        return real(options)
      },
    })
  }
}

const askedOf = ({ page }: Tab) => page.evaluate(() => (window as unknown as { asked: Asked[] }).asked)

/** `calls` of the page: requests to the browser that end only when the test says so. */
const hold = () => {
  const calls: ((error: Error) => void)[] = []
  Object.assign(window, { calls })
  const pending = () => new Promise<Credential | null>((_, reject) => void calls.push(reject))
  Object.assign(navigator.credentials, { get: pending, create: pending })
}

const reject = ({ page }: Tab, name: string) => page.evaluate((name) => (window as unknown as { calls: ((error: Error) => void)[] }).calls.at(-1)?.(new DOMException('', name)), name)

/** A tab in which the page's requests are seen, and, with `passkey`, one for localhost, which the page's own script made. */
async function openTab({ passkey = false, ...more }: TabOptions & { passkey?: boolean } = {}): Promise<Tab> {
  const tab = await chromium.open(more)
  await tab.page.addInitScript(spy)
  if (!passkey) return tab
  await server.open(tab, 'create')
  await button(tab, 'Create a passkey').click()
  await server.posted(tab, '/interaction/abc/passkey-create')
  return tab
}

const button = ({ page }: Tab, name: string) => page.getByRole('button', { name, exact: true })
const says = ({ page }: Tab) => page.getByRole('status').textContent()
const ready = ({ page }: Tab) => page.waitForFunction(() => {
  const told = document.querySelector<HTMLInputElement>('input[name="capabilities"]')
  return told ? told.value.includes('platform') : document.querySelector<HTMLElement>('[data-passkey]')?.hidden === false
})
const paths = () => server.posts.map(({ path }) => path.replace('/interaction/abc', ''))
const challengeIn = (response = '{}') => JSON.parse(Buffer.from(JSON.parse(response).response.clientDataJSON, 'base64url').toString()).challenge as string

async function usable(t: { is(a: unknown, b: unknown): unknown }, tab: Tab, name: string) {
  await button(tab, name).waitFor()
  t.is(await button(tab, name).getAttribute('aria-disabled'), null)
}

// The button ------------------------------------------------------------------------------------------------------------

test.serial('a passkey is created, and the form posts it', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'create')
  await button(tab, 'Create a passkey').click()
  const { response = '{}', csrf, ceremony, mediation } = await server.posted(tab, '/interaction/abc/passkey-create')
  t.is(csrf, 'csrf-token')
  t.truthy(JSON.parse(response).response.attestationObject)
  t.is(mediation, 'modal')
  t.regex(ceremony ?? '', /^[0-9a-f]{16}$/)
  t.deepEqual(tab.complaints, [])
  await tab.context.close()
})

test.serial('the dialog is asked for within the press, whatever waited before', async (t) => {
  const tab = await openTab({ immediate: true })
  await tab.authenticator.setPresent(false)
  for (const [name, selector] of [['get', 'form[data-passkey]'], ['create', 'form[data-passkey]'], ['identifier', 'form[data-passkey]'], ['identifier', 'form[data-immediate-first]']] as const) {
    await server.open(tab, name)
    await ready(tab)
    await tab.page.evaluate(() => document.querySelector<HTMLInputElement>('#identifier')?.setAttribute('value', 'maya@example.com'))
    // From within a script no task and no microtask comes between the press and the next line.
    const [before, after] = await tab.page.evaluate((selector) => {
      const { asked } = window as unknown as { asked: Asked[] }
      const before = asked.length
      document.querySelector<HTMLFormElement>(selector)?.requestSubmit()
      return [before, asked.length]
    }, selector)
    t.is(after, Number(before) + 1, `${name}: ${selector}`)
  }
  await tab.context.close()
})

test.serial('nobody touches the autofill; the button stops it and asks itself', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'identifier')
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 1)
  await tab.authenticator.setPresent(true)
  await button(tab, 'Sign in with a passkey').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { mediation: 'modal', error: '' })
  t.is(paths().filter((path) => path === '/passkey').length, 1)
  await tab.context.close()
})

test.serial('the pressed button says that it waits', async (t) => {
  const tab = await openTab()
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'get')
  await button(tab, 'Use a passkey').click()
  t.is(await button(tab, 'Use a passkey').getAttribute('aria-disabled'), 'true')
  t.regex((await says(tab)) ?? '', /^Waiting for your passkey/)
  await tab.context.close()
})

test.serial('a press that comes twice asks once', async (t) => {
  const tab = await openTab()
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'get')
  await button(tab, 'Use a passkey').dblclick()
  t.is((await askedOf(tab)).length, 1)
  await tab.context.close()
})

test.serial('a browser that is not done with the request before is asked again when it is', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.authenticator.setPresent(false)
  await tab.page.addInitScript(() => {
    const real = navigator.credentials.get.bind(navigator.credentials)
    let pending = 0
    navigator.credentials.get = async (options) => {
      if (pending > 0) throw new DOMException('A request is already pending.', 'OperationError')
      pending++
      try {
        return await real(options)
      } finally {
        pending--
      }
    }
  })
  await server.open(tab, 'identifier')
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 1)
  await tab.authenticator.setPresent(true)
  await button(tab, 'Sign in with a passkey').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  await tab.context.close()
})

test.serial('waiting can be stopped; the button works again, and autofill too', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.authenticator.setPresent(false)
  await tab.page.clock.install()
  await server.open(tab, 'identifier')
  await ready(tab)
  const press = button(tab, 'Sign in with a passkey')
  await press.click()
  await tab.page.clock.runFor(10_000)
  await button(tab, 'Stop waiting').click()
  await tab.page.getByText('We stopped waiting. Nothing was changed.').waitFor()
  await usable(t, tab, 'Sign in with a passkey')
  t.true(await press.evaluate((button) => button === document.activeElement))
  await tab.page.waitForFunction((fresh) => (window as unknown as { asked: Asked[] }).asked.at(-1)?.challenge === fresh, freshChallenge)
  t.like((await askedOf(tab)).at(-1), { mediation: 'conditional' })
  t.deepEqual(paths().filter((path) => !path.endsWith('/report')), ['/passkey/options'])
  await tab.authenticator.setPresent(true)
  await press.click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  await tab.context.close()
})

test.serial('no window to be seen: another press opens it again, and the heading says what to do', async (t) => {
  const tab = await openTab()
  await tab.authenticator.setPresent(false)
  await tab.page.clock.install()
  await server.open(tab, 'create')
  await button(tab, 'Create a passkey').click()
  t.true(await tab.page.locator('h1').evaluate((heading) => heading === document.activeElement), 'and is read out')
  t.is(await tab.page.locator('h1').textContent(), 'Follow your device')
  t.is(await tab.page.title(), 'Follow your device – Example')
  await tab.page.clock.runFor(5_000)
  await tab.authenticator.setPresent(true)
  await button(tab, 'I see no window').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey-create'))['response'])
  t.is((await server.reports()).filter(({ outcome }) => outcome === 'started').length, 2)
  await tab.context.close()
})

test.serial('another button during the dialog ends it; the page leaves once', async (t) => {
  const tab = await openTab()
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'identifier')
  await ready(tab)
  await button(tab, 'Sign in with a passkey').click()
  await button(tab, 'Create an account').click()
  await tab.page.waitForURL('**/identifier')
  t.deepEqual(paths().filter((path) => !/report|options/.test(path)), ['/identifier'])
  t.deepEqual(server.reports().map(({ outcome, error }) => [outcome, error]), [['started', undefined], ['failed', 'AbortError']])
  await tab.context.close()
})

// Immediate mode --------------------------------------------------------------------------------------------------------

test.serial('no passkey here: the button says so by posting, and no QR code is asked for', async (t) => {
  const tab = await openTab({ immediate: true })
  await server.open(tab, 'identifier')
  await ready(tab)
  await button(tab, 'Sign in with a passkey').click()
  const { error, elapsed, response, mediation } = await server.posted(tab, '/interaction/abc/passkey')
  t.deepEqual({ error, response, mediation }, { error: 'NotAllowedError', response: '', mediation: 'immediate' })
  t.true(Number(elapsed) < 1000)
  await tab.context.close()
})

test.serial('Continue is answered by a passkey that is here, and takes along what was typed', async (t) => {
  const tab = await openTab({ passkey: true, immediate: true })
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.getByLabel('Email').fill('maya@example.com')
  await tab.authenticator.setPresent(true)
  await button(tab, 'Continue').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { identifier: 'maya@example.com', error: '' })
  await tab.context.close()
})

test.serial('Continue without a passkey here goes on as if nothing had been asked, once', async (t) => {
  const tab = await openTab({ immediate: true })
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.getByLabel('Email').fill('maya@example.com')
  await button(tab, 'Continue').dblclick()
  t.is((await server.posted(tab, '/interaction/abc/identifier'))['identifier'], 'maya@example.com')
  t.deepEqual(paths(), ['/identifier'])
  await tab.context.close()
})

test.serial('Continue asks in immediate mode; passkeys that are named are asked for by the ordinary dialog', async (t) => {
  const tab = await openTab({ immediate: true })
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.getByLabel('Email').fill('maya@example.com')
  await tab.page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-immediate-first]')?.requestSubmit())
  t.is((await askedOf(tab)).at(-1)?.uiMode, 'immediate')
  await server.open(tab, 'named')
  await ready(tab)
  await button(tab, 'Use a passkey').click()
  t.like((await askedOf(tab)).at(-1), { uiMode: undefined })
  await tab.context.close()
})

// Autofill --------------------------------------------------------------------------------------------------------------

test.serial('autofill is answered from the first paint', async (t) => {
  const tab = await openTab({ passkey: true })
  await server.open(tab, 'identifier', { waitUntil: 'commit' })
  const { response = '{}', mediation } = await server.posted(tab, '/interaction/abc/passkey')
  t.truthy(JSON.parse(response).response.signature)
  t.is(mediation, 'conditional')
  t.deepEqual(server.reports(), [])
  await tab.context.close()
})

test.serial('with no passkey here autofill says nothing, shows nothing and reports nothing', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 1)
  await tab.page.waitForLoadState('networkidle')
  t.deepEqual(server.posts, [])
  t.is(await says(tab), '')
  await tab.context.close()
})

test.serial('a list that was closed comes back when the field is touched', async (t) => {
  const tab = await openTab()
  await tab.page.clock.install()
  await tab.page.addInitScript(hold)
  await server.open(tab, 'identifier')
  const calls = () => tab.page.evaluate(() => (window as unknown as { calls: unknown[] }).calls.length)
  await tab.page.waitForFunction(() => (window as unknown as { calls: unknown[] }).calls.length === 1)
  await tab.page.clock.runFor(5_000)
  await reject(tab, 'NotAllowedError')
  t.is(await calls(), 1)
  await tab.page.getByLabel('Email').click()
  await tab.page.waitForFunction(() => (window as unknown as { calls: unknown[] }).calls.length === 2)
  t.deepEqual(paths(), ['/passkey/options'])
  await tab.context.close()
})

// What opens by itself --------------------------------------------------------------------------------------------------

test.serial('a dialog opens by itself after a press led here', async (t) => {
  const tab = await openTab({ passkey: true })
  await server.open(tab, 'automatic', { waitUntil: 'commit' })
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { mediation: 'automatic', error: '' })
  await tab.context.close()
})

test.serial('not by going back or loading again', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'automatic')
  t.is((await askedOf(tab)).length, 1)
  await tab.page.reload()
  await ready(tab)
  t.deepEqual(await askedOf(tab), [])
  await tab.page.goto(`${server.origin}/en/plain`)
  await tab.page.goBack()
  await ready(tab)
  t.true((await askedOf(tab)).length <= 1, 'a page that was kept has asked before')
  await usable(t, tab, 'Use a passkey')
  await tab.context.close()
})

test.serial('one that could not open is no error: the button waits, and works', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'automatic')
  await tab.page.waitForFunction((fresh) => document.querySelector<HTMLElement>('[data-passkey]')?.dataset['options']?.includes(fresh), freshChallenge)
  t.is(await says(tab), '')
  await usable(t, tab, 'Use a passkey')
  t.like(server.reports(), [{ mediation: 'automatic', outcome: 'failed', error: 'NotAllowedError' }])
  t.is(server.reports().length, 1)
  await button(tab, 'Use a passkey').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { mediation: 'modal', error: 'NotAllowedError' })
  await tab.context.close()
})

test.serial('while one is open the button works too, because there may be no window to be seen', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.authenticator.setPresent(false)
  await tab.page.clock.install()
  await server.open(tab, 'automatic')
  t.regex((await says(tab)) ?? '', /^Waiting/)
  await tab.page.clock.runFor(2_000)
  await usable(t, tab, 'Use a passkey')
  await tab.authenticator.setPresent(true)
  await button(tab, 'Use a passkey').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { mediation: 'modal', error: '' })
  t.deepEqual(server.reports().map(({ mediation, outcome }) => `${mediation} ${outcome}`).toSorted(), ['automatic failed', 'automatic started', 'modal started'])
  await tab.context.close()
})

test.serial('one that stayed open and then ended without a passkey is told like a press', async (t) => {
  const tab = await openTab()
  await tab.page.clock.install()
  await tab.page.addInitScript(hold)
  await server.open(tab, 'automatic')
  await tab.page.clock.runFor(3_000)
  await reject(tab, 'NotAllowedError')
  const { mediation, error, elapsed } = await server.posted(tab, '/interaction/abc/passkey')
  t.deepEqual({ mediation, error }, { mediation: 'automatic', error: 'NotAllowedError' })
  t.true(Number(elapsed) >= 3_000)
  await tab.context.close()
})

test.serial('a passkey makes itself, where the operator wants that; where it cannot, the explaining page comes instead', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'create-automatic', { waitUntil: 'commit' })
  t.like(await server.posted(tab, '/interaction/abc/passkey-create'), { mediation: 'automatic', error: '' })
  await tab.authenticator.setUserVerified(false)
  await server.open(tab, 'create-automatic', { waitUntil: 'commit' })
  await tab.page.waitForURL('**/en/plain')
  await tab.page.goBack()
  t.not(new URL(tab.page.url()).pathname, '/en/create-automatic', 'and going back does not lead to it again')
  await tab.context.close()
})

test.serial('a passkey that is there already is told, however fast', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException('there', 'InvalidStateError'))
  })
  await server.open(tab, 'create-automatic', { waitUntil: 'commit' })
  t.like(await server.posted(tab, '/interaction/abc/passkey-create'), { mediation: 'automatic', error: 'InvalidStateError', response: '' })
  await tab.context.close()
})

test.serial('a passkey that the browser will not save without a dialog: not a word, and the button is there', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'create-quiet')
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 1)
  t.like(await askedOf(tab), [{ kind: 'create', mediation: 'conditional' }])
  t.is(await says(tab), '')
  t.is(await tab.page.locator('h1').textContent(), 'A page')
  await usable(t, tab, 'Create a passkey')
  await button(tab, 'Create a passkey').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey-create'), { mediation: 'modal', error: '' })
  t.deepEqual(server.reports().map(({ mediation }) => mediation), ['modal'])
  await tab.context.close()
})

test.serial('one that it does save is posted like after a press; a page that is loaded again does not try', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(() => {
    const real = navigator.credentials.create.bind(navigator.credentials)
    navigator.credentials.create = (options) => {
      const { mediation: _, ...asked } = options as CredentialCreationOptions & { mediation?: string }
      return real(asked)
    }
  })
  await server.open(tab, 'create-quiet', { waitUntil: 'commit' })
  const { response = '{}', mediation } = await server.posted(tab, '/interaction/abc/passkey-create')
  t.truthy(JSON.parse(response).response.attestationObject)
  t.is(mediation, 'conditional')
  await tab.page.addInitScript(hold)
  const calls = () => tab.page.evaluate(() => (window as unknown as { calls: unknown[] }).calls.length)
  await server.open(tab, 'create-quiet')
  await tab.page.waitForFunction(() => (window as unknown as { calls: unknown[] }).calls.length === 1)
  await tab.page.reload({ waitUntil: 'networkidle' })
  t.is(await calls(), 0)
  await tab.context.close()
})

// Kept fresh ------------------------------------------------------------------------------------------------------------

const hour = 3_600_000

test.serial('a page that stood open for longer than any challenge lives: the press gets a fresh one first', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.page.clock.install()
  await server.open(tab, 'get')
  await tab.page.clock.fastForward(2 * hour + 1_000)
  // Nobody came near the button before: no pointer, no focus.
  await tab.page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-passkey]')?.requestSubmit())
  const { response } = await server.posted(tab, '/interaction/abc/passkey')
  t.is(challengeIn(response), freshChallenge)
  t.deepEqual(paths(), ['/passkey/options', '/passkey/report', '/passkey'])
  await tab.context.close()
})

test.serial('whoever goes towards the button finds it fresh, and the dialog follows the press at once', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(hold)
  await tab.page.clock.install()
  for (const [name, label, age] of [['get', 'Use a passkey', 2 * hour + 1_000], ['create', 'Create a passkey', 6 * 60_000]] as const) {
    await server.open(tab, name)
    await tab.page.clock.fastForward(age)
    await button(tab, label).hover()
    await tab.page.waitForFunction((fresh) => document.querySelector<HTMLElement>('[data-passkey]')?.dataset['options']?.includes(fresh), freshChallenge)
    t.is(await tab.page.evaluate(() => {
      document.querySelector<HTMLFormElement>('form[data-passkey]')?.requestSubmit()
      return (window as unknown as { calls: unknown[] }).calls.length
    }), 1, name)
    t.is(paths().filter((path) => path.endsWith('/options')).length, 1, name)
  }
  await tab.context.close()
})

test.serial('a page that is looked at again after a while asks for fresh challenges, and listens with them', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.authenticator.setPresent(false)
  await tab.page.clock.install()
  await server.open(tab, 'identifier')
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 1)
  const look = () => tab.page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')))
  await tab.page.clock.fastForward(4 * 60_000)
  await look()
  await tab.page.clock.fastForward(2 * 60_000)
  t.deepEqual(server.posts, [], 'not after four minutes')
  await look()
  await tab.page.waitForFunction(() => (window as unknown as { asked: Asked[] }).asked.length === 2)
  t.like((await askedOf(tab)).at(-1), { mediation: 'conditional', challenge: freshChallenge })
  t.deepEqual(paths(), ['/passkey/options'])
  await tab.context.close()
})

test.serial('a page that comes back from the cache is as new: fresh, not busy, and listening', async (t) => {
  const tab = await openTab()
  await tab.authenticator.setPresent(false)
  // The browser stays on a page whose form is answered by nothing.
  await tab.page.route('**/interaction/abc/identifier', (route) => route.fulfill({ status: 204 }))
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.getByRole('button', { name: 'Create an account' }).click()
  t.is(await button(tab, 'Create an account').getAttribute('aria-disabled'), 'true')
  await tab.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await tab.page.waitForFunction((fresh) => (window as unknown as { asked: Asked[] }).asked.at(-1)?.challenge === fresh, freshChallenge)
  await usable(t, tab, 'Create an account')
  t.deepEqual(paths(), ['/passkey/options'])
  await tab.context.close()
})

test.serial('a passkey that may not be made any more is not made: the page is asked what comes first', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(hold)
  await tab.page.clock.install()
  await server.open(tab, 'create')
  await tab.page.route('**/passkey-create/options', (route) => route.fulfill({ status: 410, json: {} }))
  await tab.page.clock.fastForward(10 * 60_000)
  const again = tab.page.waitForEvent('load')
  await tab.page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-passkey]')?.requestSubmit())
  await again
  t.is(await tab.page.evaluate(() => (window as unknown as { calls: unknown[] }).calls.length), 0)
  t.deepEqual(server.reports(), [])
  await tab.context.close()
})

test.serial('an answer of before is not sent once more', async (t) => {
  const tab = await openTab({ passkey: true })
  await server.open(tab, 'get')
  await tab.page.context().setOffline(true)
  await button(tab, 'Use a passkey').click()
  await tab.page.getByText('You are offline, or we did not answer.').waitFor()
  await tab.authenticator.setUserVerified(false)
  await button(tab, 'Use a passkey').click()
  await tab.page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[name="error"]')?.value)
  await tab.page.context().setOffline(false)
  await button(tab, 'Try again').click()
  t.like(await server.posted(tab, '/interaction/abc/passkey'), { response: '', error: 'NotAllowedError' })
  await tab.context.close()
})

// Reports ---------------------------------------------------------------------------------------------------------------

test.serial('reports name the attempt that the form names, and nothing of the person', async (t) => {
  const tab = await openTab({ passkey: true })
  await server.open(tab, 'get')
  await ready(tab)
  const sent = tab.page.waitForRequest('**/passkey/report')
  await button(tab, 'Use a passkey').click()
  const { ceremony } = await server.posted(tab, '/interaction/abc/passkey')
  const [report] = server.reports()
  t.like(report, { ceremony: 'get', mediation: 'modal', outcome: 'started', id: ceremony })
  t.deepEqual(Object.keys(report ?? {}).toSorted(), ['capabilities', 'ceremony', 'id', 'mediation', 'outcome'])
  t.is(await (await sent).headerValue('x-csrf-token'), 'csrf-token')
  await tab.context.close()
})

test.serial('a report that cannot be sent disturbs nothing', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.page.route('**/passkey/report', (route) => route.abort())
  const thrown: Error[] = []
  tab.page.on('pageerror', (error) => void thrown.push(error))
  await server.open(tab, 'get')
  await button(tab, 'Use a passkey').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  t.deepEqual(thrown, [])
  await tab.context.close()
})

// When something is in the way ------------------------------------------------------------------------------------------

test.serial('without a connection the page stays with what was filled in, and sends it once there is one', async (t) => {
  const tab = await openTab()
  await server.open(tab, 'identifier')
  await ready(tab)
  await tab.page.getByLabel('Email').fill('maya@example.com')
  await tab.context.setOffline(true)
  await button(tab, 'Create an account').click()
  await tab.page.getByText('You are offline, or we did not answer.').waitFor()
  await usable(t, tab, 'Create an account')
  await button(tab, 'Try again').click()
  await button(tab, 'Try again').waitFor()
  t.is(new URL(tab.page.url()).pathname, '/en/identifier')
  await tab.context.setOffline(false)
  await button(tab, 'Try again').click()
  t.like(await server.posted(tab, '/interaction/abc/identifier'), { identifier: 'maya@example.com', sign_up: '1' })
  t.deepEqual(paths(), ['/identifier'])
  await tab.context.close()
})

test.serial('the connection goes during the dialog: the passkey is not asked for once more', async (t) => {
  const tab = await openTab({ passkey: true })
  await server.open(tab, 'get')
  await tab.context.setOffline(true)
  await button(tab, 'Use a passkey').click()
  await tab.page.getByText('You are offline, or we did not answer.').waitFor()
  await usable(t, tab, 'Use a passkey')
  await tab.context.setOffline(false)
  await button(tab, 'Try again').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  t.is(paths().filter((path) => path === '/passkey').length, 1)
  await tab.context.close()
})

test.serial('a browser that believes wrongly that it is offline sends all the same, after a second press', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(() => Object.defineProperty(navigator, 'onLine', { get: () => false }))
  await server.open(tab, 'get')
  await button(tab, 'Use a passkey').click()
  await button(tab, 'Try again').click()
  t.is((await server.posted(tab, '/interaction/abc/passkey'))['error'], 'NotAllowedError')
  await tab.context.close()
})

test.serial('a slow network: after ten seconds the page says so and offers to send once more', async (t) => {
  const tab = await openTab({ passkey: true })
  await tab.page.clock.install()
  await server.open(tab, 'get')
  // As far as the page can see, nothing comes back.
  let tries = 0
  await tab.page.route('**/interaction/abc/passkey', (route) => (++tries > 1 ? route.continue() : route.fulfill({ status: 204 })))
  await button(tab, 'Use a passkey').click()
  await tab.page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[name="response"]')?.value)
  await tab.page.clock.runFor(10_000)
  t.is(await says(tab), 'This takes longer than usual.')
  await button(tab, 'Try again').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  t.is(tries, 2)
  await tab.context.close()
})

test.serial('on a slow line the page is of use before its script is there', async (t) => {
  const tab = await openTab()
  await tab.devtools.send('Network.enable')
  await tab.devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 20_000, uploadThroughput: 20_000 })
  await server.open(tab, 'identifier', { waitUntil: 'commit' })
  await button(tab, 'Continue').waitFor()
  await button(tab, 'Sign in with a passkey').waitFor()
  await button(tab, 'Sign in with a passkey').click()
  t.is((await server.posted(tab, '/interaction/abc/passkey'))['error'], 'NotAllowedError')
  await tab.context.close()
})

const broken: Record<string, () => void> = {
  'the request throws at once': () => void (navigator.credentials.get = () => { throw new TypeError('broken by an extension') }),
  'no requests at all': () => void Object.defineProperty(navigator, 'credentials', { value: undefined }),
  'options cannot be read': () => void (PublicKeyCredential.parseRequestOptionsFromJSON = () => { throw new TypeError('broken') }),
  'what it can do is not told': () => void (PublicKeyCredential.getClientCapabilities = () => { throw new TypeError('broken') }),
  'what it can do is refused': () => void (PublicKeyCredential.getClientCapabilities = () => Promise.reject(new TypeError('broken'))),
  'it has never heard of capabilities': () => void Object.assign(PublicKeyCredential, { getClientCapabilities: undefined, isConditionalMediationAvailable: undefined }),
}

for (const [what, breakIt] of Object.entries(broken)) {
  test.serial(`no dead button: ${what}`, async (t) => {
    const tab = await openTab()
    await tab.page.addInitScript(breakIt)
    await server.open(tab, 'identifier')
    await button(tab, 'Sign in with a passkey').click()
    const { error, response } = await server.posted(tab, '/interaction/abc/passkey')
    t.is(response, '')
    t.regex(error ?? '', /Error$/)
    await tab.context.close()
  })
}

test.serial('no dead button: the script itself fails', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(hold)
  await tab.page.addInitScript(() => (HTMLHeadingElement.prototype.focus = () => { throw new TypeError('broken') }))
  await server.open(tab, 'create')
  await button(tab, 'Create a passkey').click()
  await usable(t, tab, 'Create a passkey')
  t.is(tab.complaints.length, 1)
  await tab.context.close()
})

test.serial('back, in the middle of a dialog, and forward again: a page to begin anew with', async (t) => {
  const tab = await openTab()
  await tab.page.addInitScript(hold)
  await tab.page.goto(`${server.origin}/en/plain`)
  await server.open(tab, 'create')
  await button(tab, 'Create a passkey').click()
  await tab.page.goBack()
  t.is(new URL(tab.page.url()).pathname, '/en/plain')
  await tab.page.goForward()
  await usable(t, tab, 'Create a passkey')
  t.is(await tab.page.locator('h1').textContent(), 'A page')
  await button(tab, 'Create a passkey').click()
  t.is(await tab.page.locator('h1').textContent(), 'Follow your device')
  await tab.context.close()
})

test.serial('a window that was closed is told, with the time that it was open', async (t) => {
  const tab = await openTab()
  await tab.page.clock.install()
  await tab.page.addInitScript(hold)
  await server.open(tab, 'get')
  await button(tab, 'Use a passkey').click()
  await tab.page.clock.runFor(3_000)
  await reject(tab, 'NotAllowedError')
  const { error, elapsed, response } = await server.posted(tab, '/interaction/abc/passkey')
  t.deepEqual({ error, response }, { error: 'NotAllowedError', response: '' })
  t.true(Number(elapsed) >= 3_000 && Number(elapsed) < 4_000)
  await tab.context.close()
})

test.serial('two tabs of one browser wait side by side', async (t) => {
  const tab = await openTab({ passkey: true })
  const beside = await chromium.openBeside(tab)
  await tab.authenticator.setPresent(false)
  await server.open(tab, 'identifier')
  await ready(tab)
  await beside.page.goto(`${server.origin}/en/identifier`, { waitUntil: 'commit' })
  t.truthy((await server.posted(beside, '/interaction/abc/passkey'))['response'])
  await tab.authenticator.setPresent(true)
  server.posts.length = 0
  await button(tab, 'Sign in with a passkey').click()
  t.truthy((await server.posted(tab, '/interaction/abc/passkey'))['response'])
  await tab.context.close()
})

// News for the keeper of passkeys ---------------------------------------------------------------------------------------

async function withMade(): Promise<Tab> {
  const tab = await openTab({ passkey: true })
  const [credential] = await tab.authenticator.credentials()
  made = Buffer.from(credential!.credentialId, 'base64').toString('base64url')
  return tab
}

test.serial('a passkey that no account has goes from its keeper', async (t) => {
  const tab = await withMade()
  const gone = tab.authenticator.next('credentialDeleted')
  await server.open(tab, 'signal-unknown')
  await gone
  t.deepEqual(await tab.authenticator.credentials(), [])
  await tab.context.close()
})

test.serial('the list of what signs somebody in leaves those, and takes away the rest', async (t) => {
  const tab = await withMade()
  await server.open(tab, 'signal-accepted')
  await tab.page.waitForLoadState('networkidle')
  t.is((await tab.authenticator.credentials()).length, 1)
  const gone = tab.authenticator.next('credentialDeleted')
  await server.open(tab, 'signal-none-accepted')
  await gone
  t.deepEqual(await tab.authenticator.credentials(), [])
  await tab.context.close()
})

test.serial('a new address is shown with the passkey', async (t) => {
  const tab = await withMade()
  const told = tab.authenticator.next('credentialUpdated')
  await server.open(tab, 'signal-user')
  await told
  t.like((await tab.authenticator.credentials())[0], { userName: 'maya@example.org', userDisplayName: 'Maya' })
  await tab.context.close()
})

test.serial('a keeper that refuses the news, and a browser that knows none, disturb nothing; the operator hears of it', async (t) => {
  const tab = await openTab()
  const thrown: Error[] = []
  tab.page.on('pageerror', (error) => void thrown.push(error))
  await tab.page.addInitScript(() => Object.assign(PublicKeyCredential, { signalUnknownCredential: () => { throw new DOMException('', 'NotAllowedError') } }))
  const sent = tab.page.waitForRequest('**/passkey/report')
  await server.open(tab, 'signal-unknown')
  await sent
  await tab.page.waitForLoadState('networkidle')
  t.like(server.reports(), [{ outcome: 'signal_failed', error: 'NotAllowedError' }])
  await tab.page.addInitScript(() => Object.assign(PublicKeyCredential, { signalUnknownCredential: undefined }))
  await server.open(tab, 'signal-unknown')
  await usable(t, tab, 'Use a passkey')
  await tab.page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'))
  await server.open(tab, 'signal-unknown')
  await tab.page.waitForLoadState('networkidle')
  t.deepEqual(server.posts, [])
  t.deepEqual(thrown, [])
  await tab.context.close()
})
