/** The login screens as they are, over stand-ins for what they ask: every page that can be reached can be drawn and pressed. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Koa from 'koa'
import { createNormaliser } from '../../src/accounts/normalise.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { errors } from '../../src/http/errors.ts'
import type { Middleware, State } from '../../src/http/context.ts'
import { locale } from '../../src/http/locale.ts'
import { pages } from '../../src/http/pages.ts'
import { renderError } from '../../src/login/error.ts'
import type { LoginDeps } from '../../src/login/flow.ts'
import { loginRoutes } from '../../src/login/routes.ts'
import type { LoginState } from '../../src/login/state.ts'
import type { AppInfo, LoginRequest } from '../../src/oidc/types.ts'
import type { Account, Passkey, PromptEntry, Recovery } from '../../src/storage/types.ts'
import { sendsTo } from '../../src/policy/strategy.ts'
import { otherMethods } from '../../src/policy/types.ts'
import { hashId } from '../../src/secrets/keyring.ts'
import type { CheckInput } from '../../src/verification/index.ts'
import { createHttpClient } from '../helpers/http-client.ts'
import { type Document, type Form, parseHtml } from '../helpers/html.ts'

export const now = Date.UTC(2026, 10, 22, 12)
export const minute = 60_000
export const rightCode = '111111'

/** Everything that one sign-in can see and change. */
export interface World {
  request: Partial<LoginRequest>
  state?: LoginState
  accounts: Account[]
  prompts: PromptEntry[]
}

export interface Drawn extends Document {
  status: number
  /** the screen: the address behind `/interaction/<uid>` */
  screen: string
  /** the sign-in is over and the browser goes there */
  left?: string
}

export interface Rig {
  config: Config
  /** kinds of what was counted per network */
  throttled: string[]
  open(world: World, screen?: string): Promise<{ page: Drawn; world: World }>
  /** presses a button of a form; the page after it, and the world as it is then */
  press(world: World, form: Form, values?: Record<string, string>): Promise<{ page: Drawn; world: World }>
  dispose(): Promise<void>
}

export const account = (email: string, credentialIds: string[] = []): Account => ({
  id: `account of ${email}`,
  createdAt: now - 1e9,
  userHandle: 'handle',
  identifiers: [{ kind: 'email', value: email, verifiedAt: now - 1e9 }],
  credentialIds,
})

/** the one browser of these tests, by its cookie and as the store knows it */
const browser = 'b'.repeat(43)
export const thisBrowser = hashId(browser)

const app: AppInfo = { id: 'shop', name: 'Example Shop', homeUrl: 'https://shop.example.com/', startUrl: 'https://shop.example.com/' }
const callback = 'https://shop.example.com/callback'
const asIs = <T>(value: unknown): T => value as T
/** a client, as far as the login looks at it */
export const appWith = (assurance: object = {}): LoginRequest['client'] => asIs({ latchkey: { assurance, identifiers: { email: {}, phone: {}, username: {} }, verification: {}, passkeys: { prompts: {} } } })

export async function createRig(settings: (config: Config) => Config = (config) => config): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-login-'))
  const outcome = await loadConfig({ folder, env: {} })
  await rm(folder, { recursive: true })
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))
  const config = settings(outcome.config)

  let world: World
  const throttled: string[] = []
  // made a while ago, but for what a test makes itself or calls new
  const madeAt = (id: string) => (/made here|new/.test(id) ? now : now - 1e9)
  const passkeyOf = (id: string): Passkey => asIs({ id, accountId: world.accounts.find(({ credentialIds }) => credentialIds.includes(id))?.id, transports: ['internal'], aaguid: '', enrolledUserAgent: 'Chrome on Windows', createdAt: madeAt(id) })
  const accountOf = (id: string | undefined) => world.accounts.find((one) => one.id === id)
  const byEmail = (email: string) => world.accounts.find(({ identifiers }) => identifiers.some(({ value }) => value === email))
  const noted = async () => undefined

  const deps: LoginDeps = {
    config,
    storage: {
      clock: { now: () => now },
      ephemeral: asIs({
        get: async (key: string) => (key.startsWith('login:') ? world.state : undefined),
        claim: async () => true,
        take: noted,
        async update(key: string, change: (state?: LoginState) => { next: { value: LoginState } | 'keep' | undefined; result: unknown }) {
          if (!key.startsWith('login:')) return change().result
          const { next, result } = change(world.state)
          if (typeof next === 'object') world.state = next.value
          return result
        },
      }),
      prompts: asIs({ append: async (entry: PromptEntry) => void world.prompts.push(entry), query: async () => world.prompts }),
    },
    interactions: {
      read: async () => ({
        uid: 'u', cid: 'c', prompt: 'login', app, client: appWith(), startedAt: now, expiresAt: now + 3_600_000,
        requirement: { acrValues: [], essential: false }, wantsSignUp: false, wantsLogin: false, wantsChoice: false,
        ...world.request,
      }),
      finishLogin: async () => `${callback}?code=login`,
      finishConsent: async () => `${callback}?code=consent`,
      restartUrl: () => `${callback}?again`,
      abort: async (_, error) => `${callback}?error=${error?.error ?? 'access_denied'}`,
    },
    remembered: { list: () => [], add: () => {}, forget: () => {}, clear: () => {} },
    accounts: {
      get: async (id) => accountOf(id),
      findByIdentifier: async ({ value }) => byEmail(value),
      async create({ identifiers, draft, signedUp }) {
        const taken = identifiers.find(({ value }) => byEmail(value))
        if (taken) return { ok: false, taken, account: byEmail(taken.value)! }
        const made = { ...account(identifiers[0]!.value), identifiers, ...(draft && { id: draft.accountId }), ...(signedUp && { signedUp }) }
        world.accounts.push(made)
        return { ok: true, account: made }
      },
      provenPhones: () => [],
      rememberLocale: async () => {}, setProfile: async () => {},
      provenEmails: ({ identifiers }) => identifiers.map(({ value }) => value),
    },
    identifiers: {
      add: async () => 'added',
      async markProven(id, { value }) {
        const one = accountOf(id)?.identifiers.find((listed) => listed.value === value)
        if (one) one.verifiedAt = now
        return one && accountOf(id)
      },
      async correct(of, from, to) {
        Object.assign(accountOf(of.id)!.identifiers.find(({ value }) => value === from.value)!, to)
        return 'corrected'
      },
      async takeOver({ kind, value }, from) {
        const old = accountOf(from.id)!
        old.identifiers = old.identifiers.filter((one) => one.value !== value)
        const made = { ...account(value), id: `taken ${value}`, identifiers: [{ kind, value, verifiedAt: now }] }
        world.accounts.push(made)
        return made
      },
    },
    normaliser: createNormaliser(config.identifiers),
    devices: {
      listHere: async () => [], listOf: async () => [], recordSignIn: async () => ({ firstTime: true, known: undefined }), isRecognised: () => false, isElsewhere: () => false,
      knowsNetwork: async () => false, disown: noted, forget: noted,
    },
    passkeys: asIs({
      authenticationOptions: (input: { allow?: { id: string }[] }) => ({ challenge: 'c', allow: input.allow?.map(({ id }) => id) }),
      registrationOptions: () => ({ challenge: 'c' }),
      listFor: async ({ credentialIds }: Account) => credentialIds.map(passkeyOf),
      signalFor: async ({ userHandle, credentialIds }: Account, label: string) => ({ rpId: 'localhost', userId: userHandle, accepted: credentialIds, user: { name: label, displayName: label } }),
      rename: async (_: Account, id: string) => passkeyOf(id),
      async authenticate({ response }: { response: string }) {
        const passkey = passkeyOf(response)
        return passkey.accountId ? { ok: true, passkey, account: accountOf(passkey.accountId), counterRegressed: false } : { ok: false, reason: 'bad_signature' }
      },
      async register({ account: { id }, response, spend, announce }: { account: Account; response: string; spend?: () => Promise<boolean>; announce?: (passkey: Passkey) => Promise<void> }) {
        if (spend && !(await spend())) return { ok: false, reason: 'not_allowed' }
        await announce?.(passkeyOf(response))
        accountOf(id)?.credentialIds.push(response)
        return { ok: true, passkey: passkeyOf(response) }
      },
    }),
    changes: {
      record: async (input) => asIs({ ...input, id: 'change', at: now, until: now + 1e9 }),
      listOpen: async () => [{ id: 'change', accountId: '', at: now - 2 * minute, kind: 'passkey_removed', deviceHash: '', userAgent: 'Chrome on Windows', until: now + 1e9 }],
      settle: async (id) => void delete accountOf(id)?.frozen,
    },
    recoveries: {
      async start(of, { deviceHash, userAgent }) {
        const running = accountOf(of.id)?.recovery
        const started: Recovery = { id: 'recovery', startedAt: now, readyAt: now + 1e8, expiresAt: now + 2e8, deviceHash, userAgent }
        return (accountOf(of.id)!.recovery = running?.deviceHash === deviceHash ? running : started)
      },
      cancel: async (id) => delete accountOf(id)?.recovery,
      use: async (id) => delete accountOf(id)?.recovery,
    },
    verification: asIs({
      methods: Object.fromEntries(otherMethods.map((name) => [name, {
        name,
        ...(sendsTo[name] && {
          sendsTo: sendsTo[name],
          send: async () => ({ ok: true, resent: false, sentAt: now, resendAt: now, expiresAt: now + minute, digits: 6 }),
          status: async () => undefined,
        }),
        async check({ code, typed: { kind, value }, account }: CheckInput) {
          const { factors } = account ?? byEmail(value) ?? {}
          const right = code === rightCode && (sendsTo[name] !== undefined || factors?.[name === 'totp' ? 'totp' : 'recovery_codes'] !== undefined)
          return right ? { ok: true, ...(sendsTo[name] === kind && { identifier: `${kind}:${value}` }), left: 9 } : { ok: false, reason: 'wrong', triesLeft: 3 }
        },
      }])),
      isUnreachable: async () => false,
    }),
    notices: { passkeyAdded: noted, passkeyRemoved: noted, newDevice: noted, recoveryStarted: noted, recoveryUsed: noted, detailsChanged: noted },
    audit: asIs({ record: noted }),
    metrics: asIs(new Proxy({}, { get: () => () => undefined })),
    csrf: { token: () => 'token', check: () => undefined },
    risk: {
      judge: async () => ({ outcome: 'allow', notify: false, suppressPrompt: false, rules: [] }),
      liveSession: { concerns: () => false, stops: async () => false },
      noteFailure: noted,
    },
    throttle: { spend: async (_, kind) => void throttled.push(kind) },
    eventThrottle: { allows: async () => true },
    ceremonies: { record: async () => {} },
    reports: { receive: async () => true },
    offers: { record: async (event) => void world.prompts.push({ id: `${world.prompts.length}`, at: now, ...event }) },
    log: asIs({ info: noted, warn: noted, error: noted, debug: noted }),
  }

  const koa = new Koa<State>()
  const use = (middleware: Middleware) => koa.use(middleware)
  use(async (ctx, next) => {
    ctx.state.reference = '7F3K-2Q9D'
    await next()
  })
  use(locale({ config }))
  use(pages({ config, asset: (name) => `/assets/${name}` }))
  use(errors({ render: renderError(() => ({ app: () => app })), log: deps.log }))
  use(loginRoutes(deps).routes() as Middleware)
  const server = createServer({ keepAliveTimeout: 75_000 }, koa.callback()).listen(0, 'localhost')
  await once(server, 'listening')
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const client = createHttpClient()

  async function visit(method: string, path: string, body?: string): Promise<Drawn> {
    const headers = { accept: 'text/html', 'accept-language': 'en', cookie: `latchkey_device=${browser}`, ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) }
    const answer = await client.send(new URL(path, origin), { method, headers, ...(body !== undefined && { body }) })
    const to = answer.headers.location ?? /^0;url=(.*)$/.exec(String(answer.headers['refresh'] ?? ''))?.[1]
    if (to?.startsWith('/')) return visit('GET', to)
    return { ...parseHtml(answer.body), status: answer.status, screen: path.replace('/interaction/u', ''), ...(to !== undefined && { left: to }) }
  }

  /** Works on a copy: each world can be entered again. */
  async function inside(of: World, act: () => Promise<Drawn>) {
    world = structuredClone(of)
    const page = await act()
    return { page, world }
  }

  return {
    config,
    throttled,
    open: (of, screen = '') => inside(of, () => visit('GET', `/interaction/u${screen}`)),
    press: (of, form, values = {}) => inside(of, () => visit('POST', form.action, String(new URLSearchParams({ ...form.values, ...values })))),
    async dispose() {
      client.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
