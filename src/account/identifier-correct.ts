import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { sendPage } from '../http/reply.ts'
import { identifierAddPage, type IdentifierAddProps } from '../../views/account/identifier-add.ts'
import { goTo } from './go-to.ts'
import { guarded } from './guard.ts'
import { confirmUrl, mayCorrectFreely } from './identifier-confirm.ts'
import { entryAt, isUnproven, paramOf, since, type Entry } from './identifiers.ts'
import { startPending } from './pending.ts'
import { done, pageOf, type AccountPage, type Visitor } from './session.ts'

/** A typing mistake in what nobody has proven yet: the right one takes its place as soon as it is proven. */
export const identifierCorrect: AccountPage = {
  path: '/identifier-correct/:identifier',
  async show(visitor) {
    const entry = await unprovenAt(visitor)
    if (entry && (await may(visitor, entry))) await show(visitor, entry)
  },
  async submit(visitor) {
    const entry = await unprovenAt(visitor)
    if (!entry || !(await may(visitor, entry))) return
    const { deps, ctx, account, now } = visitor
    const typed = ctx.state.body['identifier'] ?? ''
    const read = deps.normaliser.read(typed, [entry.kind])
    if (!read.ok) return show(visitor, entry, { typed, error: read.reason })
    if (read.kind === 'username') return show(visitor, entry, { typed, error: 'form' })
    const { kind, value } = read
    if (idOf(read) === idOf(entry)) await startPending(visitor, { do: 'confirm', kind, value, at: now })
    else if (account.identifiers.some((listed) => idOf(listed) === idOf(read))) return show(visitor, entry, { typed, error: 'own' })
    else await startPending(visitor, { do: 'correct', kind, value, from: { kind: entry.kind, value: entry.value }, at: now })
    goTo(visitor, confirmUrl)
  },
}

type Provable = Entry & { kind: 'email' | 'phone' }

async function unprovenAt(visitor: Visitor): Promise<Provable | undefined> {
  const entry = await entryAt(visitor, paramOf(visitor, 'identifier'))
  if (!entry) return undefined
  const { kind } = entry
  if (isUnproven(entry) && kind !== 'username') return { ...entry, kind }
  await done(visitor, 'changed_elsewhere')
  return undefined
}

const may = async (visitor: Visitor, entry: Entry): Promise<boolean> =>
  mayCorrectFreely(visitor) || (await guarded(visitor, { do: 'replace_identifier', createdAt: since(entry, visitor.account) })) !== undefined

async function show(visitor: Visitor, entry: Entry, { typed = readable(entry), error }: Pick<IdentifierAddProps, 'typed' | 'error'> = {}): Promise<void> {
  const { kind } = entry
  sendPage(visitor.ctx, identifierAddPage(await pageOf(visitor), { kind, correcting: true, needsCountry: false, typed, ...(error && { error }) }), error === undefined ? 200 : 400)
}
