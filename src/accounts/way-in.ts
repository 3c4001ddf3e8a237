import type { Config } from '../config/schema.ts'
import { methodsFor } from '../policy/strategy.ts'
import { identifierKinds } from '../policy/types.ts'
import type { Account, IdentifierKind } from '../storage/types.ts'

/** Kinds that people can sign in with, on the server or at one of its apps: the account's own pages take all of them. */
export const signInKinds = ({ identifiers, clients }: Pick<Config, 'identifiers' | 'clients'>): IdentifierKind[] =>
  identifierKinds.filter((kind) => identifiers[kind].signIn || clients.some(({ latchkey }) => latchkey.identifiers[kind].signIn === true))

/** Kinds that people can have, to sign in with or because an app asks for them at the sign-up. */
export const kindsInUse = (config: Pick<Config, 'identifiers' | 'clients'>): IdentifierKind[] => {
  const { identifiers, clients } = config
  const asksFor = (kind: IdentifierKind) => [identifiers, ...clients.map(({ latchkey }) => latchkey.identifiers)].some((one) => (one[kind].signUp ?? 'off') !== 'off')
  return identifierKinds.filter((kind) => signInKinds(config).includes(kind) || asksFor(kind))
}

/**
 * Whether something signs the account in: a passkey, which needs no name; or an identifier that can be typed somewhere,
 * with a method that reaches who typed it. A code goes to what was typed, or to what is proven.
 */
export function hasWayIn(account: Pick<Account, 'identifiers' | 'credentialIds' | 'factors' | 'passkeysOnlySince'>, config: Pick<Config, 'identifiers' | 'clients' | 'verification'>): boolean {
  if (account.credentialIds.length > 0) return true
  const typed = signInKinds(config)
  if (!account.identifiers.some(({ kind }) => typed.includes(kind))) return false
  const reachable = account.identifiers.flatMap(({ kind, verifiedAt }) => (verifiedAt !== undefined || typed.includes(kind) ? [kind] : []))
  return methodsFor('sign_in', { server: config.verification.methods, reachable, account }).length > 0
}
