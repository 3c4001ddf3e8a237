import type { Client, ClientMetadata, Configuration } from 'oidc-provider'
import type { ClientConfig, Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import { supportedScopes } from './accounts.ts'
import { defaultAlgorithm } from './keys.ts'
import type { AppInfo } from './types.ts'

export interface Clients {
  get(clientId: string): ClientConfig
  app(clientId: string): AppInfo | undefined
  /** whether the app may ask for it: config can name its only scopes */
  mayAskFor(clientId: string, scope: string): boolean
  readonly engine: Pick<Configuration, 'clients' | 'clientDefaults' | 'clientBasedCORS' | 'pkce'>
}

/** The configured apps: for the engine as registered metadata, for pages as an `AppInfo`. */
export function createClients({ issuer, clients: configs }: Pick<Config, 'issuer' | 'clients'>): Clients {
  const byId = new Map(configs.map((config) => [config.client_id, config]))

  function get(clientId: string): ClientConfig {
    const config = byId.get(clientId)
    if (!config) throw new AppError('internal', `the engine knows a client that the config does not: ${clientId}`)
    return config
  }

  function app(clientId: string): AppInfo | undefined {
    const config = byId.get(clientId)
    return config && appInfo(config, issuer)
  }

  return {
    get,
    app,
    mayAskFor: (clientId, scope) => scopesOf(get(clientId))?.includes(scope) ?? true,
    engine: {
      clients: configs.map(metadata),
      clientDefaults: {
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        id_token_signed_response_alg: defaultAlgorithm,
        token_endpoint_auth_method: 'client_secret_basic',
      },
      clientBasedCORS: (_ctx, origin, client) => get(client.clientId).latchkey.allowedOrigins.includes(origin),
      // A public client has no other proof that the code is its own (RFC 9700 2.1.1), so it cannot opt out.
      pkce: { required: (_ctx, client: Client) => isPublic(client) || get(client.clientId).latchkey.pkce === 'required' },
    },
  }
}

const isPublic = (client: Client) => client.tokenEndpointAuthMethod === 'none'

/**
 * The engine does nothing with `initiate_login_uri`, and would refuse a loopback one. It refuses clients whose `scope`
 * names scopes of resources too: those are kept to by `mayAskFor`. It takes no empty list; `openid` alone says least.
 */
function metadata({ latchkey: _, initiate_login_uri: __, ...standard }: ClientConfig): ClientMetadata {
  const scopes = scopesOf(standard)?.filter((scope) => supportedScopes.includes(scope))
  return { ...standard, ...(scopes && { scope: scopes.join(' ') || 'openid' }) } as ClientMetadata
}

function scopesOf({ scope }: { [metadata: string]: unknown; scope?: unknown }): string[] | undefined {
  return typeof scope === 'string' ? scope.split(' ') : undefined
}

function appInfo(config: ClientConfig, issuer: string): AppInfo {
  const startUrl = loginUrl(config.initiate_login_uri, issuer) ?? config.client_uri
  return {
    id: config.client_id,
    name: config.client_name,
    ...(config.client_uri && { homeUrl: config.client_uri }),
    ...(startUrl && { startUrl }),
    ...(config.policy_uri && { policyUrl: config.policy_uri }),
    ...(config.tos_uri && { termsUrl: config.tos_uri }),
    ...(config.latchkey.theme.accent && { accent: config.latchkey.theme.accent }),
  }
}

/** OpenID Connect Core 4: the app learns from `iss` which provider to start the login at. */
function loginUrl(registered: string | undefined, issuer: string): string | undefined {
  if (registered === undefined) return undefined
  const url = new URL(registered)
  url.searchParams.set('iss', issuer)
  return url.href
}
