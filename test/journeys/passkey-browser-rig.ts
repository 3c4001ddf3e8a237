/** Apps of each strategy, and people with devices of each kind, for the journeys of passkeys in Chromium. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CrossDevice } from '../../src/policy/cross-device.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { createAuthenticator, type AuthenticatorSettings, type SoftCredential } from '../helpers/authenticator.ts'
import { type Chromium, phone, type Tab, type TabOptions } from '../helpers/chromium.ts'
import { type InProcess, type InProcessOptions, startInProcess } from '../helpers/in-process.ts'
import { createPerson, type Person } from '../helpers/person.ts'
import { createVirtualAuthenticator, type VirtualAuthenticator, type VirtualAuthenticatorOptions } from '../helpers/virtual-authenticator.ts'
import { createVisitor } from '../helpers/visitor.ts'

export const strategies = ['minimize', 'standard', 'maximize'] as const satisfies CrossDevice[]

export const androidPhone = {
  ...phone,
  userAgent: 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
}

/** An account that was made without a browser of the test's. */
export interface Account {
  email: string
  id: string
  /** with a passkey of that kind, which no browser holds yet */
  passkey?: SoftCredential
}

export interface Apps extends InProcess {
  /** to the first screen, at the app of that strategy */
  arrive(person: Person, strategy?: CrossDevice, parameters?: Record<string, string>): Promise<void>
  account(passkey?: AuthenticatorSettings): Promise<Account>
  dispose(): Promise<void>
}

/** One server, and for each strategy an app, where everybody who has signed in is told so. */
export async function startApps({ clients = [], ...options }: InProcessOptions = {}): Promise<Apps> {
  const appServer = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><title>App</title><h1>You are signed in</h1>'))
  await once(appServer.listen(0, 'localhost'), 'listening')
  const origin = `http://localhost:${(appServer.address() as AddressInfo).port}`
  const shops = strategies.map((strategy) => ({
    ...shop,
    client_id: strategy,
    client_name: 'Example Shop',
    client_uri: `${origin}/`,
    redirect_uris: [`${origin}/callback`],
    latchkey: { firstParty: true, passkeys: { crossDevice: strategy } },
  }))
  const server = await startInProcess({ ...options, clients: [...shops, ...clients] })
  const apps = new Map<string, App>()
  for (const client of shops) apps.set(client.client_id, await createApp(server.issuer, client))
  const { storage } = server.foundation

  return {
    ...server,
    get app() {
      return server.app
    },
    async arrive(person, strategy = 'standard', parameters = {}) {
      await person.page.goto((await apps.get(strategy)!.authorize(parameters)).url.href)
    },
    async account(passkey) {
      const maker = createAuthenticator({ ...passkey, attachment: 'platform', transports: ['internal'] })
      const visitor = createVisitor(server, { authenticator: maker, script: passkey !== undefined })
      const after = await visitor.signUp(await visitor.arrive(await apps.get('standard')!.authorize()))
      if (passkey) await visitor.createPasskey(after)
      const credential = maker.credentials[0]
      // Made as policy takes it at a sign-up; where it is kept is what another browser would have told.
      if (credential) await storage.passkeys.update(credential.id, (stored) => ({ ...stored, transports: passkey!.transports!, attachment: passkey!.attachment! }))
      const { accountId } = (await storage.identifiers.get(`email:${visitor.email}`))!
      return { email: visitor.email, id: accountId, ...(credential && { passkey: credential }) }
    },
    async dispose() {
      appServer.closeAllConnections()
      appServer.close()
      await server.dispose()
    },
  }
}

/** Somebody at a browser; with an account, its owner. */
export interface Seat {
  tab: Tab
  person: Person
}

export async function sit(chromium: Chromium, server: InProcess, { email, ...options }: TabOptions & { email?: string } = {}): Promise<Seat> {
  const tab = await chromium.open(options)
  const person = createPerson(server, tab, email)
  await person.ignoreMail()
  return { tab, person }
}

/** One more device beside the one that the tab has: a phone, a security key. Nobody touches it before the test says so. */
export async function beside({ devtools }: Tab, options: VirtualAuthenticatorOptions): Promise<VirtualAuthenticator> {
  const authenticator = await createVirtualAuthenticator(devtools, options)
  await authenticator.setPresent(false)
  return authenticator
}

const base64 = (text: string) => Buffer.from(text, 'base64url').toString('base64')

/** From now on the authenticator holds it. */
export async function hold(authenticator: VirtualAuthenticator, passkey: SoftCredential, { synced = false } = {}): Promise<void> {
  await authenticator.add({
    credentialId: base64(passkey.id),
    isResidentCredential: true,
    rpId: passkey.rpId,
    privateKey: passkey.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    userHandle: base64(passkey.userHandle),
    signCount: 1,
    backupEligibility: synced,
    backupState: synced,
  })
}

/** As they are stored. A virtual authenticator's own passkeys stay on one device unless it says otherwise. */
export const kinds = {
  internal: { attachment: 'platform', transports: ['internal'], backupEligible: false },
  hybrid: { attachment: 'cross-platform', transports: ['hybrid', 'internal'], backupEligible: false },
  usb: { attachment: 'cross-platform', transports: ['usb'], backupEligible: false },
} satisfies Record<string, AuthenticatorSettings>

export async function signOut({ page, press, isAt }: Person, server: InProcess): Promise<void> {
  await page.goto(`${server.issuer}/session/end`)
  await press('Sign out')
  await isAt('You are signed out')
}

/** What can be pressed to go on, in the order of the page. */
export async function buttons({ page }: Pick<Person, 'page'>): Promise<string[]> {
  const texts = await page.locator('main button:visible').allInnerTexts()
  return texts.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '' && !/^(Change|Copy)/.test(text))
}

export const count = async (authenticator: VirtualAuthenticator): Promise<number> => (await authenticator.credentials()).length
