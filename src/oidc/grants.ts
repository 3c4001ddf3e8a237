import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import type { Proof } from '../policy/types.ts'
import type { Clients } from './clients.ts'
import { proofsOf, setProofs } from './sessions.ts'

type OIDC = KoaContextWithOIDC['oidc']

/**
 * Third-party clients use what the person has granted in this session. First-party clients are granted what they ask for,
 * without a page; the grant is written only when it grows.
 */
export function createLoadGrant(clients: Clients): NonNullable<Configuration['loadExistingGrant']> {
  return async ({ oidc }) => {
    const { clientId } = oidc.client!
    const grantId = oidc.result?.consent?.grantId ?? oidc.session!.grantIdFor(clientId)
    const saved = grantId ? await oidc.provider.Grant.find(grantId) : undefined
    if (!clients.get(clientId).latchkey.firstParty) return saved

    const grant = saved ?? grantBy(oidc.provider, { clientId, accountId: oidc.account!.accountId }, proofsOf(oidc.session))
    if (grantRequested(oidc, grant) || !saved) await grant.save()
    return grant
  }
}

/** A new grant that remembers what it was given by: an app may go on with it when the session is long over. */
export function grantBy(provider: OIDC['provider'], whose: { clientId: string; accountId: string }, proofs: Proof[]): Grant {
  const grant = new provider.Grant(whose)
  setProofs(grant, proofs)
  return grant
}

/** Adds what the request asks for and the grant lacks; whether there was anything. */
function grantRequested(oidc: OIDC, grant: Grant): boolean {
  const scopes = lacking(oidc.requestParamOIDCScopes, grant.getOIDCScopeEncountered().split(' '))
  const claims = lacking(oidc.requestParamClaims, grant.getOIDCClaimsEncountered())
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '))
  if (claims.length > 0) grant.addOIDCClaims(claims)

  let grown = scopes.length > 0 || claims.length > 0
  for (const [indicator, server] of Object.entries(oidc.resourceServers ?? {})) {
    const wanted = [...oidc.requestParamScopes].filter((scope) => server.scopes.has(scope))
    const more = lacking(wanted, grant.getResourceScopeEncountered(indicator).split(' '))
    if (more.length > 0) grant.addResourceScope(indicator, more.join(' '))
    grown ||= more.length > 0
  }
  return grown
}

function lacking(wanted: Iterable<string>, present: string[]): string[] {
  return [...wanted].filter((name) => !present.includes(name))
}
