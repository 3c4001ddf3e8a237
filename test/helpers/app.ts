import * as oidc from 'openid-client'

/** What is waiting for the callback. */
export interface Authorization {
  url: URL
  /** the answer at the redirect URI becomes tokens; rejects with openid-client's errors. `parameters`: of the token request */
  finish(callback: URL, parameters?: Record<string, string>): Promise<Tokens>
}

export type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers

/** An app as its developers write it: openid-client, authorization code with PKCE, state and nonce. */
export interface App {
  readonly configuration: oidc.Configuration
  readonly redirectUri: string
  authorize(parameters?: Record<string, string>): Promise<Authorization>
  refresh(tokens: Tokens): Promise<Tokens>
  userinfo(tokens: Tokens): Promise<oidc.UserInfoResponse>
  signOutUrl(tokens: Tokens, parameters?: Record<string, string>): URL
}

/** The client of most journeys: confidential, first-party. Nothing listens at its addresses: journeys end there. */
export const shop = {
  client_id: 'shop',
  client_name: 'Example Shop',
  client_uri: 'http://localhost:8/',
  redirect_uris: ['http://localhost:8/callback'],
  post_logout_redirect_uris: ['http://localhost:8/signed-out'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  client_secret: 'a secret that only the shop and its provider know',
  latchkey: { firstParty: true },
}

/** A third-party app without a secret: it needs the person's consent. */
export const news = {
  client_id: 'news',
  client_name: 'Daily News',
  client_uri: 'http://localhost:8/news',
  redirect_uris: ['http://localhost:8/news/callback'],
  token_endpoint_auth_method: 'none',
  latchkey: { firstParty: false },
}

interface Client {
  client_id: string
  client_secret?: string
  redirect_uris: string[]
}

export async function createApp(issuer: string, client: Client): Promise<App> {
  const configuration = await oidc.discovery(new URL(issuer), client.client_id, client.client_secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  })
  const redirectUri = client.redirect_uris[0] ?? ''

  return {
    configuration,
    redirectUri,
    async authorize(parameters = {}) {
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
      const expectedState = oidc.randomState()
      const expectedNonce = oidc.randomNonce()
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid email',
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: expectedState,
        nonce: expectedNonce,
        ...parameters,
      })
      const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
      return { url, finish: (callback, more) => oidc.authorizationCodeGrant(configuration, callback, checks, more) }
    },
    refresh: tokens => oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? ''),
    userinfo: tokens => oidc.fetchUserInfo(configuration, tokens.access_token, tokens.claims()?.sub ?? ''),
    signOutUrl: (tokens, parameters = {}) =>
      oidc.buildEndSessionUrl(configuration, { id_token_hint: tokens.id_token ?? '', ...parameters }),
  }
}
