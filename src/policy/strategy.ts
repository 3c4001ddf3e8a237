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

/** What a sign-up was given. */
export type SignUpValues = { email?: string; phone?: string; username?: string }

const provable = ['email', 'phone'] as const satisfies ProvableKind[]
const given = (values: SignUpValues): ProvableKind[] => provable.filter((kind) => values[kind] !== undefined)

/** What a sign-up proves before the account exists for anybody. `byCode`: everything, whatever the strategies say. */
export function provenFirst(values: SignUpValues, strategies: Strategies, { byCode = false } = {}): ProvableKind[] {
  return given(values).filter((kind) => byCode || strategies[kind] === 'at_sign_up')
}

/** Nothing of it is ever asked for: without a passkey nobody could come back. */
export function endsWithPasskey(values: SignUpValues, strategies: Strategies): boolean {
  const kinds = given(values)
  return kinds.length > 0 && kinds.every((kind) => strategies[kind] === 'none')
}

/** Nothing that a code could be sent to: only what the person keeps brings them back. */
export const needsRecoveryCodes = ({ identifiers }: Pick<Account, 'identifiers'>): boolean => identifiers.every(({ kind }) => kind === 'username')

/**
 * Whether a typing mistake in something that was never proven may be put right: the guard says so, or there is nothing in
 * the account that could prove anything, and this is the browser that made it.
 */
export function mayCorrect(
  account: Pick<Account, 'identifiers' | 'credentialIds' | 'factors' | 'signedUp'>,
  { guard, deviceHash }: { guard: boolean; deviceHash: string },
): boolean {
  const bare = account.credentialIds.length === 0 && !account.factors?.totp && !account.factors?.recovery_codes
    && account.identifiers.every(({ verifiedAt }) => verifiedAt === undefined)
  return guard || (bare && account.signedUp?.deviceHash === deviceHash)
}
