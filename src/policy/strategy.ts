import type { Account } from '../storage/types.ts'

/** When a new address or number has to be proven. */
export const strategies = ['none', 'at_sign_up', 'before_first_login'] as const
export type Strategy = (typeof strategies)[number]

/** Kinds of identifier that can be proven; a username needs no proof. */
export type ProvableKind = 'email' | 'phone'
export type Strategies = Record<ProvableKind, Strategy>

/** When an address or number has to be proven at this app: its own setting, else the server's. */
export const strategiesFor = (server: Strategies, client: Strategies | undefined): Strategies => client ?? server

/** The identifiers that a sign-in at an app with these strategies has to prove before anything is handed out. */
export function unproven(account: Pick<Account, 'identifiers'>, strategies: Strategies): { kind: ProvableKind; value: string }[] {
  return account.identifiers.flatMap(({ kind, value, verifiedAt }) =>
    kind !== 'username' && verifiedAt === undefined && strategies[kind] !== 'none' ? [{ kind, value }] : [])
}
