import type { Authorization } from './app.ts'
import { type CeremonyOverrides, createAuthenticator, type SoftAuthenticator } from './authenticator.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from './http-browser.ts'
import { codeLine, type Mail, type Server } from './server.ts'

/** Somebody at a browser, with an email address and a device that can hold passkeys. */
export interface Visitor {
  email: string
  browser: HttpBrowser
  authenticator: SoftAuthenticator
  /** the first screen of a sign-in */
  arrive(authorization: Authorization): Promise<Page>
  /** "Create an account", the address, the code: the page after it */
  signUp(page: Page): Promise<Page>
  /** the address and Continue: the page after it */
  typeEmail(page: Page): Promise<Page>
  /** the same, and the code by email where the passkey is asked for first: as somebody who does not have it */
  askForCode(page: Page): Promise<Page>
  /** the newest code that was mailed and that this visitor has not read yet */
  readCode(): Promise<string>
  /** what has come so far counts as read */
  ignoreMail(): Promise<void>
  typeCode(page: Page, code?: string): Promise<Page>
  /** presses the passkey button and touches the device, as the page's script would hand it on */
  usePasskey(page: Page, overrides?: Partial<CeremonyOverrides>): Promise<Page>
  createPasskey(page: Page, overrides?: Partial<CeremonyOverrides>): Promise<Page>
}

/** What script reports of a usual laptop; left out: a browser without script. */
const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })

let count = 0

export function createVisitor(
  server: Server,
  {
    email = `visitor${++count}@example.com`,
    authenticator = createAuthenticator(),
    script = true,
    headers = {},
  }: { email?: string; authenticator?: SoftAuthenticator; script?: boolean; headers?: Record<string, string> } = {},
): Visitor {
  const browser = createHttpBrowser({ origin: server.issuer, headers })
  const read: Mail[] = []
  const typed = { ...(script && { capabilities }) }

  async function readCode() {
    const mail = await server.mailTo(email, read, codeLine)
    read.push(mail)
    return codeLine.exec(mail.text)?.[1] ?? ''
  }

  const visitor: Visitor = {
    email,
    browser,
    authenticator,
    arrive: ({ url }) => browser.open(url, { headers: { 'sec-fetch-site': 'cross-site' } }),
    async signUp(page) {
      const form = await browser.submit(page, '/identifier', { button: 'Create an account' })
      const sent = await browser.submit(form, '/sign-up', { values: { identifier: email, ...typed } })
      return visitor.typeCode(sent)
    },
    typeEmail: page => browser.submit(page, '/identifier', { button: 'Continue', values: { identifier: email, ...typed } }),
    async askForCode(page) {
      const next = await visitor.typeEmail(page)
      return next.heading === 'Use your passkey' ? browser.submit(next, '/methods', { button: `Send a code to ${email} instead` }) : next
    },
    readCode,
    async ignoreMail() {
      read.push(...(await server.outbox()))
    },
    async typeCode(page, code) {
      return browser.submit(page, '/email-otp', { button: 'Continue', values: { code: code ?? (await readCode()) } })
    },
    usePasskey(page, overrides = {}) {
      const form = page.passkeyForm('get')
      const response = authenticator.get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer, ...overrides })
      return browser.submit(page, form, { values: { response: JSON.stringify(response), ...typed } })
    },
    createPasskey(page, overrides = {}) {
      const form = page.passkeyForm('create')
      const response = authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer, ...overrides })
      return browser.submit(page, form, { values: { response: JSON.stringify(response), ...typed } })
    },
  }
  return visitor
}
