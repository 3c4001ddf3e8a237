/** People in browsers of one kind or another, with passkeys of one kind or another. */
import type { ExecutionContext } from 'ava'
import type { Passkey } from '../../src/storage/types.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type AuthenticatorSettings, createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const webKit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
export const agents = {
  chromeLinux: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  chromeWindows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  safariMac: `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Version/18.5 Safari/605.1.15`,
  safariPhone: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${webKit} Version/18.5 Mobile/15E148 Safari/604.1`,
  inApp: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${webKit} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]`,
}
export type Agent = keyof typeof agents

export const kinds = {
  laptop: { attachment: 'platform', transports: ['internal'], backupEligible: false },
  phone: { attachment: 'cross-platform', transports: ['hybrid', 'internal'], backupEligible: false },
  key: { attachment: 'cross-platform', transports: ['usb'], backupEligible: false },
  icloud: { attachment: 'platform', transports: ['internal', 'hybrid'], aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd' },
  manager: { attachment: 'platform', transports: ['internal'], aaguid: 'bada5566-a7aa-401f-bd96-45619a55120d' },
} satisfies Record<string, AuthenticatorSettings>
export type Kind = keyof typeof kinds

export interface Rig {
  server: InProcess
  app: App
  /** the same person and passkey, in a browser that knows nobody */
  elsewhere(of: Visitor, agent?: Agent): Visitor
  arrive(visitor: Visitor): Promise<Page>
  /** somebody with one passkey: made at the sign-up, in this browser unless it is of another device */
  owner(kind?: Kind, agent?: Agent): Promise<Visitor>
  /** … signs in by a code here: this browser has a record of them, and no passkey was used in it */
  knownByCode(of: Visitor, agent?: Agent): Promise<Visitor>
  passkeyOf(visitor: Visitor): Promise<Passkey>
  change(visitor: Visitor, change: Partial<Passkey>): Promise<void>
  decisions(): Promise<Record<string, unknown>[]>
}

export async function start(t: ExecutionContext, passkeys: object = {}, options: InProcessOptions = {}): Promise<Rig> {
  const server = await startInProcess({ clients: [shop], ...options, config: { passkeys, ...options.config } })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const { storage } = server.foundation
  const arrive = async (visitor: Visitor) => visitor.arrive(await app.authorize({ prompt: 'login' }))
  const headersOf = (agent: Agent) => ({ 'user-agent': agents[agent] })
  const elsewhere = (of: Visitor, agent: Agent = 'chromeLinux') => createVisitor(server, { email: of.email, authenticator: of.authenticator, headers: headersOf(agent) })
  const idOf = (visitor: Visitor) => visitor.authenticator.credentials[0]!.id

  return {
    server, app, elsewhere, arrive,
    async owner(kind = 'laptop', agent = 'chromeLinux') {
      const settings: AuthenticatorSettings = kinds[kind]
      const visitor = createVisitor(server, { authenticator: createAuthenticator(settings), headers: headersOf(agent) })
      const offer = await visitor.signUp(await arrive(visitor))
      // Made as policy takes it at a sign-up; where it is kept is what another browser would have told.
      const maker = createAuthenticator({ ...settings, attachment: 'platform', transports: ['internal'] })
      const form = offer.passkeyForm('create')
      const response = maker.create(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
      visitor.authenticator.credentials.push(...maker.credentials)
      const made = await visitor.browser.submit(offer, form, { values: { response: JSON.stringify(response) } })
      await visitor.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })
      await visitor.ignoreMail()
      await storage.passkeys.update(idOf(visitor), (passkey) => ({ ...passkey, transports: settings.transports!, attachment: settings.attachment! }))
      return visitor
    },
    async knownByCode(of, agent) {
      const visitor = elsewhere(of, agent)
      await visitor.ignoreMail()
      await visitor.typeCode(await visitor.typeEmail(await arrive(visitor)))
      return visitor
    },
    passkeyOf: async (visitor) => (await storage.passkeys.get(idOf(visitor)))!,
    async change(visitor, change) {
      await storage.passkeys.update(idOf(visitor), (passkey) => ({ ...passkey, ...change }))
    },
    decisions: async () => (await storage.audit.query({ limit: 200 })).filter(({ type }) => type === 'passkey.decision').map(({ detail }) => detail as Record<string, unknown>),
  }
}

/** What the page's script posts where the dialog ended without a passkey. */
export const fail = (visitor: Visitor, page: Page, error = 'NotAllowedError', elapsed = 4000): Promise<Page> =>
  visitor.browser.submit(page, page.passkeyForm('get'), { values: { error, elapsed: String(elapsed) } })

/** The request that the n-th passkey button of the page makes. */
export function asked(page: Page, index = 0): { allowCredentials: { id: string; transports?: string[] }[]; hints?: string[] } {
  const forms = page.forms.filter(({ data }) => data['passkey'] === 'get')
  return JSON.parse(forms[index]?.data['options'] ?? '{}')
}

export const screenOf = (page: Page): string => page.url.pathname.split('/').slice(3).join('/')
/** The buttons that lead on, in the order of the page. */
export const buttonsOf = (page: Page): string[] => page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text)).filter((text) => !['Change', 'Stop waiting', 'English', 'Deutsch'].includes(text))
