import type { ClientConfig } from '../config/schema.ts'
import type { Requirement } from '../policy/assurance.ts'

type Params = { readonly [name: string]: unknown }

/** What the request, its client and its prompt ask for. `startedAt` (ms): when the request arrived. */
export function requirementOf(params: Params, client: ClientConfig, startedAt: number): Requirement {
  const { minimumAcr, maximumAge, methods, alwaysReauthenticate } = client.latchkey
  const ages = [params['max_age'], maximumAge].filter((age) => age !== undefined).map(Number)
  const claim = acrClaim(params['claims'])
  return {
    acrValues: claim?.values ?? words(params['acr_values']),
    essential: claim?.essential ?? false,
    ...(minimumAcr && { minimumAcr }),
    ...(ages.length > 0 && { maxAge: Math.min(...ages) }),
    ...((alwaysReauthenticate || words(params['prompt']).includes('login')) && { freshSince: startedAt }),
    ...(methods && { methods }),
  }
}

/** The part without which no answer may be given: plain `acr_values` are a wish (OpenID Connect Core 3.1.2.1). */
export function mandatory(requirement: Requirement): Requirement {
  return requirement.essential ? requirement : { ...requirement, acrValues: [] }
}

export function words(value: unknown): string[] {
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : []
}

/** The `acr` member of the claims parameter (OpenID Connect Core 5.5.1.1), when it names values. */
function acrClaim(claims: unknown): { values: string[]; essential: boolean } | undefined {
  if (typeof claims !== 'string') return undefined
  const request = (JSON.parse(claims) as { id_token?: { acr?: unknown } }).id_token?.acr
  if (typeof request !== 'object' || request === null) return undefined
  const { value, values, essential } = request as { value?: unknown; values?: unknown; essential?: unknown }
  const named = [value, ...(Array.isArray(values) ? values : [])].filter((acr) => typeof acr === 'string')
  return named.length > 0 ? { values: named, essential: essential === true } : undefined
}
