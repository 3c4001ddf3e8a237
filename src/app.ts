import { readFile } from 'node:fs/promises'
import type { Router } from '@koa/router'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { accountClient } from './account/client.ts'
import { accountRoutes } from './account/routes.ts'
import { createAccounts } from './accounts/accounts.ts'
import { createChanges } from './accounts/changes.ts'
import { createDevices } from './accounts/devices.ts'
import { createIsDisowned } from './accounts/disowned.ts'
import { emailsOf, throttleKeys } from './accounts/emails.ts'
import { createIdentifiers } from './accounts/identifiers.ts'
import { accountMayAuthenticate } from './accounts/may-authenticate.ts'
import { createNormaliser } from './accounts/normalise.ts'
import { createPasskeysOnly } from './accounts/passkeys-only.ts'
import { createRecoveries } from './accounts/recovery.ts'
import { createTickets } from './accounts/tickets.ts'
import { createAudit } from './audit/audit.ts'
import type { Config } from './config/schema.ts'
import { createNotices } from './delivery/notices.ts'
import { createOutbox, type Outbox, type OutboxDeps } from './delivery/outbox.ts'
import { createSmsTransport } from './delivery/sms.ts'
import { createSmtpTransport } from './delivery/smtp.ts'
import { createTextAlerts } from './delivery/text-alerts.ts'
import { demoClient, demoResources } from './demo/client.ts'
import { outboxRoutes } from './demo/outbox.ts'
import { demoRoutes } from './demo/routes.ts'
import { createAssets } from './http/assets.ts'
import { canonicalHost } from './http/canonical-host.ts'
import type { Middleware, State } from './http/context.ts'
import { createCsrf, sameOrigin } from './http/csrf.ts'
import { browserOf } from './http/device.ts'
import { errors } from './http/errors.ts'
import { locale } from './http/locale.ts'
import type { Log } from './http/log.ts'
import { redirect } from './http/reply.ts'
import { requestLog } from './http/request-log.ts'
import { requestSize } from './http/request-size.ts'
import { securityHeaders } from './http/security-headers.ts'
import { logoAsset, pages, themeAsset, themeStandIn } from './http/pages.ts'
import { place } from './http/place.ts'
import { createThrottle } from './http/throttle.ts'
import { trustedProxies } from './http/trusted-proxies.ts'
import { createEnginePages } from './login/engine-pages.ts'
import { renderError } from './login/error.ts'
import { languageElsewhere } from './login/language-elsewhere.ts'
import { createForgetDevice } from './login/forget-device.ts'
import { linkRoutes } from './login/link.ts'
import { createRemembered } from './login/remembered.ts'
import { loginRoutes } from './login/routes.ts'
import { createSessionStops } from './login/session-stops.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createOutgoing } from './oidc/fetch.ts'
import { createEngine } from './oidc/provider.ts'
import { createRevocation } from './oidc/revocation.ts'
import type { EngineEvent } from './oidc/types.ts'
import { opsRoutes } from './ops/routes.ts'
import { wellKnown } from './ops/well-known.ts'
import { authenticatorPictures, createAbandoned, createAdoption, createCeremonies, createOffers, createPasskeys, createReports, createRounds } from './passkeys/index.ts'
import { createRisk } from './risk/index.ts'
import { strategiesFor, unproven } from './policy/strategy.ts'
import type { Keyring } from './secrets/keyring.ts'
import type { Account, Clock, Storage } from './storage/types.ts'
import { themeCss } from './theme/index.ts'
import { createVerification } from './verification/index.ts'
import { createMails } from '../views/mail/index.ts'
import { createTexts } from '../views/sms/index.ts'

/** What lives as long as the process, whatever config is in force. */
export interface Foundation {
  storage: Storage
  keyring: Keyring
  log: Log
  metrics: Metrics
  /** true from SIGTERM on */
  draining: () => boolean
}

/** One config in force: answers requests until another takes its place. */
export interface App {
  handle: RequestListener
  outbox: Outbox
  /** the mail loop and the regular tasks end; requests under way finish */
  stop(): Promise<void>
}

/** The colours of every accent, and the operator's logo. */
async function themeAssets(config: Config): Promise<Record<string, string | Buffer>> {
  const accents = [config.theme.accent, ...config.clients.flatMap(({ latchkey }) => latchkey.theme.accent ?? [])]
  const { logo } = config.theme
  return {
    ...Object.fromEntries(accents.map((accent) => [themeAsset(accent), themeCss(accent)])),
    ...(logo !== undefined && { [logoAsset(logo)]: await readFile(logo) }),
  }
}

/** A router asks each of its routes: only where the address can be one of them. */
function under(paths: RegExp, router: Router<State>): Middleware {
  const routes = router.routes() as Middleware
  return (ctx, next) => (paths.test(ctx.path) ? routes(ctx, next) : next())
}

/** The engine checks the token of its own form alone, not who sent it. */
const only = (path: RegExp, middleware: Middleware): Middleware => (ctx, next) => (path.test(ctx.path) ? middleware(ctx, next) : next())

/** A receiver hands a text on to a provider before it answers. */
const textLimit = 15_000

function transportsOf({ mail, sms, loopback }: Config, clock: Clock): NonNullable<OutboxDeps['transports']> {
  return {
    ...(mail.smtp !== undefined && { mail: createSmtpTransport(mail.smtp, mail.from) }),
    ...(sms?.secret !== undefined && {
      sms: createSmsTransport({
        url: sms.url, secret: sms.secret, channel: sms.channel, clock,
        call: createOutgoing({ privateNetwork: loopback || sms.privateNetwork, timeLimit: textLimit }),
      }),
    }),
  }
}

/** what is kept of passkey dialogs per network in 10 minutes: an office that signs in at nine makes fewer, and a flood no more */
const eventsKept = 300

const assetFolder = join(import.meta.dirname, '../views/assets')

const withDemo = (config: Config): Config => ({
  ...config,
  clients: [...config.clients, demoClient(config.issuer)],
  resources: { ...config.resources, ...demoResources(config.issuer) },
})

/** The map of the system: every module built once, in order. */
export async function createApp(configured: Config, foundation: Foundation): Promise<App> {
  const { storage, keyring, log, metrics } = foundation
  const { clock } = storage
  const config: Config = configured.loopback ? withDemo(configured) : configured

  // features
  const accounts = createAccounts(storage)
  const devices = createDevices(storage)
  const audit = createAudit({ audit: storage.audit, clock, log })
  const tickets = createTickets(storage)
  const revocation = createRevocation(storage)
  const normaliser = createNormaliser(config.identifiers)
  const identifiers = createIdentifiers({ storage, accounts, revocation, config })
  const changes = createChanges({ storage, revocation, audit })
  const recoveries = createRecoveries({ storage, delay: config.recovery.delay, audit })
  const transports = transportsOf(config, clock)
  const outbox = createOutbox({ outbox: storage.outbox, ephemeral: storage.ephemeral, keyring, clock, log, observe: metrics.message, transports })
  const { name, help } = config.theme
  const mails = createMails({ name, host: new URL(config.issuer).host, ...(help !== undefined && { helpUrl: help }) }, config.locales[0] ?? 'en')
  const texts = createTexts({ name, host: new URL(config.issuer).host }, config.locales[0] ?? 'en')
  const verification = createVerification({
    storage, keyring, accounts, outbox, mails, texts, config, ...normaliser,
  })
  const alerts = createTextAlerts({ outbox, accounts, texts })
  const notices = createNotices({ outbox, accounts, mails, alerts, tickets, clock, config })
  const passkeysOnly = createPasskeysOnly({
    storage, changes, revocation, audit, config,
    announce: (told, change) => notices.detailsChanged(told, { at: change.at, device: change.userAgent, change, what: change.kind === 'passkeys_only_on' ? change.kind : 'passkeys_only_off' }),
  })
  const passkeys = createPasskeys({ storage, keyring, config: { ...config.passkeys, origins: [...config.passkeys.origins, ...config.passkeys.appOrigins] } })
  const ceremonies = createCeremonies({ ceremonies: storage.ceremonies, clock, observe: metrics.passkeyCeremony, log })
  const reports = createReports({ ephemeral: storage.ephemeral, clock, ceremonies })
  const offers = createOffers({ prompts: storage.prompts, clock, observe: metrics.passkeyOffer })
  const rounds = createRounds({
    tasks: [
      createAbandoned({ ...storage, observe: metrics.passkeyCeremony, log }),
      createAdoption({ ...storage, log }),
    ],
    log,
  })
  const risk = createRisk({ ...storage, keyring, log, devices, emails: { of: emailsOf, keysOf: throttleKeys }, config })

  // what pages are made of
  const assets = await createAssets({ folders: [assetFolder], extra: await themeAssets(config), untrusted: authenticatorPictures(), standIn: themeStandIn(config) })

  // the engine and its edge
  const strategyAt = new Map(config.clients.map((client) => [client.client_id, strategiesFor(config.verification.strategy, client.latchkey.verification.strategy)]))
  const mustProve = (account: Account, clientId: string) => unproven(account, strategyAt.get(clientId) ?? config.verification.strategy).length > 0
  const remembered = createRemembered({ keyring, config })
  const forgetDevice = createForgetDevice({ devices, remembered, audit, config })
  const sessionStops = createSessionStops({ risk, devices, accounts, storage, config })
  const engine = createEngine({
    config: { ...config, clients: [...config.clients, accountClient(config)] },
    keyring, storage, log,
    accounts: { get: accounts.get, mayAuthenticate: accountMayAuthenticate, isDisowned: createIsDisowned(storage), mustProve },
    browserOf: (ctx) => browserOf(ctx, config),
    sessionStops,
    pages: createEnginePages({ config, log }),
    forgetDevice,
    events: { on: (event: EngineEvent) => heard(event) },
  })
  const subjectOf = ({ accountId, clientId }: EngineEvent) => ({ ...(accountId && { accountId }), ...(clientId && { clientId }) })
  function heard(event: EngineEvent): void {
    if (event.type === 'server_error') log.error({ err: event.cause }, 'the engine failed')
    if (event.type === 'refresh_token.reuse') void audit.record('token.reuse_detected', subjectOf(event), { kind: 'refresh_token' })
    if (event.type === 'end_session.success') void audit.record('sign_out', subjectOf(event), { everywhere: false })
  }

  // faces, outermost first
  const csrf = createCsrf({ keyring, config })
  const throttle = createThrottle({ ephemeral: storage.ephemeral, clock, keyring, config })
  const eventThrottle = createThrottle({ ephemeral: storage.ephemeral, clock, keyring, config }, { limit: eventsKept })
  const login = loginRoutes({
    config, storage, interactions: engine.interactions, accounts, identifiers, normaliser, remembered, devices, passkeys, ceremonies, reports, offers, changes, recoveries, verification, notices, audit, metrics, csrf, throttle, eventThrottle, risk, log,
  })
  const account = accountRoutes({ config, storage, keyring, engine, sessionStops, accounts, identifiers, normaliser, devices, passkeys, ceremonies, reports, tickets, changes, recoveries, passkeysOnly, revocation, forgetDevice, verification, notices, risk, audit, metrics, csrf, throttle, eventThrottle, log })
  const links = linkRoutes({ config, storage, engine, verification, audit, csrf, throttle })
  const ops = opsRoutes({ storage, metrics, draining: foundation.draining })
  const { koa } = engine
  koa.proxy = true // `trustedProxies` leaves only what a configured proxy said
  koa.silent = true // errors are logged by `errors`, under their reference
  const use = (middleware: Middleware) => koa.use(middleware as Parameters<typeof koa.use>[0])
  use(trustedProxies(config))
  use(place({ config, keyring }))
  use(requestLog({ log, observe: metrics.request }))
  use(securityHeaders(config))
  use(locale({ config }))
  use(pages({ config, asset: assets.url }))
  use(errors({ render: renderError(() => engine), log }))
  use(requestSize)
  use(assets.middleware)
  use(wellKnown(config))
  use(canonicalHost(config))
  use(only(/^\/session\/end\/confirm\/?$/i, sameOrigin(config)))
  use(under(/^\/(healthz|readyz|metrics)$/, ops))
  if (config.loopback) {
    use(async (ctx, next) => (ctx.path === '/' ? redirect(ctx, '/demo') : next()))
    use(under(/^\/demo(\/|$)/, demoRoutes({ config, keyring, log })))
    if (config.builtInMailbox || config.builtInPhone) use(under(/^\/dev\//, outboxRoutes({ config, listForDevelopment: outbox.listForDevelopment })))
  }
  use(under(/^\/interaction\//, login))
  use(under(/^\/link\//, links))
  use(under(/^\/language$/, languageElsewhere({ config })))
  use(under(/^\/account(\/|$)/, account))

  outbox.start()
  rounds.start()
  return {
    handle: koa.callback(),
    outbox,
    stop: async () => void (await Promise.all([outbox.stop(), rounds.stop()])),
  }
}
