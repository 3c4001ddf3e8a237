import type { Middleware } from 'koa'
import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { passkeysAt } from '../config/for-client.ts'
import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import { claimsByScope, createFindAccount, supportedScopes, type AccountSource } from './accounts.ts'
import { createAdapter } from './adapter.ts'
import { createAssurance, supportedAcrs } from './assurance.ts'
import { createClients } from './clients.ts'
import { correctContext } from './overrides.ts'
import { forwardEvents } from './events.ts'
import { extendProvider } from './extended.ts'
import { createCookieKeys } from './cookie-keys.ts'
import { createFetch } from './fetch.ts'
import { createLoadGrant } from './grants.ts'
import { createInteractions, interactionLife, interactionUrl } from './interactions.ts'
import { engineKeys } from './keys.ts'
import { assertClaims } from './limits.ts'
import { createPages } from './pages.ts'
import { createPolicy } from './prompts.ts'
import { trackRequests } from './request.ts'
import { jwtLife } from './revocation.ts'
import { createSessionOf } from './session-of.ts'
import { createTellApps } from './sign-out.ts'
import { keepProofsInSessions, limitSessions, sessionLife } from './sessions.ts'
import { createStartAgain } from './start-again.ts'
import { endsWithSession } from './unproven.ts'
import { keepStarts } from './started.ts'
import type { BrowserOf, Engine, EngineEvents, EngineLog, EnginePages, ForgetDevice, SessionStops } from './types.ts'

export interface EngineDeps {
  config: Pick<Config, 'issuer' | 'loopback' | 'assurance' | 'passkeys' | 'sessions' | 'resources' | 'locales' | 'clients'>
  keyring: Pick<Keyring, 'jwks' | 'cookieKeys' | 'seal' | 'open'>
  storage: Pick<Storage, 'artifacts' | 'ephemeral' | 'clock'>
  accounts: AccountSource
  browserOf: BrowserOf
  sessionStops: SessionStops
  log: EngineLog
  events: EngineEvents
  pages: EnginePages
  forgetDevice: ForgetDevice
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** The OpenID Connect engine with our store, policy, accounts and pages. */
export function createEngine({ config, keyring, storage, accounts, browserOf, sessionStops, log, events, pages: enginePages, forgetDevice }: EngineDeps): Engine {
  const { clock } = storage
  const clients = createClients(config)
  const assurance = createAssurance({ clients, crossDeviceAt: (id) => passkeysAt(config, clients.get(id)).crossDevice, clock })
  const names = cookieNames(config.issuer)
  const startAgain = createStartAgain({ name: names.startAgain, clients })
  const pages = createPages({ pages: enginePages, forgetDevice, clients, startAgain, keyring, clock })
  const policy = createPolicy({ assurance, downgradeAt: (id) => clients.get(id).latchkey.assurance.downgrade ?? config.assurance.downgrade, stops: sessionStops, mustProve: accounts.mustProve, clock })
  const cookie = { httpOnly: true, sameSite: 'lax', secure: config.issuer.startsWith('https:'), signed: true } as const

  const configuration = {
    ...engineKeys(keyring),
    ...clients.engine,
    adapter: createAdapter({ ...storage, keyring }),
    findAccount: createFindAccount(accounts),
    loadExistingGrant: createLoadGrant(clients),
    interactions: { policy, url: interactionUrl },
    claims: claimsByScope,
    scopes: supportedScopes,
    acrValues: supportedAcrs,
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clockTolerance: 15,
    cookies: { names, long: cookie, short: cookie, keys: keyring.cookieKeys },
    discovery: { ui_locales_supported: config.locales, prompt_values_supported: ['none', ...policy.filter(({ requestable }) => requestable).map(({ name }) => name)] },
    ttl: {
      Interaction: interactionLife,
      AuthorizationCode: minute,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour,
      IdToken: hour,
      RefreshToken: refreshLife,
      // A grant must outlive every refresh token under it, so it ends with the longest session.
      Grant: Math.ceil(config.sessions.absolute / 1000),
      Session: (_ctx, session) => sessionLife(session as object, config.sessions),
    },
    expiresWithSession: ({ oidc }, code) => !code.scopes.has('offline_access') || endsWithSession(oidc, accounts.mustProve),
    rotateRefreshToken: true,
    extraTokenClaims,
    renderError: pages.renderError,
    fetch: createFetch(config),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true, assertClaimsParameter: assertClaims },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      rpInitiatedLogout: pages.rpInitiatedLogout,
      userinfo: { enabled: true },
    },
  } satisfies Configuration as Configuration

  const track = trackRequests(clock)
  const innermost: Middleware = (ctx, next) => pages.middleware(ctx, () => track(ctx, next))
  const provider = new (extendProvider({ formPost: pages.formPost, innermost }))(config.issuer, configuration)
  provider.use(innermost)
  Object.assign(provider, { keys: createCookieKeys(keyring.cookieKeys) })
  keepProofsInSessions(provider)
  limitSessions(provider, config.sessions)
  keepStarts(provider, clock)
  correctContext(provider, { assurance, clients })
  forwardEvents(provider, events)
  provider.on('backchannel.error', (ctx, error, { clientId }) => {
    pages.logoutFailed(ctx, clientId)
    log.warn({ clientId, err: error }, 'the app did not take the sign-out')
  })
  provider.on('server_error', (ctx, error) => {
    if (error instanceof AppError) ctx.status = error.status
  })

  for (const { client_id: clientId } of config.clients) {
    // The engine looks at a client's metadata only when it is first used; the operator wants to know at once.
    provider.Client.find(clientId).catch((error: Error) => log.error({ clientId, err: error }, 'this client cannot be used'))
  }

  function getResourceServerInfo(_ctx: KoaContextWithOIDC, indicator: string, { clientId }: { clientId: string }) {
    const resource = config.resources[indicator]
    if (!resource) throw new errors.InvalidTarget()
    return {
      scope: resource.scopes.filter((scope) => clients.mayAskFor(clientId, scope)).join(' '),
      audience: indicator,
      accessTokenFormat: resource.format,
      ...(resource.format === 'jwt' && { accessTokenTTL: jwtLife, jwt: { sign: { alg: 'ES256' as const } } }),
    }
  }

  /** Of others' tokens apps may look at those that are sent to them, and public ones at none; nobody sees one of an account that may not sign in as active. */
  async function mayIntrospect(_ctx: unknown, client: { clientId: string; tokenEndpointAuthMethod?: string | undefined }, token: object) {
    const { accountId, clientId, kind } = token as { accountId?: string; clientId?: string; kind?: string }
    if ((client.tokenEndpointAuthMethod === 'none' || kind === 'RefreshToken') && clientId !== client.clientId) return false
    return accountId === undefined || accounts.mayAuthenticate(await accounts.get(accountId))
  }

  return {
    koa: provider,
    interactions: createInteractions({ provider, clients, clock, startAgain, browserOf }),
    app: clients.app,
    paths: { signIn: provider.pathFor('authorization'), signOut: provider.pathFor('end_session') },
    sessionOf: createSessionOf({ provider, accounts }),
    tellApps: createTellApps(provider, log),
  }
}

/** Apps revoke their own tokens (RFC 7009 2.1); of somebody else's they do not even learn that they exist. */
const mayRevoke = (_ctx: unknown, client: { clientId: string }, token: object) => (token as { clientId?: string }).clientId === client.clientId

/** `__Host-` is impossible on cookies with a path (RFC 6265bis 4.1.3.2). */
function cookieNames(issuer: string) {
  const [host, secure] = issuer.startsWith('https:') ? ['__Host-', '__Secure-'] : ['', '']
  return {
    session: `${host}latchkey_session`,
    interaction: `${secure}latchkey_interaction`,
    resume: `${secure}latchkey_resume`,
    startAgain: `${secure}latchkey_start_again`,
  }
}

/** Two weeks since the last use; a public web client cannot keep a secret, so there it is two weeks in all (RFC 9700 4.14.2). */
const refreshLife: NonNullable<NonNullable<Configuration['ttl']>['RefreshToken']> = (ctx, token, client) => {
  const rotated = ctx.oidc.entities.RotatedRefreshToken
  const unbound = client.applicationType === 'web' && client.tokenEndpointAuthMethod === 'none' && !token.isSenderConstrained()
  return rotated && unbound ? rotated.remainingTTL : 14 * day
}

/** RFC 9470: what the authorization reached, carried by code and refresh token, never raised by a refresh. */
const extraTokenClaims: NonNullable<Configuration['extraTokenClaims']> = (ctx, token) => {
  if (token.kind !== 'AccessToken') return undefined
  const { RefreshToken: refreshToken, AuthorizationCode: code } = ctx.oidc.entities
  const source = code ?? refreshToken
  return source && { acr: source.acr, auth_time: source.authTime }
}
