import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'

type Ends = Pick<Account, 'endedAt' | 'endedElsewhere' | 'endedSessions'>

/** ms: what was proven until then counts no more in this session; `uid` undefined: in none, as in a sign-in under way. */
export function endedUntil({ endedAt = 0, endedElsewhere }: Ends, uid: string | undefined): number {
  return endedElsewhere && endedElsewhere.keeps !== uid ? Math.max(endedAt, endedElsewhere.at) : endedAt
}

/**
 * Whether a session with these proofs, or what was granted in it, was ended. A press ends what it finds; what was only
 * then being written, or was finished later, is known here wherever it is used. Without a proof there is none.
 */
export function isEnded(account: Ends, uid: string | undefined, proofs: Proof[]): boolean {
  if (uid !== undefined && account.endedSessions?.includes(uid)) return true
  const until = endedUntil(account, uid)
  return proofs.every(({ at }) => at <= until)
}

/** Whether anything of this session was ever ended: only then there is something to look at. */
export function mayBeEnded(account: Ends, uid: string | undefined): boolean {
  return endedUntil(account, uid) > 0 || (uid !== undefined && account.endedSessions?.includes(uid) === true)
}
