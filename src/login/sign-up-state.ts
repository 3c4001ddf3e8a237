import { endsWithPasskey, provenFirst, type ProvableKind, type SignUpValues, type Strategies } from '../policy/strategy.ts'
import { identifierKinds, type Method } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { changeIdentifier, same, type LoginState, type Typed } from './state.ts'

/** What a new account shall have, and what of it is proven already. */
export type SignUp = {
  values: SignUpValues
  proven: Partial<Record<ProvableKind, { at: number; method: Method }>>
  /** everything is proven before there is an account, whatever the strategies say */
  byCode?: true
  /** the form is shown again: to be corrected, or because somebody else has got one of the values meanwhile */
  form?: 'again' | IdentifierKind
}

/** The form was sent. What was proven stays proven as long as it is the same. */
export function typeSignUp(state: LoginState, values: SignUpValues): LoginState {
  const before = state.signUp
  const proven = Object.fromEntries(Object.entries(before?.proven ?? {}).filter(([kind]) => before?.values[kind as ProvableKind] === values[kind as ProvableKind]))
  return { ...changeIdentifier(state, 'sign_up'), signUp: { values, proven } }
}

/** Back to the form, with what was typed; without the one that shall be another, which `other` names. */
export function changeSignUp(state: LoginState, other?: IdentifierKind): LoginState {
  const { values = {}, proven = {} } = state.signUp ?? {}
  const { [other ?? 'none' as never]: _, ...kept } = values
  return { ...changeIdentifier(state, 'sign_up'), signUp: { values: kept, proven, form: 'again' } }
}

/** Somebody has got it meanwhile. */
export function taken(state: LoginState, kind: IdentifierKind): LoginState {
  const { identifier: _, draft: __, offer: ___, ...rest } = state
  return state.signUp ? { ...rest, signUp: { ...state.signUp, form: kind } } : state
}

/** The code was right: the next one is due, if there is one. */
export function proveInSignUp(state: LoginState, { kind }: Typed, proof: { at: number; method: Method }): LoginState {
  const { choice: _, notice: __, sendsAgainAt: ___, ...rest } = state
  return state.signUp && kind !== 'username' ? { ...rest, signUp: { ...state.signUp, proven: { ...state.signUp.proven, [kind]: proof } } } : state
}

/** Nothing is left to chance: all that can be proven is, and no passkey has to be made. */
export function proveAll(state: LoginState): LoginState {
  const { draft: _, offer: __, choice: ___, notice: ____, ...rest } = state
  return state.signUp ? { ...rest, signUp: { ...state.signUp, byCode: true } } : state
}

/** What is to be proven next before the account can be made. */
export function nextToProve({ signUp }: LoginState, strategies: Strategies): Typed | undefined {
  if (!signUp) return undefined
  const kind = provenFirst(signUp.values, strategies, signUp).find((kind) => !signUp.proven[kind])
  return kind && { kind, value: signUp.values[kind] ?? '' }
}

/** Whether the account is made together with a passkey. */
export const wantsPasskey = ({ signUp }: LoginState, strategies: Strategies): boolean =>
  signUp !== undefined && signUp.byCode !== true && Object.keys(signUp.proven).length === 0 && endsWithPasskey(signUp.values, strategies)

/**
 * A sign-up that began as a sign-in: with what was typed, and proven, as far as a new account is asked for it. The form
 * is left out where nothing more is asked for.
 */
export function beginSignUp(state: LoginState, asked: { kind: IdentifierKind }[]): LoginState {
  const { identifier, unownedProof } = state
  const isAsked = identifier !== undefined && asked.some(({ kind }) => kind === identifier.kind)
  const next = typeSignUp(state, isAsked ? { [identifier.kind]: identifier.value } : {})
  const proven = isAsked && unownedProof && same(unownedProof.identifier, identifier) ? proveInSignUp(next, identifier, { at: unownedProof.at, method: unownedProof.method }) : next
  const alone = isAsked && asked.length === 1
  return { ...proven, ...(isAsked && { identifier }), signUp: { ...proven.signUp!, ...(!alone && { form: 'again' as const }) } }
}

/** What the account is made with. */
export const identifiersOf = ({ values, proven }: SignUp): { kind: IdentifierKind; value: string; verifiedAt?: number }[] =>
  identifierKinds.flatMap((kind) => {
    const value = values[kind]
    const at = kind === 'username' ? undefined : proven[kind]?.at
    return value === undefined ? [] : [{ kind, value, ...(at !== undefined && { verifiedAt: at }) }]
  })
