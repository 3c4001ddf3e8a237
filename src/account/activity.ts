import { redirect, sendPage } from '../http/reply.ts'
import type { Account, AuditEntry, Change, ChangeKind } from '../storage/types.ts'
import { activityPage, activityFilters, type ActivityFilter, type ListedActivity } from '../../views/account/activity.ts'
import { isTold, subjectIn } from './activity-words.ts'
import { asksAgain, guarded } from './guard.ts'
import { logEntries } from './log-entries.ts'
import { done, pageOf, type AccountPage, type Visitor } from './session.ts'

const activityPath = '/account/activity'

/** entries of a page, and of one look into the log for them */
const [perPage, perLook] = [30, 200]
/** looks for one page: who filters by what hardly ever happened gets a link on, and not a long wait */
const mostLooks = 5

/** "Activity": what happened to the account, newest first, in words; what can still be stopped has its button. */
export const activity: AccountPage = {
  path: '/activity',
  async show(visitor) {
    if (asksAgain(visitor) && !(await guarded(visitor, { do: 'remove_passkey', createdAt: 0 }, activityPath))) return
    const { ctx, deps, account } = visitor
    const filter = activityFilters.find((one) => one === ctx.query['filter']) ?? 'all'
    const before = Number(ctx.query['before'])
    const [page, { entries, older }, changes] = await Promise.all([
      pageOf(visitor),
      entriesOf(visitor, filter, Number.isSafeInteger(before) && before > 0 ? before : undefined),
      deps.changes.listOf(account.id),
    ])
    sendPage(ctx, activityPage(page, { filter, ...(older !== undefined && { older }), entries: entries.map((entry) => listed(visitor, entry, changes)) }))
  },
  /** "This was not me": to the page that every mail about a change leads to. Who has no mailbox to show asks the guard, as for taking away what is stopped. */
  async submit(visitor) {
    const { ctx, deps, account, now } = visitor
    const change = await deps.changes.get(ctx.state.body['disown'] ?? '')
    if (change?.accountId !== account.id || !isOpen(change, now)) return done(visitor, 'changed_elsewhere', { path: activityPath })
    await deps.throttle.spend(ctx, 'disowned')
    if (!(await guarded(visitor, { do: 'remove_passkey', createdAt: oldestOf(change, account) }, activityPath))) return
    const ticket = await deps.tickets.issue({ purpose: 'not_me', accountId: account.id, changeId: change.id, life: change.until - now, again: true })
    redirect(ctx, `/account/not-me/${ticket}`)
  },
}

/** ms: what its browser did since the change began is stopped with it, and the recovery that runs there. */
const oldestOf = ({ at, began = at, deviceHash }: Change, { recovery }: Account): number =>
  Math.min(at, began, recovery?.deviceHash === deviceHash ? recovery.startedAt : Infinity)

/** `older` (ms): where the next page begins. */
async function entriesOf(visitor: Visitor, filter: ActivityFilter, before?: number): Promise<{ entries: AuditEntry[]; older?: number }> {
  const entries: AuditEntry[] = []
  let looks = 0
  let end = before
  for await (const found of logEntries(visitor, { before, perLook })) {
    if (looks++ === mostLooks) break
    for (const entry of found) {
      if (!isTold(entry, filter)) continue
      // What happened in one millisecond stays on one page, or part of it would be on none.
      if (entries.length >= perPage && entry.at !== entries.at(-1)!.at) return { entries, older: entries.at(-1)!.at }
      entries.push(entry)
    }
    end = found.at(-1)?.at ?? end
  }
  return { entries, ...(looks > mostLooks && end !== undefined && { older: end }) }
}

function listed({ deps, now }: Visitor, entry: AuditEntry, changes: Change[]): ListedActivity {
  const change = changeOf(entry, changes)
  const app = entry.clientId === undefined ? undefined : deps.engine.app(entry.clientId)?.name
  return {
    type: entry.type,
    at: entry.at,
    ...(entry.userAgent !== undefined && { device: entry.userAgent }),
    ...(app !== undefined && { app }),
    ...subjectIn(entry),
    ...(change && isOpen(change, now) && { disown: change.id }),
  }
}

const isOpen = ({ frozenAt, settled, until }: Change, now: number): boolean => frozenAt === undefined && !settled && now < until

const kinds: Partial<Record<string, ChangeKind[]>> = {
  'passkey.created': ['passkey_added'],
  'method.added': ['method_added', 'recovery_codes_made'],
  'sign_in': ['new_device'],
  'recovery.started': ['recovery_started'],
}

/** The change that an entry tells of: by its id, else the last one of its kind before it, about the same thing. */
function changeOf({ type, at, deviceHash, detail = {} }: AuditEntry, changes: Change[]): Change | undefined {
  if (typeof detail['changeId'] === 'string') return changes.find(({ id }) => id === detail['changeId'])
  if (type === 'sign_in' && detail['firstTimeOnDevice'] !== true) return undefined
  const about = kinds[type]
  const candidates = changes.filter((change) => about?.includes(change.kind) && change.at <= at + 1000 && change.deviceHash === deviceHash)
  const exact = candidates.filter(({ subject }) => detail['passkeyId'] === undefined || type === 'sign_in' || subject === detail['passkeyId'])
  return exact.toSorted((a, b) => b.at - a.at)[0]
}
