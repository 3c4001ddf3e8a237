import {
  enrolmentWindow, factsOf, mayAddPasskey, mayChange, type ChangeRequest, type EnrolmentDecision, type EnrolmentFacts,
} from '../policy/enrolment.ts'
import type { Method } from '../policy/types.ts'
import { isReady } from '../policy/recovery.ts'
import { isBare } from '../policy/strategy.ts'
import type { Flow } from './flow.ts'
import { proofsOf, recognisedDevice } from './proofs.ts'
import { unprovenHere } from './sign-up-asks.ts'
import { same } from './state.ts'
import { methodsHere } from './ways.ts'

/** Everything that the enrolment guard decides by. Changes are known by the browser that made them, so that nothing counts that was proven in another one. */
export function enrolmentFacts(flow: Flow, now = flow.now): EnrolmentFacts {
  const { account, state, ctx } = flow
  return {
    ...factsOf(account, { createdInThisInteraction: state.created === true }),
    now,
    proofs: proofsOf(flow).filter(({ deviceHash }) => deviceHash === ctx.state.device.hash),
    passkeys: flow.passkeys,
    recoveryReady: isReady(account?.recovery, now, ctx.state.device.hash),
    deviceRecognised: recognisedDevice(flow, account?.id) !== undefined,
    otherKindsHere: kindsOf(flow),
  }
}

/** The guard's word on adding a passkey to this account, now. */
export const guard = (flow: Flow, now = flow.now): EnrolmentDecision => mayAddPasskey(enrolmentFacts(flow, now))

/** … and on another change. */
export const guardChange = (flow: Flow, request: ChangeRequest, now = flow.now): EnrolmentDecision => mayChange(request, enrolmentFacts(flow, now))

/**
 * A typing mistake in what this app wants proven: the guard's yes, as for every identifier that takes another one's place;
 * or the browser of a sign-up in which nothing was ever proven. `now` (ms): for when the proofs have to be young.
 */
export function mayCorrect(flow: Flow, now = flow.now): boolean {
  const { account, ctx } = flow
  const from = unprovenHere(flow)
  if (!account || !from) return false
  const createdAt = account.identifiers.find((one) => same(one, from))?.addedAt ?? account.createdAt
  return isBare(account, ctx.state.device.hash) || guardChange(flow, { do: 'replace_identifier', createdAt }, now).allow
}

/** Until when the guard's yes lasts (ms): no dialog may outlive it, or a passkey would be made and then refused. */
export function mayCreateUntil(flow: Flow): number {
  const ends = proofsOf(flow).map(({ at }) => at + enrolmentWindow)
  return Math.max(flow.now, ...ends.filter((end) => guard(flow, end).allow))
}

/**
 * The records of the passkeys that young proofs name. The sign-in by a passkey has its record at hand; nothing is read
 * where no such proof is there to be judged.
 */
export async function readPasskeys(flow: Flow): Promise<void> {
  const { account, deps, now } = flow
  if (!account) return
  const openQuestion = account.frozen !== undefined || account.recovery !== undefined
  const named = proofsOf(flow).filter(({ method, at }) => method === 'passkey' && (openQuestion || now - at <= enrolmentWindow))
  if (named.every(({ credentialId }) => flow.passkeys.some(({ id, accountId }) => id === credentialId && accountId === account.id))) return
  flow.passkeys = await deps.passkeys.listFor(account)
}

/** What can be proven here, whatever the app lets count: codes that anybody can keep are of no kind. */
const kindsOf = (flow: Flow): Method[] =>
  flow.account ? methodsHere(flow, 'step_up', { anyApp: true, guard: true }).filter((method) => method !== 'recovery_code') : []
