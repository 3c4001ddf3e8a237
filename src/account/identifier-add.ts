import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { kindsInUse } from '../accounts/way-in.ts'
import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import type { IdentifierKind } from '../storage/types.ts'
import { createBudget } from '../verification/index.ts'
import { identifierAddPage, type IdentifierAddProps } from '../../views/account/identifier-add.ts'
import { guarded } from './guard.ts'
import { announceAdded, announceRemoved, recordRemoved, tellsSomebody } from './identifier-change.ts'
import { confirmUrl } from './identifier-confirm.ts'
import { mostOf, paramOf } from './identifiers.ts'
import { startPending } from './pending.ts'
import { done, home, pageOf, type AccountPage, type Visitor } from './session.ts'
import { goTo } from './go-to.ts'

/** One more address or number, which has to be proven first; or a username, which belongs to who is first. */
export const identifierAdd: AccountPage = {
  path: '/identifier-add/:kind',
  async show(visitor) {
    const kind = kindAt(visitor)
    if (isFull(visitor, kind)) return goTo(visitor, home)
    if (await guarded(visitor, requestFor(visitor, kind))) await show(visitor, kind)
  },
  async submit(visitor) {
    const kind = kindAt(visitor)
    if (isFull(visitor, kind)) return done(visitor, 'changed_elsewhere')
    const granted = await guarded(visitor, requestFor(visitor, kind))
    if (!granted) return
    const { account, deps, ctx, now } = visitor
    const typed = ctx.state.body['identifier'] ?? ''
    const read = deps.normaliser.read(typed, [kind])
    if (!read.ok) return show(visitor, kind, { typed, error: read.reason })
    if (account.identifiers.some((entry) => idOf(entry) === idOf(read))) return show(visitor, kind, { typed, error: 'own' })
    if (read.kind === 'username') return takeUsername(visitor, typed, read.value)
    // Whether somebody else has it is not looked at before it is proven: the page would tell.
    await startPending(visitor, { do: 'add', kind: read.kind, value: read.value, at: now })
    goTo(visitor, confirmUrl)
  },
}

function kindAt(visitor: Visitor): IdentifierKind {
  const kind = kindsInUse(visitor.deps.config).find((used) => used === paramOf(visitor, 'kind'))
  if (!kind) throw new AppError('not_found', 'no such identifier is used here')
  return kind
}

/** The list says so, and that one has to go first; a username is changed. */
const isFull = ({ account, deps }: Visitor, kind: IdentifierKind): boolean =>
  kind !== 'username' && account.identifiers.filter((entry) => entry.kind === kind).length >= mostOf(deps.config, kind)

const usernameOf = ({ account }: Visitor) => account.identifiers.find(({ kind }) => kind === 'username')

function requestFor(visitor: Visitor, kind: IdentifierKind): Parameters<typeof guarded>[1] {
  const before = kind === 'username' ? usernameOf(visitor) : undefined
  return before ? { do: 'replace_identifier', createdAt: before.addedAt ?? visitor.account.createdAt } : { do: 'add_identifier' }
}

async function show(visitor: Visitor, kind: IdentifierKind, more: Pick<IdentifierAddProps, 'typed' | 'error' | 'days'> = {}): Promise<void> {
  const before = kind === 'username' ? usernameOf(visitor) : undefined
  const { defaultRegion } = visitor.deps.config.identifiers.phone
  sendPage(
    visitor.ctx,
    identifierAddPage(await pageOf(visitor), { kind, ...(before && { before: readable(before) }), needsCountry: kind === 'phone' && defaultRegion === undefined, ...more }),
    more.error === undefined ? 200 : more.error === 'often' ? 429 : 400,
  )
}

/** ms */
const day = 24 * 60 * 60 * 1000

/** Each username that an account gives up is kept from everybody for as long. */
const mostTaken = { count: 3, window: 7 * day }

/** An account has one; the one before is free for others after a while. */
async function takeUsername(visitor: Visitor, typed: string, value: string): Promise<void> {
  const { deps, account, ctx } = visitor
  await deps.throttle.spend(ctx, 'username_tried')
  const wanted = { kind: 'username', value } as const
  const before = usernameOf(visitor)
  if (await deps.accounts.findByIdentifier(wanted)) return show(visitor, 'username', { typed, error: 'taken' })
  const taken = createBudget(deps.storage, { name: 'usernames taken', limits: [mostTaken] })
  const spent = await taken.spend(account.id)
  if (!spent.ok) {
    const wait = spent.nextAt - visitor.now
    ctx.set('Retry-After', String(Math.ceil(wait / 1000)))
    return show(visitor, 'username', { typed, error: 'often', days: Math.ceil(wait / day) })
  }
  await announceAdded(visitor, wanted)
  const change = before && (await recordRemoved(visitor, before))
  const outcome = before ? await deps.identifiers.correct(account, before, wanted) : await deps.identifiers.add(account, wanted)
  if (outcome === 'taken' || outcome === 'too_many') await taken.refund(account.id, spent.at)
  if (outcome === 'taken') return show(visitor, 'username', { typed, error: 'taken' })
  if (outcome === 'too_many') return done(visitor, 'changed_elsewhere')
  if (before && change) await announceRemoved(visitor, before, change)
  await done(visitor, tellsSomebody(visitor) ? 'identifier_added' : 'identifier_added_first', { subject: value })
}
