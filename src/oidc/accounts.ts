import type { Account as EngineAccount, Configuration } from 'oidc-provider'
import { standardScopes, type StandardScope } from '../config/schema.ts'
import type { Account } from '../storage/types.ts'

export interface AccountSource {
  get(id: string): Promise<Account | undefined>
  /** the one decision whether an account may get tokens or use a session */
  mayAuthenticate(account: Account | undefined): account is Account
}

/** Scopes and the claims they give (OpenID Connect Core 5.4); only claims that an account can have. */
export const claimsByScope = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'locale'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
} satisfies Configuration['claims'] & Record<Exclude<StandardScope, 'offline_access'>, string[]>

/** The scope that gives a claim; a claim that none gives stands for itself. */
export function scopeOfClaim(claim: string): string {
  return Object.entries(claimsByScope).find(([, claims]) => claims.some((name) => name === claim))?.[0] ?? claim
}

export const supportedScopes: string[] = [...standardScopes]

/** The engine asks at every code, refresh, userinfo and live session: whoever may not sign in is nobody there. */
export function createFindAccount(accounts: AccountSource): NonNullable<Configuration['findAccount']> {
  return async (_ctx, sub) => {
    const account = await accounts.get(sub)
    return accounts.mayAuthenticate(account) ? engineAccount(account) : undefined
  }
}

function engineAccount(account: Account): EngineAccount {
  return { accountId: account.id, claims: () => ({ sub: account.id, ...claimsOf(account) }) }
}

/** Everything known; the engine cuts it down to what was granted. */
function claimsOf(account: Account): Record<string, string | boolean> {
  const email = account.identifiers.find(({ kind }) => kind === 'email')
  const phone = account.identifiers.find(({ kind }) => kind === 'phone')
  return {
    ...(account.name && { name: account.name }),
    ...(account.locale && { locale: account.locale }),
    ...(email && { email: email.value, email_verified: email.verifiedAt !== undefined }),
    ...(phone && { phone_number: phone.value, phone_number_verified: phone.verifiedAt !== undefined }),
  }
}
