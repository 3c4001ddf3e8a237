/** The application with somebody who has an account, and links to it as mails and operators hand them out. */
import type { ExecutionContext } from 'ava'
import { createTickets, type Tickets } from '../../src/accounts/tickets.ts'
import type { Account, Change } from '../../src/storage/types.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type HttpBrowser, createHttpBrowser, type Page } from '../helpers/http-browser.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

export const hour = 3_600_000
export const day = 24 * hour

export interface Rig {
  server: InProcess
  app: App
  tickets: Tickets
  newBrowser(headers?: Record<string, string>): HttpBrowser
  /** somebody with an account: an address, and a passkey made at the sign-up where `passkey` says so */
  newOwner(options?: { passkey?: boolean }): Promise<Visitor & { accountId: string }>
  arrive(visitor: Visitor): Promise<Page>
  /** whether this visitor's passkey signs in, in a browser that knows nobody */
  passkeyOpens(visitor: Pick<Visitor, 'email' | 'authenticator'>): Promise<boolean>
  /** as the operator's command makes it */
  enrolLink(accountId: string): Promise<string>
  account(id: string): Promise<Account>
  changesOf(accountId: string): Promise<Change[]>
  /** subjects of what came to the address, newest first, codes left out */
  subjects(email: string): Promise<string[]>
}

export async function start(t: ExecutionContext, options: InProcessOptions = {}): Promise<Rig> {
  const server = await startInProcess({ clients: [shop], ...options })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const { storage } = server.foundation
  const tickets = createTickets(storage)
  const arrive = async (visitor: Visitor) => visitor.arrive(await app.authorize({ prompt: 'login' }))

  return {
    server,
    app,
    tickets,
    arrive,
    newBrowser: (headers = {}) => createHttpBrowser({ origin: server.issuer, headers }),
    async newOwner({ passkey = true } = {}) {
      const visitor = createVisitor(server)
      const offer = await visitor.signUp(await arrive(visitor))
      if (passkey) await visitor.browser.submit(await visitor.createPasskey(offer), '/passkey-create', { button: `Continue to ${shop.client_name}` })
      else await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
      await visitor.ignoreMail()
      const identifier = await storage.identifiers.get(`email:${visitor.email}`)
      return { ...visitor, accountId: identifier?.accountId ?? '' }
    },
    async passkeyOpens(visitor) {
      const elsewhere = createVisitor(server, visitor)
      const page = await elsewhere.usePasskey(await arrive(elsewhere))
      return page.elsewhere
    },
    enrolLink: async accountId => `${server.issuer}/account/enrol/${await tickets.issue({ purpose: 'enrol', accountId, life: day })}`,
    async account(id) {
      const account = await storage.accounts.get(id)
      if (!account) throw new Error('there is no such account')
      return account
    },
    changesOf: accountId => storage.changes.listByAccount(accountId),
    async subjects(email) {
      const mails = await server.outbox()
      return mails.filter(({ to, text }) => to === email && !/^\s*\d{6}\s*$/m.test(text)).map(({ subject }) => subject)
    },
  }
}

/** The button "This was not me" of a mail. */
export function notMeLink({ text }: { text: string }): string {
  const link = /^https?:\/\/\S+\/account\/not-me\/\S+$/m.exec(text)?.[0]
  if (!link) throw new Error(`no link in: ${text}`)
  return link
}

export const ticketIn = (link: string): string => link.split('/').at(-1) ?? ''
