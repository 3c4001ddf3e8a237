import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { sendPage } from '../http/reply.ts'
import { methodsOf } from '../policy/strategy.ts'
import { identifierRemovePage } from '../../views/account/identifier-remove.ts'
import { guarded } from './guard.ts'
import { announceRemoved, recordRemoved, tellsSomebody } from './identifier-change.ts'
import { entryAt, isUnproven, paramOf, since, type Entry } from './identifiers.ts'
import { done, pageOf, type AccountPage, type Visitor } from './session.ts'

/** "Remove …?": what will be lost, on a page of its own. */
export const identifierRemove: AccountPage = {
  path: '/identifier-remove/:identifier',
  async show(visitor) {
    const entry = await entryAt(visitor, paramOf(visitor, 'identifier'))
    if (entry && (kept(visitor, entry) || (await may(visitor, entry)))) await show(visitor, entry)
  },
  async submit(visitor) {
    const entry = await entryAt(visitor, paramOf(visitor, 'identifier'))
    if (!entry) return
    if (kept(visitor, entry)) return show(visitor, entry)
    if (!(await may(visitor, entry))) return
    const { deps, account } = visitor
    const change = await recordRemoved(visitor, entry)
    const outcome = await deps.identifiers.remove(account, entry)
    // Also when another window has removed the other ways meanwhile.
    if (outcome !== 'removed') return done(visitor, 'changed_elsewhere')
    await announceRemoved(visitor, entry, change)
    const told = { itself: 'identifier_removed', others: 'identifier_removed_told', nobody: 'identifier_removed_quietly' } as const
    await done(visitor, told[whoIsTold(visitor, entry)], { subject: readable(entry) })
  },
}

const may = async (visitor: Visitor, entry: Entry): Promise<boolean> =>
  (await guarded(visitor, { do: 'remove_identifier', createdAt: since(entry, visitor.account) })) !== undefined

const without = ({ account }: Visitor, entry: Entry) => ({ ...account, identifiers: account.identifiers.filter((listed) => idOf(listed) !== idOf(entry)) })

/** From where it can be stopped. */
function whoIsTold(visitor: Visitor, entry: Entry): 'itself' | 'others' | 'nobody' {
  if (entry.kind === 'email' && !isUnproven(entry)) return 'itself'
  return tellsSomebody(visitor) ? 'others' : 'nobody'
}

/** The store has the last word. */
const kept = ({ deps, account }: Visitor, entry: Entry) => deps.identifiers.whyKept(account, entry)

async function show(visitor: Visitor, entry: Entry): Promise<void> {
  const { ctx, deps, session, account } = visitor
  const left = methodsOf(without(visitor, entry), deps.config.verification.methods).filter((method) => method !== 'email_link')
  const why = kept(visitor, entry)
  sendPage(
    ctx,
    identifierRemovePage(await pageOf(visitor), {
      kind: entry.kind,
      value: readable(entry),
      ...(why && { why }),
      left,
      told: whoIsTold(visitor, entry),
      usedHere: session.proofs.every(({ identifier }) => identifier === idOf(entry)),
      alone: account.identifiers.filter(({ kind }) => kind === entry.kind).length === 1,
    }),
    why && ctx.method === 'POST' ? 409 : 200,
  )
}
