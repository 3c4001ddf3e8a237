import type { LoginState, Way } from './state.ts'

/** A screen of the login, or the end of it. The URL segment is the name with dashes; `identifier` is the bare URL. */
export type Step =
  | 'identifier'
  | 'sign_up'
  | 'email_otp'
  | 'passkey'
  | 'methods'
  | 'other_device'
  | 'help'
  | 'wrong_account'
  | 'account_exists'
  | 'create_account'
  | 'step_up'
  | 'passkey_create'
  | 'consent'
  | 'finish'

/** What decides besides the state: worked out from config, the store and the request, on every request anew. */
export interface Situation {
  prompt: 'login' | 'consent'
  /** the browser's live session belongs to this account and the request asks for more of it, not for somebody else */
  sessionAccountId?: string
  /** the proofs reach what the request asks for */
  met: boolean
  /** ways that can reach it, best first; before a proof the ones that anybody has; once it is met, those after which a passkey may be added */
  ways: Way[]
  /** which way is shown first after Continue */
  first: Way
  /** prompt policy and enrolment guard both say yes now */
  offerPasskey: boolean
  /** the enrolment guard lets a passkey be added at this moment */
  mayCreate: boolean
  /** a passkey, created and then used, would reach the level that is missing */
  creationReaches: boolean
}

export interface Plan {
  /** the screen that is shown now */
  due: Step
  /** every screen that may be opened or posted to now, the due one included; a POST elsewhere proves nothing */
  open: Step[]
}

const at = (due: Step, ...others: Step[]): Plan => ({ due, open: [due, ...others.filter((step) => step !== due)] })

/**
 * The only place that orders steps: from the saved state and the situation to the screen that is due. Screens never
 * route to each other; they change the state and ask again.
 */
export function dispatch(state: LoginState, situation: Situation): Plan {
  if (situation.prompt === 'consent') return at('consent')
  if (state.other) return at('wrong_account', ...elsewhere(situation), ...besides(state, situation))
  if (state.accountId !== undefined) return afterProof(state, situation)
  if (situation.sessionAccountId !== undefined) return situation.met ? at('finish') : stepUp(state, situation)
  if (state.mailboxProvenAt !== undefined) return at('create_account', 'identifier')
  return beforeProof(state, situation)
}

/** What stays possible while another account's passkey waits for a decision: to change who signs in, or to give up what is only offered. */
function besides(state: LoginState, situation: Situation): Step[] {
  if (state.accountId === undefined && situation.sessionAccountId === undefined) return start
  return state.offer?.outcome === 'open' ? ['passkey_create'] : []
}

const start: Step[] = ['identifier', 'sign_up']

function beforeProof(state: LoginState, situation: Situation): Plan {
  if (state.flow === 'sign_up') return state.email === undefined ? at('sign_up', ...start) : at('email_otp', ...start)
  if (state.email === undefined) return at('identifier', ...start, 'passkey')
  if (state.unknown) return at('create_account', ...start)
  const open = [...start, ...elsewhere(situation)]
  if (state.choice === 'methods') return at('methods', ...open)
  const way = state.choice !== undefined && state.choice !== 'passkey_create' ? state.choice : situation.first
  return at(situation.ways.includes(way) ? way : 'methods', ...open)
}

function afterProof(state: LoginState, situation: Situation): Plan {
  if (state.flow === 'sign_up' && !state.created && !state.acknowledged) return at('account_exists')
  if (!situation.met) return stepUp(state, situation)
  if (state.offer ? state.offer.outcome === 'over' : !situation.offerPasskey) return at('finish')
  // The proof grew too old for the guard while the offer stood open: a new one is the way on.
  return state.offer?.outcome === 'open' && !situation.mayCreate ? byWay('passkey_create', state, situation) : at('passkey_create')
}

/** The account is known; only what is missing is asked, by ways that reach it. */
function stepUp(state: LoginState, situation: Situation): Plan {
  const ended = state.offer?.outcome === 'created' || state.offer?.outcome === 'failed'
  const chosen = state.choice === 'passkey_create' && situation.creationReaches
  return ended || chosen ? at('passkey_create', 'step_up', ...elsewhere(situation)) : byWay('step_up', state, situation)
}

/** From a screen that asks for another proof: the way that was chosen, as long as it leads on. */
function byWay(home: 'step_up' | 'passkey_create', state: LoginState, situation: Situation): Plan {
  const open: Step[] = [home, ...elsewhere(situation)]
  if (situation.creationReaches) open.push('passkey_create')
  const { choice } = state
  if (choice === undefined || choice === 'passkey_create') return at(home, ...open)
  if (choice === 'methods') return at('methods', ...open)
  // The passkey button is on these screens themselves: it has one of its own only after it failed.
  const due = situation.ways.includes(choice) && (choice !== 'passkey' || state.notice !== undefined) ? choice : home
  return at(due, ...open)
}

const elsewhere = (situation: Situation): Step[] => ['methods', 'help', ...situation.ways]
