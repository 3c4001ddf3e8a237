import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIsDisowned } from '../../src/accounts/disowned.ts'
import { accountMayAuthenticate } from '../../src/accounts/may-authenticate.ts'
import type { ClientConfig } from '../../src/config/schema.ts'
import { AppError } from '../../src/errors.ts'
import { createEngine } from '../../src/oidc/provider.ts'
import type { Engine, EngineEvent, LoginRequest } from '../../src/oidc/types.ts'
import type { Proof, ProofMethod } from '../../src/policy/types.ts'
import { openKeyring, type Keyring } from '../../src/secrets/keyring.ts'
import { openStorage } from '../../src/storage/index.ts'
import type { Account, Storage } from '../../src/storage/types.ts'
import { createApp, type App, type Tokens } from '../helpers/app.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from '../helpers/http-browser.ts'
import { freePort } from '../helpers/port.ts'

/** The engine over HTTP on a real store, with pages that are one line and a login that asks nobody. */
export interface Rig {
  readonly issuer: string
  readonly folder: string
  readonly storage: Storage
  readonly keyring: Keyring
  readonly engine: Engine
  readonly events: EngineEvent[]
  /** what the operator was told */
  readonly warnings: object[]
  /** every stop at our pages, in order */
  readonly stops: LoginRequest[]
  /** what the next stops answer with; the default signs `account` in with a passkey and consents */
  answer: (request: LoginRequest, engine: Engine, ctx: Parameters<Engine['interactions']['read']>[0]) => Promise<string>
  readonly account: Account
  /** what the operator's strategy says about the account at an app */
  mustProve: (account: Account, clientId: string) => boolean
  /** pages as the application's own middleware gets them */
  readonly pagesSeen: string[]
  proof(method: ProofMethod, more?: Partial<Proof>): Proof
  browser(): HttpBrowser
  app(client: ClientConfig): Promise<App>
  /** a whole authorization: the page it ends at, and the tokens */
  signIn(app: App, options?: { browser?: HttpBrowser; parameters?: Record<string, string> }): Promise<{ page: Page; tokens: Tokens }>
  authorize(app: App, options?: { browser?: HttpBrowser; parameters?: Record<string, string> }): Promise<Page>
  close(): Promise<void>
}

type Overrides = { [metadata: string]: unknown; redirect_uris?: string[]; latchkey?: Partial<ClientConfig['latchkey']> }

export const client = (id: string, { latchkey, ...more }: Overrides = {}): ClientConfig => ({
  client_id: id,
  client_name: `The ${id}`,
  redirect_uris: [`http://localhost:8/${id}/callback`],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  client_secret: `${id} has a secret of its own`,
  id_token_signed_response_alg: 'ES256',
  ...more,
  latchkey: { firstParty: true, pkce: 'required', allowedOrigins: [], alwaysReauthenticate: false, identifiers: { email: {}, phone: {}, username: {} }, verification: {}, passkeys: { prompts: {} }, assurance: {}, theme: {}, ...latchkey },
})

const accountOf = (id: string, email: string): Account => ({
  id, createdAt: Date.now(), userHandle: id, identifiers: [{ kind: 'email', value: email, verifiedAt: 1 }], credentialIds: [],
  factors: { totp: { since: 0 }, recovery_codes: { since: 0, left: 10 } },
})

type EngineConfig = Parameters<typeof createEngine>[0]['config']

export async function startRig(clients: ClientConfig[], { resources = {}, sessions = {}, loopback = true, https = false }: {
  resources?: EngineConfig['resources']; sessions?: Partial<EngineConfig['sessions']>; loopback?: boolean; https?: boolean
} = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-oidc-'))
  const [storage, keyring, port] = await Promise.all([openStorage({ kind: 'embedded', folder }), openKeyring(folder), freePort()])
  const issuer = `http${https ? 's' : ''}://localhost:${port}`
  const account = accountOf('ada', 'ada@example.com')
  await Promise.all([storage.accounts.insert(account), storage.accounts.insert(accountOf('bob', 'bob@example.com'))])

  const events: EngineEvent[] = []
  const warnings: object[] = []
  const form = ({ action, fields }: { action: string; fields: Record<string, string> }) =>
    `<form method="post" action="${action}">${Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`).join('')}<button>Go on</button></form>`
  const engine = createEngine({
    config: { issuer, loopback, assurance: { downgrade: 'notify' }, passkeys: { crossDevice: 'standard' } as EngineConfig['passkeys'], resources, clients, locales: ['en', 'de'], sessions: { idle: 14 * 86_400_000, absolute: 90 * 86_400_000, shared: 2 * 3_600_000, keepSignedIn: 'ask', ...sessions } },
    keyring, storage, accounts: { get: storage.accounts.get, mayAuthenticate: accountMayAuthenticate, isDisowned: createIsDisowned(storage), mustProve: (...asked) => rig.mustProve(...asked) }, browserOf: (ctx) => ctx.cookies.get('browser', { signed: false }) ?? 'the only one', sessionStops: async () => false, events: { on: (event) => events.push(event) },
    forgetDevice: async () => {},
    log: { warn: (detail) => void warnings.push(detail), error(detail, message) { throw new Error(message, { cause: detail }) } },
    pages: {
      logout: (_ctx, input) => `<title>logout</title><p>${input.apps.join(', ')}</p>
        <form method="post" action="${input.form.action}"><input type="hidden" name="xsrf" value="${input.form.xsrf}"><button name="logout" value="yes">Sign out</button></form>`,
      loggedOut: (_ctx, { failedApps }) => `<title>logged out</title><p>${failedApps.join(', ')}</p>`,
      error: (_ctx, { code, oauthError, app }) => `<title>error</title><p>${code} ${oauthError} ${app?.name ?? ''}</p>`,
      handOver: (_ctx, input) => `<title>hand over</title>${input.form ? form(input.form) : `<a href="${input.url}">Go on</a>`}`,
    },
  })

  const stops: LoginRequest[] = []
  const pagesSeen: string[] = []
  const proof = (method: ProofMethod, more: Partial<Proof> = {}): Proof => ({ method, at: Date.now(), accountId: account.id, usablePasskey: false, ...more })
  const rig: Rig = {
    issuer, folder, storage, keyring, engine, events, warnings, stops, pagesSeen, account, proof,
    mustProve: () => false,
    answer: (request, { interactions }) =>
      request.prompt === 'consent'
        ? interactions.finishConsent(request)
        : interactions.finishLogin(request, { accountId: account.id, proofs: [proof('passkey')] }),
    browser: () => createHttpBrowser({ origin: issuer }),
    app: (config) => createApp(issuer, config as Parameters<typeof createApp>[1]),
    async authorize(app, { browser = rig.browser(), parameters = {} } = {}) {
      return browser.open((await app.authorize(parameters)).url)
    },
    async signIn(app, { browser = rig.browser(), parameters = {} } = {}) {
      const { url, finish } = await app.authorize(parameters)
      const page = await browser.open(url)
      return { page, tokens: await finish(page.url) }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await storage.close()
      await rm(folder, { recursive: true })
    },
  }

  engine.koa.silent = true
  engine.koa.proxy = https
  engine.koa.use(async (ctx, next) => {
    ctx.set('Content-Security-Policy', "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
    await next()
    if (ctx.type === 'text/html') pagesSeen.push(String(ctx.body))
  })
  engine.koa.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    try {
      const request = await engine.interactions.read(ctx)
      stops.push(request)
      ctx.redirect(await rig.answer(request, engine, ctx))
      ctx.status = 303
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      ctx.status = error.status
      ctx.body = { code: error.code, ...error.params }
    }
  })
  // As in the process itself: a pause of some seconds closes no connection that is used again in that very moment.
  const server = createServer({ keepAliveTimeout: 75_000 }, engine.koa.callback())
  server.listen(port, 'localhost')
  await once(server, 'listening')
  return rig
}

/** POST of a form, as an app's server sends it. */
export function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers })
}

export const basic = ({ client_id: id, client_secret: secret }: ClientConfig) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(String(secret))}`).toString('base64')}`,
})
