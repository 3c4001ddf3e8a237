import type { Account as EngineAccount, AuthorizationCode, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { IsDisowned } from '../accounts/disowned.ts'
import { endedUntil, isEnded, mayBeEnded } from '../accounts/ended.ts'
import { proofStands } from '../accounts/may-authenticate.ts'
import { standardScopes, type StandardScope } from '../config/schema.ts'
import type { Proof } from '../policy/types.ts'
import type { Account, IdentifierKind } from '../storage/types.ts'
import { proofsOf, setProofs } from './sessions.ts'

type OIDC = KoaContextWithOIDC['oidc']

export interface AccountSource {
  get(id: string): Promise<Account | undefined>
  /** the one decision whether an account may get tokens or use a session */
  mayAuthenticate(account: Account | undefined): account is Account
  isDisowned: IsDisowned
  /** an address or number of it has to be proven before this app gets anything, sign-up itself apart */
  mustProve(account: Account, clientId: string): boolean
}

/** Scopes and the claims they give (OpenID Connect Core 5.4); only claims that an account can have. */
export const claimsByScope = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'preferred_username', 'locale'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
} satisfies Configuration['claims'] & Record<Exclude<StandardScope, 'offline_access'>, string[]>

/** The scope that gives a claim; a claim that none gives stands for itself. */
export function scopeOfClaim(claim: string): string {
  return Object.entries(claimsByScope).find(([, claims]) => claims.some((name) => name === claim))?.[0] ?? claim
}

export const supportedScopes: string[] = [...standardScopes]

/**
 * Whether what was proven was ended by a process that did not see it, since it was only then being written. What stands
 * no more vouches for nothing else. `uid`: of the session that it counts in.
 */
export const createIsOver = (accounts: Pick<AccountSource, 'isDisowned'>) => async (account: Account, proofs: Proof[], uid: string | undefined): Promise<boolean> => {
  if (proofs.length === 0) return false
  const standing = proofs.filter((proof) => proofStands(account, proof))
  return isEnded(account, uid, standing) || (await accounts.isDisowned(account, standing))
}

/** The engine asks at every code, refresh, userinfo and live session: whoever may not sign in is nobody there. */
export function createFindAccount(accounts: AccountSource): NonNullable<Configuration['findAccount']> {
  const isOver = createIsOver(accounts)

  return async ({ oidc }, sub, token) => {
    const account = await accounts.get(sub)
    if (!accounts.mayAuthenticate(account)) return undefined
    const { sessionUid } = (token ?? {}) as { sessionUid?: string }
    if (token?.kind === 'AuthorizationCode') {
      const proofs = await provenFor(oidc, token as AuthorizationCode, account)
      if (!proofs || (await isOver(account, proofs, sessionUid))) return undefined
    }
    if (token && (await isOver(account, proofsOf(oidc.entities.Grant), sessionUid))) return undefined
    if (oidc.session?.accountId === sub) {
      dropFallenProofs(oidc, account)
      if (await isOver(account, proofsOf(oidc.session), oidc.session.uid)) setProofs(oidc.session, [])
    }
    return engineAccount(account)
  }
}

/**
 * A code is for the session that it was issued in: what was proven there, undefined once it is over. The engine sees to
 * that itself where no `offline_access` was asked for; then there is something to look at only when something was ended.
 */
async function provenFor({ provider }: OIDC, { accountId, expiresWithSession, sessionUid }: AuthorizationCode, account: Account): Promise<Proof[] | undefined> {
  if (sessionUid === undefined || (expiresWithSession && !account.frozen && !mayBeEnded(account, sessionUid))) return []
  const session = await provider.Session.findByUid(sessionUid)
  return session?.accountId === accountId ? proofsOf(session) : undefined
}

/** Every look at the session from here on sees only proofs that still stand, and none of a login that was interrupted. */
function dropFallenProofs({ session, result }: OIDC, account: Account): void {
  const added = new Set<unknown>((result?.['proofs'] ?? []) as Proof[])
  const proofs = proofsOf(session)
  const standing = proofs.filter((proof) => proofStands(account, proof) && !(added.has(proof) && wasInterrupted(account, proof, session?.uid)))
  if (standing.length < proofs.length) setProofs(session!, standing)
}

function wasInterrupted(account: Account, { at, method }: Proof, uid: string | undefined): boolean {
  return at <= endedUntil(account, uid) || (method !== 'passkey' && at <= (account.lastFrozenAt ?? 0))
}

const records = new WeakMap<EngineAccount, Account>()

function engineAccount(account: Account): EngineAccount {
  const forEngine: EngineAccount = { accountId: account.id, claims: () => ({ sub: account.id, ...claimsOf(account) }) }
  records.set(forEngine, account)
  return forEngine
}

/** The record behind what `findAccount` answered. */
export const recordOf = (account: EngineAccount | undefined): Account | undefined => account && records.get(account)

/** Everything known, of the primary identifier of each kind; the engine cuts it down to what was granted. */
function claimsOf(account: Account): Record<string, string | boolean> {
  const primary = (wanted: IdentifierKind) => account.identifiers.find(({ kind }) => kind === wanted)
  const [email, phone, username] = [primary('email'), primary('phone'), primary('username')]
  return {
    ...(account.name && { name: account.name }),
    ...(username && { preferred_username: username.value }),
    ...(account.locale && { locale: account.locale }),
    ...(email && { email: email.value, email_verified: email.verifiedAt !== undefined }),
    ...(phone && { phone_number: phone.value, phone_number_verified: phone.verifiedAt !== undefined }),
  }
}
