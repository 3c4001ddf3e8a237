import { accountClientId, type ClientConfig, type Config } from '../config/schema.ts'
import { randomId } from '../secrets/keyring.ts'

/** Where people come back to from the sign-in. */
export const signedInPath = '/account/signed-in'

/**
 * The account pages as a client of our own sign-in: they look at the session itself and want no tokens. Nobody knows the
 * secret, so that nobody redeems a code, whoever began the request.
 */
export function accountClient({ issuer, theme }: Pick<Config, 'issuer' | 'theme'>): ClientConfig {
  return {
    client_id: accountClientId,
    client_name: theme.name,
    client_uri: `${issuer}/account`,
    client_secret: randomId(32),
    redirect_uris: [issuer + signedInPath],
    initiate_login_uri: `${issuer}/account`,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    scope: 'openid',
    latchkey: { firstParty: true, pkce: 'required', allowedOrigins: [], alwaysReauthenticate: false, identifiers: { email: {}, phone: {}, username: {} }, verification: {}, assurance: {}, theme: {} },
  }
}
