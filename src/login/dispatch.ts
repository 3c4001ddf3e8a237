import type { Decision } from '../passkeys/index.ts'
import type { OtherMethod } from '../policy/types.ts'
import type { LoginState, Typed, Way } from './state.ts'

/** A screen of the login, or the end of it. The URL segment is the name with dashes; `identifier` is the bare URL. */
export type Step =
  | 'identifier'
  | 'sign_up'
  | OtherMethod
  | 'passkey'
  | 'methods'
  | 'other_device'
  | 'help'
  | 'wrong_account'
  | 'account_exists'
  | 'create_account'
  | 'claim'
  | 'confirm'
  | 'recovery_codes'
  | 'recovery_code_used'
  | 'step_up'
  | 'blocked'
  | 'recovery'
  | 'recovery_notice'
  | 'freeze_notice'
  | 'passkey_create'
  | 'passkey_name'
  | 'consent'
  | 'finish'

/**
 * Where a recovery of the account stands, seen from this browser. `none`: nothing to recover, other ways are open.
 * `may_start`: one press begins it; `needs_proof`: that, or going on with it, takes a fresh proof first. `waiting` and
 * `ready` are one that was started here, `elsewhere` one of another browser.
 */
export type RecoveryStanding = 'none' | 'needs_proof' | 'may_start' | 'waiting' | 'ready' | 'elsewhere'

/** What decides besides the state: worked out from config, the store and the request, on every request anew. */
export interface Situation {
  prompt: 'login' | 'consent'
  /** the browser's live session belongs to this account and the request asks for more of it, not for somebody else */
  sessionAccountId?: string
  /** the proofs reach what the request asks for, and no setting or rule asks for more */
  met: boolean
  /** the way that was used does not sign in to this account here: it has a better one */
  blocked: boolean
  /** ways that can reach it, best first; before a proof the ones that anybody has; once it is met, those after which a passkey may be added */
  ways: Way[]
  /** mails carry a link that may be pressed */
  links: boolean
  /** which way is shown first after Continue */
  first: Way
  /** whether that is a passkey, and why; absent where nobody is named, and after a proof */
  passkeyFirst?: Decision
  /** an answer by a passkey counts, also where no button asks for one: autofill gives it */
  takesPasskeys?: boolean
  /** prompt policy and enrolment guard both say yes now */
  offerPasskey: boolean
  /** the enrolment guard lets a passkey be added at this moment */
  mayCreate: boolean
  /** a passkey, created and then used, would reach the level that is missing */
  creationReaches: boolean
  /** absent before a proof */
  recovery?: RecoveryStanding
  /** the proof at hand and a recovery that has waited long enough let one passkey be made now */
  recovering: boolean
  /** where the code of a sign-up, or of what has to be proven, is typed */
  proves?: OtherMethod
  /** an address or number of the account, or its correction, that has to be proven before this ends */
  confirm?: Typed
  /** the new account has nothing that a code could be sent to: its recovery codes come first */
  codesDue?: boolean
  /** what this sign-in can put right, before it ends: a recovery that somebody started, or a freeze */
  toDecide?: 'recovery_notice' | 'freeze_notice'
}

export interface Plan {
  /** the screen that is shown now */
  due: Step
  /** every screen that may be opened or posted to now, the due one included; a POST elsewhere proves nothing */
  open: Step[]
}

const at = (due: Step, ...others: Step[]): Plan => ({ due, open: [...new Set([due, ...others])] })

/**
 * The only place that orders steps: from the saved state and the situation to the screen that is due. Screens never
 * route to each other; they change the state and ask again.
 */
export function dispatch(state: LoginState, situation: Situation): Plan {
  if (situation.prompt === 'consent') return at('consent')
  if (state.other) return at('wrong_account', ...elsewhere(situation), ...besides(state, situation))
  if (state.claim) return at('claim', 'passkey', ...start)
  if (state.accountId !== undefined) return afterProof(state, situation)
  if (situation.sessionAccountId !== undefined) return situation.met ? confirming(state, situation) ?? at('finish') : recoveryAsked(state, situation) ?? stepUp(state, situation)
  if (state.unownedProof !== undefined) return at('create_account', 'identifier')
  return beforeProof(state, situation)
}

/** What stays possible while another account's passkey waits for a decision: to change who signs in, or to give up what is only offered. */
function besides(state: LoginState, situation: Situation): Step[] {
  if (state.accountId === undefined && situation.sessionAccountId === undefined) return start
  return state.offer?.outcome === 'open' ? ['passkey_create'] : []
}

const start: Step[] = ['identifier', 'sign_up']

function beforeProof(state: LoginState, situation: Situation): Plan {
  if (state.flow === 'sign_up') return signUp(state, situation)
  if (state.identifier === undefined) return at('identifier', ...start, 'passkey')
  if (state.unknown) return at('create_account', ...start)
  const open = [...start, ...elsewhere(situation)]
  if (state.choice === 'methods') return at('methods', ...open)
  const way = state.choice !== undefined && state.choice !== 'passkey_create' ? state.choice : situation.first
  // What a passkey of the autofill came to is told, also where no button asks for one.
  const told = way === 'passkey' && state.notice !== undefined && situation.takesPasskeys === true
  return at(situation.ways.includes(way) || told ? way : 'methods', ...open)
}

/** The form, then what is to be proven, one after the other; or a passkey, with which the account is made. */
function signUp({ signUp, draft, identifier }: LoginState, situation: Situation): Plan {
  if (!signUp || signUp.form !== undefined) return at('sign_up', ...start)
  if (draft) return at('passkey_create', ...start)
  return identifier && situation.proves ? at(situation.proves, ...start, ...links(situation)) : at('sign_up', ...start)
}

/** What a sign-up left unproven, before anything is handed out: a code on request. */
function confirming(state: LoginState, { confirm, proves, ...situation }: Situation): Plan | undefined {
  if (!confirm || !proves) return undefined
  return at(state.choice === proves ? proves : 'confirm', 'confirm', proves, ...links({ proves, ...situation }))
}

const links = ({ proves, links }: Pick<Situation, 'proves' | 'links'>): Step[] => (links && proves === 'email_otp' ? ['email_link'] : [])

function afterProof(state: LoginState, situation: Situation): Plan {
  if (state.flow === 'sign_up' && !state.created && !state.acknowledged) return at('account_exists')
  if (situation.codesDue) return at('recovery_codes')
  if (state.recoveryCodeUsed) return at('recovery_code_used')
  const { outcome } = state.offer ?? {}
  // A recovery that has waited long enough ends with a passkey, whatever else is asked for: that can then be used.
  if (situation.recovering && outcome !== 'over') return situation.mayCreate ? at('passkey_create', 'recovery') : byWay('passkey_create', state, situation)
  const asked = recoveryAsked(state, situation)
  if (asked) return asked
  if (!situation.met) return stepUp(state, situation)
  if (situation.toDecide !== undefined) return at(situation.toDecide)
  const unproven = confirming(state, situation)
  if (unproven) return unproven
  if (state.offer ? outcome === 'over' : !situation.offerPasskey) return at('finish')
  // The proof grew too old for the guard while the offer stood open: a new one is the way on.
  return outcome === 'open' && !situation.mayCreate ? byWay('passkey_create', state, situation) : at('passkey_create', ...naming(state))
}

/** What was just made may be given a name. */
const naming = ({ offer }: LoginState): Step[] => (offer?.outcome === 'created' ? ['passkey_name'] : [])

/** Somebody who has lost every passkey, from "I can't use any of these" up to going on with the sign-in as it stands. */
function recoveryAsked(state: LoginState, situation: Situation): Plan | undefined {
  if (state.recover !== 'asked' || situation.recovery === undefined || situation.recovery === 'none') return undefined
  const { due, open } = byWay('recovery', state, situation)
  return situation.met ? at(due, ...open) : at(due, ...open, homeOf(situation))
}

/** The screen that says what is missing. */
const homeOf = ({ blocked }: Situation) => (blocked ? 'blocked' : 'step_up')

/** The account is known; only what is missing is asked, by ways that reach it. */
function stepUp(state: LoginState, situation: Situation): Plan {
  const home = homeOf(situation)
  const ended = state.offer?.outcome === 'created' || state.offer?.outcome === 'failed'
  const chosen = state.choice === 'passkey_create' && situation.creationReaches
  return ended || chosen ? at('passkey_create', ...naming(state), home, ...elsewhere(situation)) : byWay(home, state, situation)
}

/** From a screen that asks for another proof: the way that was chosen, as long as it leads on. */
function byWay(home: 'step_up' | 'blocked' | 'recovery' | 'passkey_create', state: LoginState, situation: Situation): Plan {
  const open: Step[] = [home, ...elsewhere(situation)]
  if (situation.creationReaches) open.push('passkey_create')
  const { choice } = state
  if (choice === undefined || choice === 'passkey_create') return at(home, ...open)
  if (choice === 'methods') return at('methods', ...open)
  // The passkey button is on these screens themselves: it has one of its own only after it failed.
  const due = situation.ways.includes(choice) && (choice !== 'passkey' || state.notice !== undefined) ? choice : home
  return at(due, ...open)
}

const elsewhere = ({ ways, links, takesPasskeys }: Situation): Step[] => ['methods', 'help', 'recovery', ...ways, ...(takesPasskeys ? (['passkey'] as const) : []), ...(links && ways.includes('email_otp') ? (['email_link'] as const) : [])]
