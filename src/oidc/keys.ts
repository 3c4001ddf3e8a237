import type { Configuration, JWKS } from 'oidc-provider'
import type { Keyring } from '../secrets/keyring.ts'

/** ES256 signs unless a client asks for RS256: a tenth of the CPU and a quarter of the bytes. */
export const defaultAlgorithm = 'ES256'
const algorithms = [defaultAlgorithm, 'RS256'] as const

/** The engine's key set and the algorithms that it can really sign with. */
export function engineKeys(keyring: Pick<Keyring, 'jwks'>) {
  return {
    jwks: keyring.jwks as JWKS,
    enabledJWA: {
      idTokenSigningAlgValues: [...algorithms],
      userinfoSigningAlgValues: [...algorithms],
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'Ed25519', 'EdDSA'],
    },
  } satisfies Configuration
}
