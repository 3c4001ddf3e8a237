import { enrolmentWindow } from '../policy/enrolment.ts'
import type { Proof } from '../policy/types.ts'
import type { Change, ChangeKind, Recovery } from '../storage/types.ts'

/** Picks sessions by what was proven in them. */
export type Which = (session: { proofs: Proof[] }) => boolean

/** What adds a way to sign in. */
const additions = new Set<ChangeKind>(['passkey_added', 'identifier_added', 'method_added', 'recovery_codes_made'])

/**
 * The sessions that a disowned change made: those with a proof by what it added, and those that began in its browser
 * with it or after it. Of an addition also the one in which it was made: it has a proof that the guard took for it. Of a
 * new browser all: its sign-in is the change. What came after the press is somebody else's business, so that pressing
 * again ends nothing more.
 */
export function madeByChange(change: Change): Which {
  const { at, deviceHash, kind, frozenAt = Infinity } = change
  const since = kind === 'new_device' ? -Infinity : at
  const made = (proof: Proof): boolean => additions.has(kind) && at - enrolmentWindow <= proof.at && proof.at <= at
  return ({ proofs }) => {
    if (proofs.some((proof) => isBySubject(proof, change))) return true
    const there = proofs.filter((proof) => proof.deviceHash === deviceHash)
    if (there.some(made)) return true
    return there.length > 0 && there.every((proof) => since <= proof.at && proof.at <= frozenAt)
  }
}

/**
 * What came of a disowned change: everything of its browser from its beginning until the press, as far as nobody has
 * decided about it. The recovery that runs there counts whenever it began, since finishing it would lift the freeze;
 * one that is begun after the press is the way out for who has nothing else.
 */
export function cameOf(change: Change, all: Change[], running: Recovery | undefined): Change[] {
  const since = change.began ?? change.at
  return all.filter(({ id, deviceHash, at, kind, subject, settled, frozenAt }) => {
    if (id === change.id || deviceHash !== change.deviceHash || settled) return false
    // Stopped by the same press: its recovery runs no more.
    if (frozenAt !== undefined && frozenAt === change.frozenAt) return true
    const runs = kind === 'recovery_started' && subject === running?.id
    return at <= (change.frozenAt ?? Infinity) && (at >= since || runs)
  })
}

/** Whether a recovery was begun in the browser of a disowned change, before the press. */
export const isOfDisowned = ({ deviceHash, startedAt }: Recovery, { deviceHash: disowned, frozenAt = Infinity }: Change): boolean =>
  deviceHash === disowned && startedAt <= frozenAt

/** Once it is certain that it was not the owner: every session of that browser from before the press. */
export function madeBefore(change: Change): Which {
  const { deviceHash, frozenAt = Infinity } = change
  return ({ proofs }) =>
    proofs.some((proof) => isBySubject(proof, change)) ||
    (proofs.some((proof) => proof.deviceHash === deviceHash) && proofs.every((proof) => proof.at <= frozenAt))
}

/** The sessions that nothing is left of without what the change was about. */
export function reliedOnlyOn(change: Change): Which {
  if (change.kind === 'new_device') return ({ proofs }) => proofs.some((proof) => proof.deviceHash === change.deviceHash)
  return ({ proofs }) => proofs.length > 0 && proofs.every((proof) => isBySubject(proof, change))
}

/**
 * Passkeys and identifiers are named by their proofs; of an app and of recovery codes an account has one each. Ids of all
 * these never look alike. What was proven by codes before new ones took their place was not proven by the new ones.
 */
function isBySubject(proof: Proof, { subject, kind, at }: Change): boolean {
  if (subject === undefined) return false
  if (proof.credentialId === subject || proof.identifier === subject) return true
  return factorOf(proof) === subject && (!additions.has(kind) || proof.at >= at)
}

function factorOf({ method, accountId }: Proof): string | undefined {
  if (method === 'totp') return `totp:${accountId}`
  return method === 'recovery_code' ? `recovery_codes:${accountId}` : undefined
}
