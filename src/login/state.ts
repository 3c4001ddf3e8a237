import type { Capabilities, Fabric, NotCreated } from '../passkeys/index.ts'
import type { Place } from '../policy/cross-device.ts'
import type { Acr, Method, OtherMethod, Proof } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import type { SignUp } from './sign-up-state.ts'

/** A way that the person can pick. The passkey has two: the one of this device, and one of a phone or security key. */
export type Way = 'passkey' | 'other_device' | OtherMethod

export type { Capabilities }

/** What finds an account, normalised. */
export type Typed = { kind: IdentifierKind; value: string }

export const same = (a: Typed | undefined, b: Typed | undefined): boolean => a?.kind === b?.kind && a?.value === b?.value

/** Why a passkey was not used: picks the sentence. */
export type PasskeyNotice =
  | 'closed'
  | 'timeout'
  | 'none_here'
  /** one was used in this browser, and its keeper does not show it */
  | 'not_shown'
  /** … and its keeper is a password manager, which may be locked */
  | 'locked'
  /** of another device, where the app takes passkeys of this one alone */
  | 'not_elsewhere'
  | 'refused'
  | 'removed'
  | 'frozen'
  | 'wrong_domain'
  | 'no_verification'
  | 'offline'

/** What the operator's rules ask for on top: the level, and a proof by one of the methods. */
export type Challenge = { acr?: Acr; methods?: Method[] }

/** The offer to make a passkey, until something becomes of it. */
export type OpenOffer = {
  outcome: 'open'
  /** "Don't ask again" stands there */
  neverButton: boolean
  /** where one more may be made, beside the one that was just made */
  second?: Place
  /** the browser has tried it without a dialog */
  tried?: true
  /** … and made one for nothing, which it may drop */
  unknown?: string
}

/**
 * Where one authorization request stands at our pages, kept under the engine's `cid`, which survives from prompt to
 * prompt. Only what cannot be recomputed: assurance is always worked out from `proofs`.
 */
export type LoginState = {
  flow: 'sign_in' | 'sign_up'
  /** the device hash of the browser that first changed it: it belongs to that one alone. Absent: nobody has done anything yet */
  browser?: string
  /** normalised, as typed on the first screen */
  identifier?: Typed
  /** what stood in the field, or was the identifier, before it was left to be changed: it is there to be corrected */
  typed?: string
  /** none of those whom this browser remembers */
  another?: true
  /** the screen that the person asked for */
  choice?: Way | 'methods' | 'passkey_create'
  /** proofs of this interaction, all of `accountId` */
  proofs: Proof[]
  accountId?: string
  /** what was typed is proven and no account has it yet (ms) */
  unownedProof?: { method: Method; identifier: Typed; at: number }
  /** `enumeration: friendly` only: nobody has what was typed */
  unknown?: true
  /** this interaction made the account */
  created?: boolean
  /** what is asked of a new account, until there is one */
  signUp?: SignUp
  /** ids of an account that is made together with its passkey */
  draft?: { accountId: string; userHandle: string }
  /** what was proven is kept, unproven, by an account with other ways in: whose it is waits for a decision */
  claim?: { identifier: Typed; method: Method; at: number; accountId: string }
  /** a typing mistake in something unproven: what it shall be, as soon as that is proven; `at` (ms): when it was asked for */
  correction?: { from: Typed; to: Typed; at: number }
  /** the recovery codes of the new account were written down */
  codesSaved?: true
  /** "You already have an account" was read */
  acknowledged?: boolean
  /** a passkey of another account than the one typed was used: waits for a decision */
  other?: Proof
  /** passkey dialogs that ended without a passkey, in this run */
  failures: number
  /** the person closed one of them: nobody is asked to make a passkey right after that */
  dialogClosed?: true
  notice?: PasskeyNotice
  /** with a notice: where the passkey is kept, "Apple Passwords" */
  keeper?: string
  /** … what carries it from device to device */
  fabric?: Fabric
  /** … its id, where no account has it: the browser is told */
  unknownPasskey?: string
  /** no more codes are sent to this address before (ms) */
  sendsAgainAt?: number
  /** what became of the offer to create a passkey */
  offer?:
    | OpenOffer
    | { outcome: 'created'; credentialId: string }
    | { outcome: 'failed'; reason: NotCreated; place?: Place; /** of a passkey that was made for nothing: the browser may drop it */ unknown?: string }
    | { outcome: 'over' }
  /** the passkey that was made here, also after its screen was left */
  createdCredentialId?: string
  /** … on a phone or a security key */
  createdElsewhere?: true
  /** the person goes on without the level that the app asked for, which is allowed where it is not essential */
  withoutLevel?: boolean
  /** what a rule still asks for before the sign-in may end; each new proof is judged anew */
  challenge?: Challenge
  /** … and before a passkey may be added */
  enrolmentChallenge?: Challenge
  /** `asked`: wants to get back in after losing every passkey; `over`: goes on with the sign-in as it stands */
  recover?: 'asked' | 'over'
  /** how many recovery codes are left after the one that was used, as long as nobody has read it */
  recoveryCodeUsed?: { left: number }
  /** what was shown for a decision in this sign-in: ids of recoveries, and of freezes by their time */
  decided?: string[]
  /** the box "Remember me on this device" */
  remember?: boolean
  capabilities?: Capabilities
  /** Continue on the first page has asked for a passkey already, without a window for who has none here */
  asked?: true
}

/** The state before anything happened. */
export const fresh = (flow: LoginState['flow'] = 'sign_in'): LoginState => ({ flow, proofs: [], failures: 0 })

const without = <K extends keyof LoginState>(state: LoginState, ...keys: K[]): LoginState => {
  const copy = { ...state }
  for (const key of keys) delete copy[key]
  return copy
}

/** Forgets who is signing in and everything that was proven for them; what is known of the browser stays. */
export function changeIdentifier(state: LoginState, flow: LoginState['flow'] = 'sign_in'): LoginState {
  const { capabilities, remember, failures, dialogClosed } = state
  // Who closed the dialog of a sign-in has not refused the passkey of a new account.
  const closed = flow === 'sign_in' && dialogClosed
  return { ...fresh(flow), ...(capabilities && { capabilities }), ...(remember !== undefined && { remember }), failures, ...(closed && { dialogClosed }) }
}

/** Another identifier drops all proofs of the one before; the same one again keeps them. */
export function typeIdentifier(state: LoginState, identifier: Typed, flow: LoginState['flow']): LoginState {
  if (same(state.identifier, identifier) && state.flow === flow) return without(state, 'choice', 'notice', 'other', 'unknown')
  return { ...changeIdentifier(state, flow), identifier }
}

/** "Try another way": picks a screen and proves nothing. */
export function choose(state: LoginState, choice: NonNullable<LoginState['choice']>): LoginState {
  return { ...without(state, 'other', ...(choice === 'methods' ? [] : ['notice' as const])), choice }
}

/** A proof of another account than the ones so far drops those. */
export function prove(state: LoginState, proof: Proof): LoginState {
  const kept = state.accountId === proof.accountId ? state.proofs : []
  const next = without(
    state, 'choice', 'notice', 'other', 'unownedProof', 'signUp', 'draft', 'claim', 'challenge', 'enrolmentChallenge',
    ...(kept === state.proofs ? [] : (['created', 'recoveryCodeUsed'] as const)),
    ...(state.accountId === undefined || kept === state.proofs ? [] : (['recover', 'decided'] as const)),
    // Whoever has a passkey after all is in.
    ...(proof.method === 'passkey' ? (['recover', 'dialogClosed'] as const) : []),
  )
  return { ...next, accountId: proof.accountId, proofs: [...kept, proof], failures: proof.method === 'passkey' ? 0 : state.failures }
}

/** What was typed is proven, and nobody has it. */
export function proveUnowned(state: LoginState, unownedProof: NonNullable<LoginState['unownedProof']>): LoginState {
  return { ...without(state, 'choice', 'notice', 'other'), unownedProof }
}

/** "I have lost every passkey": a code by email comes first, then the wait. */
export function askRecovery(state: LoginState): LoginState {
  return { ...without(state, 'choice', 'notice', 'other'), recover: 'asked' }
}

/** What was shown was decided, or left for later: not again in this sign-in. */
export function decide(state: LoginState, id: string): LoginState {
  return { ...state, decided: [...(state.decided ?? []).filter((other) => other !== id), id] }
}

/** What is told of a passkey that did not work. */
export type OfPasskey = Pick<LoginState, 'keeper' | 'fabric' | 'unknownPasskey'>

/** The dialog ended without a passkey: say why. Where it is known who signs in, by what was typed or by a session, on a screen of its own. */
export function passkeyFailed(state: LoginState, notice: PasskeyNotice, named: boolean, of: OfPasskey = {}): LoginState {
  return {
    ...without(state, 'choice', 'keeper', 'fabric', 'unknownPasskey'),
    ...of,
    ...(named && { choice: 'passkey' as const }),
    ...(notice === 'closed' && { dialogClosed: true as const }),
    notice,
    failures: state.failures + 1,
  }
}

/** A passkey was made. This browser's record will name the one that is here, whatever was made beside it. */
export function madeIn(state: LoginState, id: string, place: Place | undefined): LoginState {
  const offer = { outcome: 'created' as const, credentialId: id }
  if (place !== 'elsewhere') return { ...without(state, 'createdElsewhere'), offer, createdCredentialId: id }
  return { ...state, offer, ...(state.createdCredentialId === undefined && { createdCredentialId: id, createdElsewhere: true as const }) }
}
