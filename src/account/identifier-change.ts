import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import type { Change } from '../storage/types.ts'
import { noticeContext } from './here.ts'
import { isUnproven, type Entry } from './identifiers.ts'
import { madeHere, traces, type Visitor } from './session.ts'

type Named = Pick<Entry, 'kind' | 'value'>

/**
 * Whether a change of identifiers can be stopped from somewhere: notices go to the addresses that were proven before it.
 */
export const tellsSomebody = ({ deps, account }: Visitor): boolean => deps.accounts.provenEmails(account).length > 0

/** Before it is added: who dies in between has told of what never came, and nobody has got anything that can not be stopped. */
export async function announceAdded(visitor: Visitor, added: Named): Promise<void> {
  const { deps, account } = visitor
  const change = await record(visitor, 'identifier_added', added)
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: 'identifier_added', subject: readable(added) })
  await deps.audit.record('identifier.added', traces(visitor), { kind: added.kind, changeId: change.id })
}

/** … and before one that was listed without proof is proven: nobody signed in by it so far. */
export async function announceConfirmed(visitor: Visitor, confirmed: Named): Promise<void> {
  const { deps, account } = visitor
  const change = await record(visitor, 'identifier_added', confirmed)
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: 'identifier_confirmed', subject: readable(confirmed) })
}

/** Before it is removed: the change keeps it, so that it can be brought back. */
export const recordRemoved = (visitor: Visitor, entry: Entry): Promise<Change> => record(visitor, 'identifier_removed', entry, { ...entry })

/** After it is gone: its own address hears of it too, if it was one. */
export async function announceRemoved(visitor: Visitor, entry: Entry, change: Change): Promise<void> {
  const { deps, account } = visitor
  const alsoTo = entry.kind === 'email' && !isUnproven(entry) ? [entry.value] : []
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: 'identifier_removed', subject: readable(entry), alsoTo })
  await deps.audit.record('identifier.removed', traces(visitor), { kind: entry.kind, changeId: change.id })
}

function record(visitor: Visitor, kind: Change['kind'], entry: Named, removed?: Change['removed']): Promise<Change> {
  const { deps, account } = visitor
  return deps.changes.record({ ...madeHere(visitor), accountId: account.id, kind, subject: idOf(entry), ...(removed && { removed }) })
}
