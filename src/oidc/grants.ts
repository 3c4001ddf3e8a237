import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import type { Proof } from '../policy/types.ts'
import type { Clients } from './clients.ts'
import { newestOfEach, proofsOf, setProofs } from './sessions.ts'

type OIDC = KoaContextWithOIDC['oidc']

/**
 * Third-party clients use what the person has granted in this session. First-party clients are granted what they ask for,
 * without a page; the grant is written only when it grows, or something was proven that it does not know of.
 */
export function createLoadGrant(clients: Clients): NonNullable<Configuration['loadExistingGrant']> {
  return async ({ oidc }) => {
    const { clientId } = oidc.client!
    const grantId = oidc.result?.consent?.grantId ?? oidc.session!.grantIdFor(clientId)
    const saved = grantId ? await oidc.provider.Grant.find(grantId) : undefined
    const { firstParty } = clients.get(clientId).latchkey
    if (!saved && !firstParty) return undefined

    const grant = saved ?? new oidc.provider.Grant({ clientId, accountId: oidc.account!.accountId })
    const learned = rememberProofs(grant, proofsOf(oidc.session))
    const grown = firstParty && grantRequested(oidc, grant)
    if (learned || grown || !saved) await grant.save()
    return grant
  }
}

/**
 * An app may go on with a grant when the session is long over, so it remembers what it was used by: by each way of proving,
 * in each browser, once. Whether there was anything new.
 */
export function rememberProofs(grant: Grant, proofs: Proof[]): boolean {
  const known = proofsOf(grant)
  const isKnown = (proof: Proof) => known.some(({ deviceHash, ...other }) => deviceHash === proof.deviceHash && newestOfEach([other, proof]).length === 1)
  if (proofs.every(isKnown)) return false
  setProofs(grant, newestOfEach([...known, ...proofs]))
  return true
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
