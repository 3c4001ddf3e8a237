import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { AppError } from '../errors.ts'
import { identifierKinds, type Method } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { announceProven } from './announce-proven.ts'
import { finishSignUp, noteCreated } from './finish-sign-up.ts'
import { findTyped, reload, save, urlOf, type Flow } from './flow.ts'
import { mayCorrect } from './guard.ts'
import { proofBy, proofsOf } from './proofs.ts'
import { strategiesHere, unprovenHere } from './sign-up-asks.ts'
import { nextToProve, proveInSignUp } from './sign-up-state.ts'
import { madeHere, noticeContext, traces } from './traces.ts'
import { prove, proveUnowned, same, type LoginState, type Typed } from './state.ts'
import { proofBeside } from './usable-passkey.ts'

/** A success that shows control of an identifier. `at`: ms */
export interface ControlOf {
  identifier: Typed
  method: Method
  at: number
}

/**
 * An identifier was proven. Whose it is decides what comes next: an account that has it proven, one that only reserved it,
 * or nobody.
 */
export async function identifierProven(flow: Flow, control: ControlOf): Promise<void> {
  const { identifier } = control
  const { correction } = flow.state
  if (flow.account && same(correction?.to, identifier)) return corrected(flow, control)
  const holder = flow.account ?? (await findTyped(flow.deps, identifier))
  if (!holder) return unowned(flow, control)
  const held = holder.identifiers.find((one) => same(one, identifier))
  // It went to somebody else while the code was under way.
  if (!held) throw new AppError('step_done', 'what was proven is not of this account')
  if (held.verifiedAt !== undefined) return provenBy(flow, holder, control)
  if (isSamePerson(flow, holder, identifier)) return confirmReserved(flow, holder, control)
  // Whoever asked for a new account, and could not come into the old one anyway, gets what they asked for.
  if (holder.credentialIds.length === 0 && flow.state.flow === 'sign_up') return isLast(flow, control) ? startAnew(flow, holder, control) : unowned(flow, control)
  await save(flow, (state) => (same(state.identifier, identifier) ? { ...state, claim: { ...control, accountId: holder.id } } : undefined))
}

/** Whether a sign-up has nothing more to prove: what was typed along with it is not left out of the account. */
const isLast = (flow: Flow, { identifier, method, at }: ControlOf): boolean =>
  nextToProve(proveInSignUp(flow.state, identifier, { method, at }), strategiesHere(flow)) === undefined

/** The proof of somebody's own, proven identifier, as any other. */
async function provenBy(flow: Flow, account: Account, { identifier, method, at }: ControlOf): Promise<void> {
  const proof = await proofBeside(flow, account, method, { identifier: idOf(identifier), at })
  await save(flow, (state) => (state.identifier === undefined || flow.account || same(state.identifier, identifier) ? prove(state, proof) : undefined))
}

/**
 * A reservation protects nothing, so that only who shows more than the identifier itself is the one who made it: another
 * proof of the account here and now, or the browser that signed it up.
 */
function isSamePerson(flow: Flow, account: Account, identifier: Typed): boolean {
  if (account.signedUp?.deviceHash === flow.ctx.state.device.hash) return true
  return proofsOf(flow).some((proof) => proof.accountId === account.id && proof.method !== 'sign_up' && proof.identifier !== idOf(identifier))
}

/** It is the account's own from now on. Where it went to somebody else in the same moment, it is judged anew. */
async function confirmReserved(flow: Flow, account: Account, control: ControlOf): Promise<void> {
  const { deps, now } = flow
  await announceProven(flow, account, control.identifier)
  const confirmed = await deps.identifiers.markProven(account.id, control.identifier, now)
  if (!confirmed) throw new AppError('step_done', 'the reservation went to somebody else')
  if (flow.account) flow.account = confirmed
  await provenBy(flow, confirmed, control)
}

/** The right one, proven, in the place of the typing mistake. */
async function corrected(flow: Flow, control: ControlOf): Promise<void> {
  const { deps, now } = flow
  const { from } = flow.state.correction!
  const { identifier } = control
  if (!(await mayStillCorrect(flow))) {
    await deps.audit.record('change.refused_by_guard', traces(flow), { change: 'replace_identifier', way: 'sign_in' })
    return save(flow, giveUp)
  }
  const account = flow.account!
  const isTaken = (await findTyped(deps, identifier)) !== undefined
  if (!isTaken) await announceCorrected(flow, account, identifier)
  if (isTaken || (await deps.identifiers.correct(account, from, identifier)) === 'taken') {
    await save(flow, giveUp)
    throw new AppError('step_done', 'it is somebody else’s', { params: { continueUrl: urlOf(flow) } })
  }
  flow.account = (await deps.identifiers.markProven(account.id, identifier, now)) ?? account
  await save(flow, ({ correction: _, identifier: typed, ...state }) => ({ ...state, ...(typed && { identifier: same(typed, from) ? identifier : typed }) }))
  await provenBy(flow, flow.account, control)
}

/**
 * As the guard was asked when it began, since a message may take longer than a proof is young; by the account as it is
 * now, since somebody may have stopped its changes meanwhile.
 */
async function mayStillCorrect(flow: Flow): Promise<boolean> {
  await reload(flow)
  const { account, deps, now, state: { correction } } = flow
  if (!account || !correction || !same(unprovenHere(flow), correction.from)) return false
  // Also those whose proof is not young any more.
  flow.passkeys = await deps.passkeys.listFor(account)
  return mayCorrect(flow, Math.min(now, correction.at))
}

/** Nothing of the correction is left, so that what it was to replace is asked for again. */
const giveUp = ({ correction: _, choice: __, ...state }: LoginState): LoginState => state

/** Before it is there: nobody has got anything that can not be stopped. */
async function announceCorrected(flow: Flow, account: Account, added: Typed): Promise<void> {
  const { deps } = flow
  const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'identifier_added', subject: idOf(added) })
  await deps.notices.detailsChanged(account, { ...noticeContext(flow), change, what: 'identifier_added', subject: readable(added) })
  await deps.audit.record('identifier.corrected', traces(flow), { kind: added.kind })
}

/** A new account with a new name at every app; what was in the old one stays behind, and who was in it is out. */
async function startAnew(flow: Flow, from: Account, control: ControlOf): Promise<void> {
  const { deps, ctx, now } = flow
  const { identifier, method } = control
  const account = await deps.identifiers.takeOver(identifier, from, now, ctx.state.locale).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'already_exists') return undefined
    throw error
  })
  // It was confirmed in the same moment: the account is whose it is now.
  if (!account) return identifierProven(flow, control)
  await noteCreated(flow, account, method)
  await addTheRest(flow, account, identifier)
  const proof = { ...proofBy(flow, account, method, { identifier: idOf(identifier), at: control.at }), signUp: true }
  await save(flow, (state) => (same(state.identifier, identifier) ? { ...prove(state, proof), created: true } : undefined))
}

/** What else the sign-up was given. A name that somebody has got in this very moment can be chosen anew later. */
async function addTheRest(flow: Flow, account: Account, { kind: taken }: Typed): Promise<void> {
  const { values = {}, proven = {} } = flow.state.signUp ?? {}
  for (const kind of identifierKinds) {
    const value = values[kind]
    if (kind === taken || value === undefined) continue
    const at = kind === 'username' ? undefined : proven[kind]?.at
    if (kind === 'username' || at !== undefined) await flow.deps.identifiers.add(account, { kind, value, ...(at !== undefined && { verifiedAt: at }) })
  }
}

/** Nobody has it: a step of a sign-up, or a question. */
async function unowned(flow: Flow, control: ControlOf): Promise<void> {
  const { identifier, method, at } = control
  if (flow.state.flow !== 'sign_up') {
    return save(flow, (state) => (same(state.identifier, identifier) ? proveUnowned(state, { method, identifier, at }) : undefined))
  }
  await save(flow, (state) => (same(state.identifier, identifier) ? proveInSignUp(state, identifier, { method, at }) : undefined))
  await finishSignUp(flow)
}

/** "Start a new account": asked anew whose it is now, since the question may have stood open for long. */
export async function claimNothing(flow: Flow): Promise<void> {
  const { claim } = flow.state
  if (!claim) return
  const { identifier, method, at } = claim
  const holder = await findTyped(flow.deps, identifier)
  const held = holder?.identifiers.find((one) => same(one, identifier))
  if (holder && held && held.verifiedAt === undefined) return startAnew(flow, holder, { identifier, method, at })
  await save(flow, ({ claim: _, ...state }) => state)
  await identifierProven(flow, { identifier, method, at })
}

/** The passkey of the account that only reserved what was proven here: it is the account's own from now on. */
export async function claimedBy(flow: Flow, account: Account): Promise<Account> {
  const { deps, state: { claim }, now } = flow
  if (claim?.accountId !== account.id) return account
  await announceProven(flow, account, claim.identifier)
  return (await deps.identifiers.markProven(account.id, claim.identifier, now)) ?? account
}
