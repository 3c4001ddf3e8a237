import { sendPage } from '../http/reply.ts'
import { sessionsEndPage } from '../../views/account/sessions.ts'
import { done, pageOf, type AccountPage } from './session.ts'
import { endSessions, sessionsPath } from './sessions.ts'

/** "Sign out everywhere else?": it opens nothing, so the session is enough. */
export const sessionsEnd: AccountPage = {
  path: '/sessions-end',
  async show(visitor) {
    const { deps, account, session, ctx } = visitor
    const others = (await deps.revocation.listSessions(account.id)).filter(({ uid }) => uid !== session.uid)
    if (others.length === 0) return done(visitor, 'changed_elsewhere', { path: sessionsPath })
    sendPage(ctx, sessionsEndPage(await pageOf(visitor), { others: others.length }))
  },
  async submit(visitor) {
    const { count, silent } = await endSessions(visitor, ({ uid }) => uid !== visitor.session.uid)
    await done(visitor, count === 0 ? 'changed_elsewhere' : silent ? 'session_ended_silently' : 'sessions_ended', { path: sessionsPath, subject: silent ?? 'none' })
  },
}
