import type { Account, IdentifierKind } from '../storage/types.ts'
import { kindOf, type Method, type OtherMethod, type Proof } from './types.ts'

/** When a new address or number has to be proven. */
export const strategies = ['none', 'at_sign_up', 'before_first_login'] as const
export type Strategy = (typeof strategies)[number]

/** Kinds of identifier that can be proven; a username needs no proof. */
export type ProvableKind = 'email' | 'phone'
export type Strategies = Record<ProvableKind, Strategy>

/** When an address or number has to be proven at this app: its own setting for each kind, else the server's. */
export const strategiesFor = (server: Strategies, client: Partial<Strategies> | undefined): Strategies => ({ ...server, ...client })

/** The identifiers that a sign-in at an app with these strategies has to prove before anything is handed out. */
export function unproven(account: Pick<Account, 'identifiers'>, strategies: Strategies): { kind: ProvableKind; value: string }[] {
  return account.identifiers.flatMap(({ kind, value, verifiedAt }) =>
    kind !== 'username' && verifiedAt === undefined && strategies[kind] !== 'none' ? [{ kind, value }] : [])
}

/**
 * A session in which nothing was ever proven. A name alone needs no proof: it belongs to whoever signed up with it, and so
 * does its session.
 */
export const isBareSession = (account: Pick<Account, 'identifiers'>, proofs: Pick<Proof, 'method'>[]): boolean =>
  proofs.length > 0 && proofs.every(({ method }) => method === 'sign_up') && account.identifiers.some(({ kind }) => kind !== 'username')

/** What a sign-up was given. */
export type SignUpValues = { email?: string; phone?: string; username?: string }

export const provable = ['email', 'phone'] as const satisfies ProvableKind[]
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

type Proven = Pick<Account, 'identifiers' | 'credentialIds' | 'factors' | 'passkeysOnlySince'>

/** Whether anything of the account was ever proven, so that there is somebody whom one more way in concerns. */
export const hasProven = ({ identifiers, credentialIds, factors, passkeysOnlySince }: Proven): boolean =>
  credentialIds.length > 0 || factors !== undefined || passkeysOnlySince !== undefined || identifiers.some(({ verifiedAt }) => verifiedAt !== undefined)

/**
 * Nothing of the account was ever proven, and this is the browser that made it: a typing mistake in it can be put right
 * although there is nothing to prove anything with.
 */
export const isBare = (account: Proven & Pick<Account, 'signedUp' | 'frozen'>, deviceHash: string): boolean =>
  account.signedUp?.deviceHash === deviceHash && account.frozen === undefined && !hasProven(account)

/** What a method is wanted for. `sign_up_proof`: to prove an address or a number; `recovery`: to begin the way back in. */
export type MethodPurpose = 'sign_in' | 'step_up' | 'sign_up_proof' | 'recovery'

export interface MethodFacts {
  /** as the operator has them, in the order they are offered */
  server: readonly OtherMethod[]
  /** the only ones that the app takes; absent = all */
  client?: readonly Method[] | undefined
  /** kinds of identifier that something can be sent to */
  reachable: readonly IdentifierKind[]
  /** where it may be told what the account has; absent = what anybody could have */
  account?: Pick<Account, 'credentialIds' | 'factors' | 'passkeysOnlySince'> | undefined
}

/** What the methods that send something send it to. */
export const sendsTo: Partial<Record<Method, ProvableKind>> = { email_otp: 'email', email_link: 'email', sms_otp: 'phone' }

/**
 * Which methods there are for this, in the order they are offered; a passkey before all others. What an app takes binds
 * the sign-in to it, not the proof of an address, nor the way back to an account.
 */
export function methodsFor(purpose: MethodPurpose, { server, client, reachable, account }: MethodFacts): Method[] {
  const isReachable = (method: Method): boolean => sendsTo[method] !== undefined && reachable.includes(sendsTo[method])
  if (purpose === 'sign_up_proof') return server.filter(isReachable)
  const others = server.filter((method) => (sendsTo[method] ? isReachable(method) : hasFactor(account, method)) && takes(account, method))
  if (purpose === 'recovery') return others
  const all: Method[] = account && account.credentialIds.length === 0 ? others : ['passkey', ...others]
  return client ? all.filter((method) => client.includes(method)) : all
}

/** What this account could prove with now, as far as the server lets it: whatever an app takes, or a browser can do. */
export const methodsOf = (account: Pick<Account, 'identifiers'> & NonNullable<MethodFacts['account']>, server: readonly OtherMethod[]): Method[] =>
  methodsFor('sign_in', { server, reachable: provenKinds(account), account })

/** What something can be sent to. */
export const provenKinds = ({ identifiers }: Pick<Account, 'identifiers'>): IdentifierKind[] =>
  identifiers.flatMap(({ kind, verifiedAt }) => (verifiedAt === undefined ? [] : [kind]))

function hasFactor(account: MethodFacts['account'], method: OtherMethod): boolean {
  if (!account) return true
  return method === 'totp' ? account.factors?.totp !== undefined : (account.factors?.recovery_codes?.left ?? 0) > 0
}

/** Who wants passkeys only keeps the recovery codes: nobody is talked out of those at a sign-in. */
const takes = (account: MethodFacts['account'], method: Method): boolean => account?.passkeysOnlySince === undefined || kindOf(method) === undefined

/** Where a mail carries both, the code stands for the link too. */
export const offered = <M extends Method>(methods: M[]): M[] =>
  methods.filter((method) => method !== 'email_link' || !methods.includes('email_otp' as M))

/**
 * The candidates that lead on: alone, or as one of up to three proofs none of which is idle. `enough` judges what would
 * have been proven on top.
 */
export function leadingOn<M extends Method>(candidates: readonly M[], enough: (proven: M[]) => boolean): M[] {
  const sets = candidates.reduce<M[][]>((all, method) => [...all, ...all.filter((set) => set.length < 2).map((set) => [...set, method])], [[]])
  const lacking = sets.filter((set) => !enough(set))
  return candidates.filter((method) => lacking.some((set) => !set.includes(method) && enough([...set, method])))
}
