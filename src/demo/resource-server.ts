/** What an API does with this provider's access tokens, by `jose` alone. Take it over: nothing here knows the provider but by its URL. */
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose'

/** What one operation of the API asks of a token. */
export interface Demand {
  scope?: string
  /** any of these is enough */
  acrValues?: string[]
  /** seconds since the person proved who they are */
  maxAge?: number
}

export type Verdict =
  | { ok: true; claims: JWTPayload }
  /** `challenge`: the value of `WWW-Authenticate` */
  | { ok: false; status: 401 | 403; challenge: string }

export interface ResourceServer {
  /** `authorization`: the request's header, `Bearer <token>` */
  check(authorization: string | undefined, demand: Demand): Promise<Verdict>
}

/**
 * Checks JWT access tokens (RFC 9068) and asks for a better sign-in where one is needed (RFC 9470): the app sends the
 * `acr_values` and `max_age` of the challenge in its next authorization request, and calls again with what it gets.
 * `resource`: the API's own resource indicator, the `aud` of its tokens.
 */
export function createResourceServer({ issuer, resource }: { issuer: string; resource: string }): ResourceServer {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

  async function verify(token: string): Promise<JWTPayload | undefined> {
    const required = { issuer, audience: resource, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['exp', 'sub', 'client_id'] }
    try {
      return (await jwtVerify(token, keys, required)).payload
    } catch (error) {
      // Whatever is wrong with a token, the caller needs another one; that the keys cannot be had is no fault of theirs.
      if (error instanceof Error && 'code' in error && /^ERR_(JWT|JWS|JOSE_(ALG|NOT)|JWKS_NO)/.test(String(error.code))) return undefined
      throw error
    }
  }

  return {
    async check(authorization, demand) {
      const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1]
      if (token === undefined) return refuse(401, {})
      const claims = await verify(token)
      if (!claims) return refuse(401, { error: 'invalid_token' })
      if (demand.scope !== undefined && !scopesOf(claims).includes(demand.scope)) {
        return refuse(403, { error: 'insufficient_scope', scope: demand.scope })
      }
      const lacking = missing(claims, demand)
      return lacking === undefined ? { ok: true, claims } : refuse(401, { error: 'insufficient_user_authentication', error_description: lacking, ...stepUp(demand) })
    },
  }
}

/** What to ask for, as the app puts it into its authorization request: all of it, so that one step-up is enough. */
function stepUp({ acrValues, maxAge }: Demand): Record<string, string> {
  return { ...(acrValues && { acr_values: acrValues.join(' ') }), ...(maxAge !== undefined && { max_age: String(maxAge) }) }
}

/** Why the sign-in behind a token is not enough; undefined when it is. */
function missing({ acr, auth_time: at }: JWTPayload, { acrValues, maxAge }: Demand): string | undefined {
  if (acrValues && !acrValues.some((wanted) => wanted === acr)) return 'A different authentication level is required'
  if (maxAge !== undefined && !(typeof at === 'number' && Date.now() / 1000 - at <= maxAge)) return 'More recent authentication is required'
  return undefined
}

const scopesOf = ({ scope }: JWTPayload): string[] => (typeof scope === 'string' ? scope.split(' ') : [])

/** RFC 6750 3: without a token the scheme alone, since there is nothing wrong with what was not sent. */
function refuse(status: 401 | 403, parameters: Record<string, string>): Verdict {
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  return { ok: false, status, challenge: ['Bearer', list.join(', ')].join(' ').trim() }
}

/** The app's side: what a challenge asks for; undefined when it is not about the sign-in. */
export function readChallenge(header: string | null): { acrValues?: string; maxAge?: string } | undefined {
  const parameters = Object.fromEntries([...(header ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
  if (parameters['error'] !== 'insufficient_user_authentication') return undefined
  const { acr_values: acrValues, max_age: maxAge } = parameters
  return { ...(acrValues !== undefined && { acrValues }), ...(maxAge !== undefined && { maxAge }) }
}
