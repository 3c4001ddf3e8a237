import type { Passkey, Recovery } from '../storage/types.ts'
import { enrolmentWindow, isCooling, mayAddPasskey, mayStart, type EnrolmentDecision, type EnrolmentFacts } from './enrolment.ts'
import { isUsable } from './passkeys.ts'

/** Whether the account's own passkeys are all that would let a new one in, so that somebody who lost them may begin to wait. */
export function mayStartRecovery(facts: EnrolmentFacts): boolean {
  if (!facts.proofs.some((proof) => facts.now - proof.at <= enrolmentWindow && mayStart(proof, facts))) return false
  return needsPasskey(mayAddPasskey(facts))
}

/** Whether nothing but a passkey, or what stands in for one, makes it a yes. */
export const needsPasskey = (decision: EnrolmentDecision): boolean =>
  !decision.allow && ['passkey', 'older_passkey', 'recovery'].includes(decision.way)

/** Whether this browser may finish the recovery that it started. Times are ms. */
export function isReady(recovery: Recovery | undefined, now: number, deviceHash: string): boolean {
  return recovery !== undefined && recovery.deviceHash === deviceHash && now >= recovery.readyAt && now < recovery.expiresAt
}

/** Whether a sign-in by this passkey shows the recovery and may stop it: only what was there before, and still stands, can. */
export function mayCancel(
  passkey: Pick<Passkey, 'createdAt' | 'coolingUntil' | 'frozenAt' | 'removedAt' | 'signUp'>,
  recovery: Recovery,
  now: number,
): boolean {
  return isUsable(passkey) && !isCooling(passkey, now) && passkey.createdAt < recovery.startedAt && now < recovery.expiresAt
}
