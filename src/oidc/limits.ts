import { errors, type Configuration } from 'oidc-provider'

/** levels; the deepest that means something is `{"id_token":{"acr":{"values":[…]}}}` */
const deepestClaims = 8

/** A `claims` parameter that nests without end breaks whoever walks it by recursion, the JSON encoder among them. */
export const assertClaims: NonNullable<NonNullable<NonNullable<Configuration['features']>['claimsParameter']>['assertClaimsParameter']> = (_ctx, claims) => {
  let level: unknown[] = [claims]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestClaims) throw new errors.InvalidRequest('the claims parameter is nested too deeply')
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
}
