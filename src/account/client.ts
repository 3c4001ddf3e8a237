import { signInKinds } from '../accounts/way-in.ts'
import { accountClientId, type ClientConfig, type Config } from '../config/schema.ts'
import { randomId } from '../secrets/keyring.ts'
import type { IdentifierKind } from '../storage/types.ts'

/** Where people come back to from the sign-in. */
export const signedInPath = '/account/signed-in'

/**
 * The account pages as a client of our own sign-in: they look at the session itself and want no tokens. Nobody knows the
 * secret, so that nobody redeems a code, whoever began the request.
 */
export function accountClient(config: Pick<Config, 'issuer' | 'theme' | 'identifiers' | 'clients'>): ClientConfig {
  const { issuer, theme } = config
  const kinds = signInKinds(config)
  // Whoever signs in to any app finds their account by the same.
  const by = (kind: IdentifierKind) => (kinds.includes(kind) ? { signIn: true } : {})
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
    latchkey: { firstParty: true, pkce: 'required', allowedOrigins: [], alwaysReauthenticate: false, identifiers: { email: by('email'), phone: by('phone'), username: by('username') }, verification: {}, passkeys: { prompts: {} }, assurance: {}, theme: {} },
  }
}
