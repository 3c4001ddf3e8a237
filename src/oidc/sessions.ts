import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Proof } from '../policy/types.ts'

/** The engine's session with our proofs in it. */
interface ProvenSession { accountId?: string | undefined; proofs?: Proof[] }

/**
 * Proofs live in the session's own record: they are written, found, rotated, expired and deleted with it, at no further
 * store call, and can neither outlive it nor be missing from it after a crash.
 */
export function keepProofsInSessions(provider: Provider): void {
  const fields = (provider.Session as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD
  Object.defineProperty(provider.Session, 'IN_PAYLOAD', { value: [...fields, 'proofs'] })
  provider.on('interaction.ended', adoptProofs)
}

/** What was proven by the account that the session belongs to. */
export function proofsOf(session: object | undefined): Proof[] {
  const { accountId, proofs = [] } = (session ?? {}) as ProvenSession
  return proofs.filter((proof) => proof.accountId === accountId)
}

/** At resume the engine has signed the account in; what the interaction proved joins what the session had of the same account. */
function adoptProofs({ oidc }: KoaContextWithOIDC): void {
  const added = (oidc.result?.['proofs'] ?? []) as Proof[]
  if (!oidc.session || added.length === 0) return
  const session = oidc.session as ProvenSession
  const own = added.filter((proof) => proof.accountId === session.accountId)
  session.proofs = newestOfEach([...proofsOf(session), ...own])
}

/** One proof per way of proving, so that a session that signs in for years does not grow. */
function newestOfEach(proofs: Proof[]): Proof[] {
  const newest = new Map<string, Proof>()
  for (const proof of proofs.toSorted((a, b) => a.at - b.at)) {
    const { method, credentialId, identifier, usablePasskey, signUp } = proof
    newest.set(JSON.stringify([method, credentialId, identifier, usablePasskey, signUp]), proof)
  }
  return [...newest.values()]
}
