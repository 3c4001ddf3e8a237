import { readable } from '../accounts/readable.ts'
import { entryAt, isUnproven } from './identifiers.ts'
import { goTo } from './go-to.ts'
import { done, home, traces, type AccountPage } from './session.ts'

/** The one of several that is shown and that apps are told: it opens nothing more than before, so the session is enough. */
export const identifierPrimary: AccountPage = {
  path: '/identifier-primary',
  async show(visitor) {
    goTo(visitor, home)
  },
  async submit(visitor) {
    const { deps, account, ctx } = visitor
    const entry = await entryAt(visitor, ctx.state.body['identifier'])
    if (!entry) return
    await deps.throttle.spend(ctx, 'detail_changed')
    if (isUnproven(entry) || !(await deps.identifiers.makePrimary(account.id, entry))) return done(visitor, 'changed_elsewhere')
    await deps.audit.record('identifier.made_primary', traces(visitor), { kind: entry.kind })
    await done(visitor, 'made_primary', { subject: readable(entry) })
  },
}
