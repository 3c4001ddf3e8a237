/** What people read when something goes wrong, in both languages, and whether what the page offers next really works there. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { SoftAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]
export type Said = Record<Language, string>

/** A control of the page, by its words, and where it leads: to a page with this heading, back to the app, or to a dialog of the browser. */
export interface Step {
  button: Said
  /** what has to be there or typed before the press */
  first?: (rig: Rig, scene: Scene) => Promise<Record<string, string> | void>
  leads: Said | 'app' | 'dialog' | { href: (scene: Scene) => string }
}

export interface Row {
  /** the h1, which is the title too; with `error` that begins with "Error:" */
  title: Said
  /** what else is to be read */
  says?: Said[]
  status?: number
  /** the title begins with "Error:" */
  error?: true
  /** in the order of the page: the first is the filled button, unless `main` names another */
  steps: Step[]
  /** no button of the page is filled, or another one that belongs to the screen is */
  main?: Said | 'none'
  server?: InProcessOptions | ((t: ExecutionContext) => Promise<InProcessOptions>)
  meet(rig: Rig): Promise<Scene>
}

export interface Scene {
  visitor: Visitor
  page: Page
  /** for the words in braces, beside email, app and brand */
  facts?: Record<string, string>
}

export interface Rig {
  server: InProcess
  app: App
  language: Language
  /** somebody at a browser that speaks the language */
  newcomer(options?: { authenticator?: SoftAuthenticator; email?: string; agent?: string }): Visitor
  /** … who has an account; with `authenticator` a passkey too, made in this browser */
  owner(options?: { authenticator?: SoftAuthenticator; agent?: string }): Promise<Visitor>
  /** the first screen of a sign-in at the shop */
  arrive(visitor: Visitor, parameters?: Record<string, string>): Promise<Page>
}

export const agents = {
  windows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  iPhone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  iPad: 'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  android: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
  linux: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  inAppIos: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]',
  inAppAndroid: 'Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/156.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/500.0]',
}

/** Each row in each language, and each of its controls pressed on a page that just came. */
export function rows(table: Record<string, Row>): void {
  for (const [name, row] of Object.entries(table)) {
    for (const language of languages) test(`${name} (${language})`, (t) => tell(t, row, language))
  }
}

async function tell(t: ExecutionContext, row: Row, language: Language): Promise<void> {
  const rig = await start(t, row, language)
  const first = await row.meet(rig)
  const { page } = first
  const said = (text: Said) => filledIn(text[language], first)
  t.is(plain(page.heading), said(row.title))
  t.is(page.language, language)
  t.is(page.title, `${row.error ? (language === 'en' ? 'Error: ' : 'Fehler: ') : ''}${page.heading} – Latchkey`)
  t.is(page.status, row.status ?? 200)
  for (const text of row.says ?? []) t.true(plain(page.text).includes(said(text)), `“${said(text)}” is not in: ${page.text}`)
  const buttons = row.steps.map(({ button }) => said(button))
  t.deepEqual(controlsOf(page).filter((text) => buttons.includes(text)), buttons, `in this order: ${controlsOf(page).join(' | ')}`)
  t.deepEqual(filledOf(page), row.main === 'none' ? [] : [said(row.main ?? row.steps[0]!.button)])
  for (const [index, step] of row.steps.entries()) {
    await follow(t, rig, index === 0 ? first : await row.meet(rig), step)
  }
}

async function start(t: ExecutionContext, { server: options }: Row, language: Language): Promise<Rig> {
  const server = await startInProcess({ clients: [shop], ...(typeof options === 'function' ? await options(t) : options) })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const arrive: Rig['arrive'] = async (visitor, parameters = { prompt: 'login' }) => visitor.arrive(await app.authorize(parameters))
  const newcomer: Rig['newcomer'] = ({ agent = agents.linux, ...options } = {}) => {
    const headers = { 'user-agent': agent, 'accept-language': language }
    const visitor = createVisitor(server, { ...options, headers })
    return {
      ...visitor,
      typeEmail: (page) => visitor.browser.submit(page, '/identifier', { values: { identifier: visitor.email, capabilities } }),
      typeCode: async (page, code) => visitor.browser.submit(page, '/email-otp', { values: { code: code ?? (await visitor.readCode()) } }),
    }
  }
  return {
    server, app, language, arrive, newcomer,
    async owner(options = {}) {
      const visitor = newcomer(options)
      const { browser } = visitor
      const first = await arrive(visitor)
      const form = await browser.submit(first, first.forms.find(({ buttons }) => buttons.some(({ name }) => name === 'sign_up'))!, { button: 'sign_up' })
      const offer = await visitor.typeCode(await browser.submit(form, '/sign-up', { values: { identifier: visitor.email, capabilities } }))
      if (options.authenticator) await browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: { en: 'Continue to Example Shop', de: 'Weiter zu Example Shop' }[language] })
      else await browser.submit(offer, '/passkey-create', { button: { en: 'Not now', de: 'Jetzt nicht' }[language] })
      await visitor.ignoreMail()
      return visitor
    },
  }
}

export const capabilities = JSON.stringify({ script: true, webauthn: true, platform: true, conditional: true })

function filledIn(text: string, { visitor, facts }: Scene): string {
  const all: Record<string, string> = { email: visitor.email, app: shop.client_name, brand: 'Latchkey', ...facts }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => all[name] ?? whole)
}

async function follow(t: ExecutionContext, rig: Rig, scene: Scene, { button, first, leads }: Step): Promise<void> {
  const { visitor, page } = scene
  const { language } = rig
  const text = filledIn(button[language], scene)
  const form = page.forms.find(({ buttons }) => buttons.some((found) => plain(found.text) === text))
  const link = page.links.find((found) => plain(found.text) === text)
  t.truthy(form ?? link, `“${text}” is no control at ${page.heading}`)
  if (typeof leads === 'object' && 'href' in leads) return void t.is(link?.href, leads.href(scene), text)
  if (leads === 'dialog') return void t.regex(form?.data['options'] ?? '', /"challenge":"[\w-]{40,}"/, text)
  const typed = (await first?.(rig, scene)) ?? {}
  const next = link && !form ? await visitor.browser.open(new URL(link.href, page.url)) : await press(scene, form!, text, typed)
  if (leads === 'app') return void t.true(next.elsewhere, `${text} leads to ${next.url} (${next.heading})`)
  t.is(plain(next.heading), filledIn(leads[language], scene), text)
  t.is(next.status, 200, text)
}

/** A passkey button is answered by the visitor's device. */
function press({ visitor: { browser, authenticator }, page }: Scene, form: Page['forms'][number], button: string, values: Record<string, string>): Promise<Page> {
  const { passkey, options = '' } = form.data
  if (passkey === undefined) return browser.submit(page, form, { button: form.buttons.find(({ text }) => plain(text) === button)!.text, values })
  const response = authenticator[passkey as 'get' | 'create'](JSON.parse(options), { origin: page.url.origin })
  return browser.submit(page, form, { values: { response: JSON.stringify(response) } })
}

/** What the page's script posts where the dialog ended without a passkey. */
export const dialogEnds = (visitor: Visitor, page: Page, error: string, elapsed: number, ceremony: 'get' | 'create' = 'get'): Promise<Page> =>
  visitor.browser.submit(page, page.passkeyForm(ceremony), { values: { error, elapsed: String(elapsed), capabilities } })

/** Without the marks that tell a browser where a long word may break. */
const plain = (text: string) => text.replaceAll('\u00ad', '')

const control = /<(button|a)\b([^>]*)>([^]*?)<\/\1>/g
const words = (html: string) => plain(html).replace(/<svg[^]*?<\/svg>|<wbr>|<[^>]*>/g, '').replaceAll('&#39;', '\'').replace(/&#34;|&quot;/g, '"').replaceAll('&amp;', '&').trim()
const controlsIn = ({ html }: Page) => [...(/<main[^]*<\/main>/.exec(html)?.[0] ?? '').matchAll(control)].map(([, , attributes = '', inside = '']) => ({ attributes, text: words(inside) })).filter(({ attributes }) => !/\bdata-(retry|stop|again)\b/.test(attributes))

/** Buttons and links of the page's content, by their words, as script shows them; those of a dialog that is open left out. */
export const controlsOf = (page: Page): string[] => controlsIn(page).map(({ text }) => text)

/** The filled ones: there is to be one. */
const filledOf = (page: Page): string[] => controlsIn(page).filter(({ attributes }) => /class="[^"]*\bprimary\b/.test(attributes)).map(({ text }) => text)

export const tryAgain: Said = { en: 'Try the passkey again', de: 'Passkey noch einmal versuchen' }
export const sendCode: Said = { en: 'Send a code to {email}', de: 'Code an {email} senden' }
export const checkEmail: Said = { en: 'Check your email', de: 'Sehen Sie in Ihre E-Mails' }
export const usePhone: Said = { en: 'Use my phone or a security key', de: 'Telefon oder Sicherheitsschlüssel nehmen' }
export const otherDevice: Said = { en: 'Use another device', de: 'Anderes Gerät verwenden' }
export const otherWay: Said = { en: 'Try another way', de: 'Anderen Weg wählen' }
export const chooseWay: Said = { en: 'Choose how to sign in', de: 'Wie möchten Sie sich anmelden?' }
