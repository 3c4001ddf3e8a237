/** What pages ask the browser for when a passkey is to be made, and people with other devices than a usual laptop. */
import { createAuthenticator, type AuthenticatorSettings } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Server } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

/** What the page tells the browser about passkeys. */
export const signalIn = (page: Page): Record<string, unknown> | undefined => {
  const [, json] = /data-signal="([^"]*)"/.exec(page.html) ?? []
  return json === undefined ? undefined : (JSON.parse(json.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as Record<string, unknown>)
}

type Place = 'here' | 'elsewhere'
type Asked = { authenticatorSelection: { authenticatorAttachment?: string }; hints?: string[] }

const createForms = (page: Page) => page.forms.filter(({ data }) => data['passkey'] === 'create')
const optionsIn = (form: { data: Record<string, string | undefined> }) => JSON.parse(form.data['options'] ?? '{}') as Asked

/** Place, attachment and hints of each form that makes a passkey, in the order of the page. */
export const askedFor = (page: Page): unknown[] =>
  createForms(page).map((form) => {
    const { authenticatorSelection, hints } = optionsIn(form)
    return [form.values['place'], authenticatorSelection.authenticatorAttachment, hints]
  })

/** The words of these buttons. */
export const labelsOf = (page: Page): (string | undefined)[] => createForms(page).map(({ buttons }) => buttons[0]?.text)

/** What every other form of the page would do. */
export const othersOf = (page: Page): (string | undefined)[] =>
  page.forms.filter(({ data, action }) => data['passkey'] === undefined && action.includes('/passkey-create')).map(({ buttons }) => buttons[0]?.text)

export function formFor(page: Page, place: Place) {
  const form = createForms(page).find(({ values }) => values['place'] === place)
  if (!form) throw new Error(`no passkey can be made ${place} at ${page.heading}: ${createForms(page).length} forms`)
  return form
}

export const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** Where passkeys are made: as the authenticators of each kind say it of themselves. */
export const devices = {
  laptop: { attachment: 'platform', transports: ['internal'], backupEligible: false },
  manager: { attachment: 'platform', transports: ['internal', 'hybrid'] },
  phone: { attachment: 'cross-platform', transports: ['hybrid', 'internal'] },
  key: { attachment: 'cross-platform', transports: ['usb'], backupEligible: false },
} as const satisfies Record<string, AuthenticatorSettings>

export interface Maker extends Visitor {
  /** presses the button of that place, and a device of that kind answers */
  make(page: Page, place: Place, kind: keyof typeof devices, values?: Record<string, string>): Promise<Page>
  /** presses it, and the browser has nothing but this to say */
  fails(page: Page, place: Place, error: string): Promise<Page>
  device(kind: keyof typeof devices): ReturnType<typeof createAuthenticator>
  /** "Sign in with a passkey", answered by what such a device holds */
  signInWith(page: Page, kind: keyof typeof devices): Promise<Page>
}

/** Somebody with a laptop, a phone and a security key. */
export function createMaker(server: Server, { userAgent, platform = true, ...options }: Parameters<typeof createVisitor>[1] & { userAgent?: string; platform?: boolean } = {}): Maker {
  const capabilities = JSON.stringify({ webauthn: true, platform })
  const visitor = createVisitor(server, { ...options, ...(userAgent !== undefined && { headers: { 'user-agent': userAgent } }) })
  const own = new Map<string, ReturnType<typeof createAuthenticator>>()
  const device = (kind: keyof typeof devices) => {
    const known = own.get(kind) ?? createAuthenticator({ ...devices[kind], transports: [...devices[kind].transports] })
    own.set(kind, known)
    return known
  }
  return {
    ...visitor,
    device,
    async signUp(page) {
      const form = await visitor.browser.submit(page, '/identifier', { button: 'Create an account' })
      const sent = await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email, capabilities } })
      return sent.heading === 'Confirm your email' ? visitor.typeCode(sent) : sent
    },
    typeEmail: (page) => visitor.browser.submit(page, '/identifier', { button: 'Continue', values: { identifier: visitor.email, capabilities } }),
    signInWith(page, kind) {
      const form = page.passkeyForm('get')
      const response = device(kind).get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
      return visitor.browser.submit(page, form, { values: { response: JSON.stringify(response), capabilities } })
    },
    make(page, place, kind, values = {}) {
      const form = formFor(page, place)
      const response = device(kind).create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
      return visitor.browser.submit(page, form, { values: { response: JSON.stringify(response), ...values } })
    },
    fails: (page, place, error) => visitor.browser.submit(page, formFor(page, place), { values: { error, elapsed: '5000' } }),
  }
}
