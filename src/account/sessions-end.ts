import { sendPage } from '../http/reply.ts'
import { sessionsEndPage } from '../../views/account/sessions.ts'
import { done, pageOf, type AccountPage } from './session.ts'
import { appsLeft, inWords, otherSessions, sessionsPath, tellEnded } from './sessions.ts'

/** "Sign out everywhere else?": it opens nothing, so the session is enough. */
export const sessionsEnd: AccountPage = {
  path: '/sessions-end',
  async show(visitor) {
    const [others, left] = await Promise.all([otherSessions(visitor), appsLeft(visitor)])
    if (others.length === 0 && left.length === 0) return done(visitor, 'changed_elsewhere', { path: sessionsPath })
    sendPage(visitor.ctx, sessionsEndPage(await pageOf(visitor), { others: others.length, ...(left.length > 0 && { left: inWords(visitor, left) }) }))
  },
  async submit(visitor) {
    const { deps, account, session } = visitor
    const [others, left] = await Promise.all([otherSessions(visitor), appsLeft(visitor)])
    // Also where nothing is listed: a sign-in that is under way is in no list.
    await deps.revocation.endOthers(account.id, session.uid)
    if (others.length === 0 && left.length === 0) return done(visitor, 'changed_elsewhere', { path: sessionsPath })
    const silent = await tellEnded(visitor, others)
    await done(visitor, silent ? 'session_ended_silently' : 'sessions_ended', { path: sessionsPath, subject: silent ?? 'none' })
  },
}
