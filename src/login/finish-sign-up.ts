import { idOf } from '../accounts/reservations.ts'
import type { Method, Proof, ProofMethod } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { identifiersOf, nextToProve, proveAll, taken, wantsPasskey } from './sign-up-state.ts'
import { findTyped, save, type Flow } from './flow.ts'
import { proofBy } from './proofs.ts'
import { obeyRules } from './rules.ts'
import { strategiesHere } from './sign-up-asks.ts'
import { prove } from './state.ts'
import { traces } from './traces.ts'
import { identifierProven } from './whose.ts'
import { randomId } from '../secrets/keyring.ts'

/** The next step of a sign-up: something is to be proven, a passkey to be made, or the account. */
export async function finishSignUp(flow: Flow): Promise<void> {
  const strategies = strategiesHere(flow)
  const { state } = flow
  if (!state.signUp) return
  const next = nextToProve(state, strategies)
  if (next) return save(flow, (current) => ({ ...current, identifier: next }))
  if (!wantsPasskey(state, strategies)) return createAccount(flow)
  // Nobody makes a passkey for an account that cannot be: what somebody has already is proven instead.
  if (await isHeld(flow)) {
    await save(flow, proveAll)
    return finishSignUp(flow)
  }
  const draft = { accountId: randomId(), userHandle: randomId(32) }
  await save(flow, (current) => ({ ...current, draft: current.draft ?? draft }))
}

async function isHeld({ deps, ctx, state }: Flow): Promise<boolean> {
  await deps.throttle.spend(ctx, 'address_asked')
  const holders = await Promise.all(identifiersOf(state.signUp!).map((one) => findTyped(deps, one)))
  return holders.some((holder) => holder !== undefined)
}

/** Makes the account with all that it was given, at once or not at all. */
export async function createAccount(flow: Flow): Promise<void> {
  const made = await insertAccount(flow)
  if (!made) return
  const { state, now } = flow
  const { values, proven } = state.signUp!
  const proofs: Proof[] = (['email', 'phone'] as const).flatMap((kind) => {
    const value = values[kind]
    const proof = proven[kind]
    return value === undefined || !proof ? [] : [{ ...proofBy(flow, made, proof.method, { identifier: idOf({ kind, value }), at: proof.at }), signUp: true }]
  })
  if (proofs.length === 0) proofs.push({ ...proofBy(flow, made, 'sign_up', { at: now }), signUp: true })
  await save(flow, (current) => ({ ...proofs.reduce(prove, current), created: true }))
}

/**
 * undefined: something of it is somebody's already, and the state says what comes next. Of two browsers that prove the
 * same address at once one makes the account, and the other has simply proven its own.
 */
export async function insertAccount(flow: Flow): Promise<Account | undefined> {
  const { deps, ctx, state, request } = flow
  const { signUp, draft } = state
  if (!signUp) return undefined
  const identifiers = identifiersOf(signUp)
  await obeyRules(flow, 'sign_up', signUp.values.email === undefined ? {} : { email: signUp.values.email })
  const isReserved = identifiers.some(({ kind, verifiedAt }) => kind !== 'username' && verifiedAt === undefined)
  const outcome = await deps.accounts.create({
    identifiers,
    locale: ctx.state.locale,
    ...(draft && { draft }),
    ...(isReserved && { signedUp: { deviceHash: ctx.state.device.hash, clientId: request.app.id } }),
  })
  if (outcome.ok) {
    await noteCreated(flow, outcome.account, methodOf(signUp.proven))
    return outcome.account
  }
  const { taken: { kind, value }, account } = outcome
  // A press that came twice: the first one has made it.
  if (draft && account?.id === draft.accountId) return account
  const proof = kind === 'username' ? undefined : signUp.proven[kind]
  if (kind === 'username' || !account) await save(flow, (current) => taken(current, kind))
  else if (proof) {
    await save(flow, (current) => ({ ...current, identifier: { kind, value } }))
    await identifierProven(flow, { identifier: { kind, value }, ...proof })
  } else {
    await save(flow, proveAll)
    await finishSignUp(flow)
  }
  return undefined
}

const methodOf = (proven: { email?: { method: Method }; phone?: { method: Method } }): ProofMethod => proven.email?.method ?? proven.phone?.method ?? 'sign_up'

export async function noteCreated(flow: Flow, account: Account, method: ProofMethod): Promise<void> {
  flow.deps.metrics.signUp()
  await flow.deps.audit.record('account.created', { ...traces(flow), accountId: account.id }, { method })
}
