import { ceiling } from '../policy/assurance.ts'
import { downgradeAction, type DowngradeSetting } from '../policy/downgrade.ts'
import { rankOf, type Acr, type Method, type Proof } from '../policy/types.ts'
import { hardToRead } from './accent.ts'
import { eachItem } from './checks.ts'
import type { Check } from './checks.ts'
import type { ClientFile } from './client-schema.ts'
import { clientSetUpChecks, clientSetUpWarnings, type ServerSide } from './client-set-up-checks.ts'
import { accountClientId, demoClientId, standardScopes } from './schema.ts'
import { isLoopbackHost, parseUrl } from './values.ts'

/** A client in the light of the server's settings. */
export interface ClientSubject {
  client: ClientFile
  loopback: boolean
  /** `client_secret` is written out, neither a variable nor a file */
  literalSecret: boolean
  /** the server's setting, which the client may have one of its own for; absent while that is wrong itself */
  downgrade?: DowngradeSetting
  /** absent while `identifiers`, `verification`, `passkeys` or `sms` of the server are wrong themselves */
  server?: ServerSide
  /** scopes of the configured resources; absent while those are wrong themselves */
  resourceScopes?: string[]
}

const usesSecret = ({ token_endpoint_auth_method: method }: ClientFile) => method === 'client_secret_basic' || method === 'client_secret_post'
const usesKeys = ({ token_endpoint_auth_method: method }: ClientFile) => method === 'private_key_jwt'
const isPublic = ({ token_endpoint_auth_method: method }: ClientFile) => method === 'none'

const redirects = ['redirect_uris', 'post_logout_redirect_uris'] as const

export const clientChecks: Check<ClientSubject>[] = [
  {
    setting: 'client_id',
    allowed: 'any other id',
    violation({ client: { client_id: id }, loopback }) {
      if (id === accountClientId) return 'is the id of the built-in account pages'
      return loopback && id === demoClientId ? 'is the id of the built-in demo app' : undefined
    },
  },
  ...redirects.map((setting): Check<ClientSubject> => ({
    setting,
    reads: ['application_type'],
    allowed: 'https://… without a fragment; http:// only for localhost, 127.0.0.1 and [::1]',
    violation: ({ client }) => (client.application_type === 'web' ? eachItem(client[setting], webRedirectProblem) : []),
  })),
  ...redirects.map((setting): Check<ClientSubject> => ({
    setting,
    reads: ['application_type'],
    allowed: 'com.example.app:/path, http://127.0.0.1/path, http://[::1]/path, or https://… that the app has claimed',
    violation: ({ client }) => (client.application_type === 'native' ? eachItem(client[setting], nativeRedirectProblem) : []),
  })),
  {
    setting: 'redirect_uris',
    reads: ['grant_types'],
    allowed: 'at least one address, or grant_types without authorization_code',
    violation: ({ client }) => (usesCode(client) && client.redirect_uris.length === 0 ? 'is missing: codes could be sent nowhere' : undefined),
  },
  {
    setting: 'response_types',
    reads: ['grant_types'],
    allowed: '[code] with the authorization_code grant, [] without it; best left out',
    violation: ({ client }) => (client.response_types && (client.response_types.length > 0) !== usesCode(client) ? 'does not fit grant_types' : undefined),
  },
  {
    setting: 'grant_types',
    allowed: 'refresh_token only together with authorization_code',
    violation: ({ client }) => (client.grant_types.includes('refresh_token') && !usesCode(client) ? 'has a refresh_token that nothing can issue' : undefined),
  },
  {
    setting: 'grant_types',
    reads: ['token_endpoint_auth_method'],
    allowed: 'client_credentials only for a client that proves itself',
    violation: ({ client }) => (client.grant_types.includes('client_credentials') && isPublic(client) ? 'has client_credentials, but the client is public' : undefined),
  },
  {
    setting: 'client_secret',
    reads: ['token_endpoint_auth_method'],
    allowed: '${NAME} or client_secret_FILE; for a public client set token_endpoint_auth_method: none',
    violation: ({ client }) => (usesSecret(client) && client.client_secret === undefined ? 'is missing' : undefined),
  },
  {
    setting: 'client_secret',
    reads: ['token_endpoint_auth_method'],
    allowed: 'a secret with client_secret_basic or client_secret_post only',
    violation: ({ client }) => (!usesSecret(client) && client.client_secret !== undefined ? 'is set, but token_endpoint_auth_method does not use it' : undefined),
  },
  {
    setting: 'jwks',
    reads: ['token_endpoint_auth_method', 'jwks_uri'],
    allowed: 'jwks with the public keys, or jwks_uri',
    violation: ({ client }) => (usesKeys(client) && !client.jwks && !client.jwks_uri ? 'is missing' : undefined),
  },
  {
    setting: 'jwks',
    reads: ['jwks_uri'],
    allowed: 'one of them',
    violation: ({ client }) => (client.jwks && client.jwks_uri ? 'is set together with jwks_uri' : undefined),
  },
  {
    setting: 'jwks',
    allowed: 'public keys: no d, p, q, dp, dq, qi or k',
    violation: ({ client }) =>
      eachItem(client.jwks?.keys, (key) => (['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].some((name) => name in key) ? 'holds a private key' : undefined))
        .map(({ part, message }) => ({ part: ['keys', ...part], message })),
  },
  {
    setting: 'token_endpoint_auth_signing_alg',
    reads: ['token_endpoint_auth_method'],
    allowed: 'only with private_key_jwt',
    violation: ({ client }) => (!usesKeys(client) && client.token_endpoint_auth_signing_alg ? 'is set, but token_endpoint_auth_method does not use it' : undefined),
  },
  {
    setting: 'scope',
    allowed: `${standardScopes.join(', ')}, and the scopes under resources in latchkey.yaml`,
    violation({ client, resourceScopes }) {
      if (!client.scope || !resourceScopes) return undefined
      const known = new Set<string>([...standardScopes, ...resourceScopes])
      return client.scope.split(' ').every((scope) => known.has(scope)) ? undefined : 'names an unknown scope'
    },
  },
  {
    setting: 'latchkey.pkce',
    reads: ['token_endpoint_auth_method'],
    allowed: 'required',
    violation: ({ client }) => (client.latchkey.pkce === 'optional' && isPublic(client) ? 'is optional, but a public client has no other protection (RFC 9700)' : undefined),
  },
  {
    setting: 'latchkey.methods',
    reads: ['latchkey.minimumAcr'],
    allowed: 'methods that reach it, or no minimumAcr',
    violation({ client: { latchkey: { methods, minimumAcr } } }) {
      return minimumAcr && isBeyond(minimumAcr, methods) ? `cannot reach minimumAcr, ${minimumAcr}` : undefined
    },
  },
  {
    setting: 'latchkey.methods',
    reads: ['latchkey.assurance.downgrade'],
    allowed: 'passkey among them, or latchkey.assurance.downgrade: notify',
    violation({ client: { latchkey: { methods, assurance } }, downgrade }) {
      const setting = assurance.downgrade ?? downgrade
      if (!setting || !methods || methods.includes('passkey')) return undefined
      const all = methods.map((method): Proof => ({ method, at: 0, accountId: '', usablePasskey: true }))
      return downgradeAction(all, setting).startsWith('finish') ? undefined : `lets nobody in who has a passkey (assurance.downgrade is ${setting})`
    },
  },
  ...clientSetUpChecks,
]

export const clientWarnings: Check<ClientSubject>[] = [
  ...clientSetUpWarnings,
  {
    setting: 'client_secret',
    violation({ client: { client_secret: secret }, loopback, literalSecret }) {
      if (secret === undefined || secret.length >= 32) return undefined
      if (literalSecret) return 'is short and stands in the file: reference it from the environment, as "${NAME}", and make it 32 random characters or more, as from `openssl rand -hex 32`'
      return loopback ? undefined : 'is short: 32 random characters or more cannot be guessed, as from `openssl rand -hex 32`'
    },
  },
  {
    setting: 'default_acr_values',
    reads: ['latchkey.methods'],
    violation: ({ client: { default_acr_values: asked, latchkey: { methods } } }) =>
      asked?.every((acr) => isBeyond(acr, methods)) ? 'is reached by none of latchkey.methods' : undefined,
  },
  {
    setting: 'latchkey.theme.accent',
    violation: ({ client }) => hardToRead(client.latchkey.theme.accent),
  },
]

const isBeyond = (acr: Acr, methods: Method[] | undefined): boolean => rankOf(acr) > rankOf(ceiling(methods))

function usesCode(client: ClientFile): boolean {
  return client.grant_types.includes('authorization_code')
}

function webRedirectProblem(text: string): string | undefined {
  const url = redirectTarget(text)
  if (typeof url === 'string') return url
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return 'has a scheme of its own, which is for application_type native'
  return isLoopbackHost(url.hostname) ? undefined : 'is not https'
}

/** RFC 8252 section 7: private-use schemes (with a period, section 8.4), loopback interfaces, claimed https. */
function nativeRedirectProblem(text: string): string | undefined {
  const url = redirectTarget(text)
  if (typeof url === 'string') return url
  if (url.protocol === 'http:') return isLoopbackHost(url.hostname) ? undefined : 'is http, but not on this machine'
  if (url.protocol === 'https:') return isLoopbackHost(url.hostname) ? 'is https on this machine, which an app cannot claim' : undefined
  return url.protocol.includes('.') ? undefined : 'has a scheme without a period, which another app could take'
}

function redirectTarget(text: string): URL | string {
  const url = parseUrl(text)
  if (!url) return 'is not an absolute URI'
  if (text.includes('#')) return 'has a fragment'
  if (url.username || url.password) return 'holds a user name or password'
  return text.includes('*') ? 'holds a wildcard: list each address' : url
}
