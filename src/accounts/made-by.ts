import type { Proof } from '../policy/types.ts'
import type { Change } from '../storage/types.ts'

/** Picks sessions by what was proven in them. */
export type Which = (session: { proofs: Proof[] }) => boolean

/**
 * The sessions that a disowned change made: those with a proof by what it added, and those that began in its browser
 * with it or after it. Of a new browser all: its sign-in is the change. What came after the press is somebody else's
 * business, so that pressing again ends nothing more.
 */
export function madeByChange(change: Change): Which {
  const { at, deviceHash, kind, frozenAt = Infinity } = change
  const since = kind === 'new_device' ? -Infinity : at
  return ({ proofs }) => {
    if (proofs.some((proof) => isBySubject(proof, change))) return true
    const there = proofs.filter((proof) => proof.deviceHash === deviceHash)
    return there.length > 0 && there.every((proof) => since <= proof.at && proof.at <= frozenAt)
  }
}

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

/** Passkeys and identifiers are named by their proofs; ids of the two never look alike. */
const isBySubject = ({ credentialId, identifier }: Proof, { subject }: Change): boolean =>
  subject !== undefined && (credentialId === subject || identifier === subject)
