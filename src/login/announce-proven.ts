import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { hasProven } from '../policy/strategy.ts'
import type { Account } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import type { Typed } from './state.ts'
import { madeHere, noticeContext } from './traces.ts'

/**
 * Before an identifier that was only listed is proven: one more way into the account, which those that were proven before
 * hear of and can stop. The first proof of an account concerns nobody else.
 */
export async function announceProven(flow: Flow, account: Account, identifier: Typed): Promise<void> {
  const { deps } = flow
  if (!hasProven(account)) return
  const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'identifier_added', subject: idOf(identifier) })
  await deps.notices.detailsChanged(account, { ...noticeContext(flow), change, what: 'identifier_confirmed', subject: readable(identifier) })
}
