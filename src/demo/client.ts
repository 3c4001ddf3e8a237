import { demoClientId, type ClientConfig, type Config } from '../config/schema.ts'

/** The demo app as a client: public with PKCE, like an app in a browser or on a phone. */
export function demoClient(issuer: string): ClientConfig {
  return {
    client_id: demoClientId,
    client_name: 'Demo',
    client_uri: `${issuer}/demo`,
    redirect_uris: [`${issuer}/demo/callback`],
    post_logout_redirect_uris: [`${issuer}/demo`],
    initiate_login_uri: `${issuer}/demo/sign-in`,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    scope: 'openid profile email phone transfer',
    latchkey: { firstParty: true, pkce: 'required', allowedOrigins: [], alwaysReauthenticate: false, identifiers: { email: {}, phone: {}, username: {} }, verification: {}, passkeys: { prompts: {} }, assurance: {}, theme: {} },
  }
}

/** The resource indicator of the API behind the demo app (RFC 8707). */
export const apiOf = (issuer: string): string => `${issuer}/demo/api`

export const demoResources = (issuer: string): Config['resources'] => ({ [apiOf(issuer)]: { scopes: ['transfer'], format: 'jwt' } })
