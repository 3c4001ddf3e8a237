import type { Proof } from '../policy/types.ts'
import type { Account, Storage } from '../storage/types.ts'
import { madeByChange } from './made-by.ts'

/** Whether what was proven, and still stands, is what somebody has disowned, as long as nobody has decided about it. */
export type IsDisowned = (account: Account, proofs: Proof[]) => Promise<boolean>

/**
 * A press ends the sessions that it finds. One that was just being written then is known here by the same rule wherever
 * it is used; what a passkey proved that still stands is the owner's. Nothing is read unless the account is frozen.
 */
export function createIsDisowned({ changes }: Pick<Storage, 'changes'>): IsDisowned {
  return async function isDisowned({ frozen }, proofs) {
    if (!frozen || proofs.some(({ method }) => method === 'passkey')) return false
    for (const id of frozen.changeIds) {
      const change = await changes.get(id)
      if (change && !change.settled && madeByChange(change)({ proofs })) return true
    }
    return false
  }
}
