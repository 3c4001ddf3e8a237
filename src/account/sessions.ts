import { accountClientId } from '../config/schema.ts'
import { placeName } from '../http/place.ts'
import { sendPage } from '../http/reply.ts'
import type { OpenSession } from '../oidc/revocation.ts'
import { hashId } from '../secrets/keyring.ts'
import { sessionsPage, type ListedSession } from '../../views/account/sessions.ts'
import { userAgentOf } from './here.ts'
import { done, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

export const sessionsPath = '/account/sessions'

/** "Where you are signed in": each browser with a session, and a way to end the others, one by one. */
export const sessions: AccountPage = {
  path: '/sessions',
  async show(visitor) {
    const [page, listed] = await Promise.all([pageOf(visitor), listing(visitor)])
    sendPage(visitor.ctx, sessionsPage(page, { sessions: listed }))
  },
  async submit(visitor) {
    const ref = visitor.ctx.state.body['end']
    const ended = await endSessions(visitor, ({ uid }) => uid !== visitor.session.uid && refOf(uid) === ref)
    await done(visitor, ended.count === 0 ? 'changed_elsewhere' : ended.silent ? 'session_ended_silently' : 'session_ended', { path: sessionsPath, subject: ended.silent ?? 'none' })
  },
}

/** Names a session in a form, and opens nothing. */
const refOf = (uid: string): string => hashId(`session:${uid}`).slice(0, 22)

async function listing(visitor: Visitor): Promise<ListedSession[]> {
  const { deps, account, session: own, ctx } = visitor
  const [open, devices] = await Promise.all([deps.revocation.listSessions(account.id), deps.devices.listOf(account.id)])
  const listed = open.map(({ uid, since, proofs, apps }): ListedSession => {
    const { deviceHash } = proofs.toSorted((a, b) => b.at - a.at)[0] ?? {}
    const device = devices.find((one) => one.deviceHash === deviceHash)
    const place = device?.country === undefined ? undefined : placeName(ctx, { country: device.country })
    return {
      ref: refOf(uid),
      here: uid === own.uid,
      device: uid === own.uid ? userAgentOf(visitor).label : (device?.userAgent ?? 'Unknown browser'),
      since,
      ...(device && { lastSeenAt: device.lastSeenAt }),
      ...(place !== undefined && { place }),
      apps: apps.flatMap(({ clientId }) => (clientId === accountClientId ? [] : (deps.engine.app(clientId)?.name ?? clientId))),
    }
  })
  return listed.toSorted((a, b) => Number(b.here) - Number(a.here) || (b.lastSeenAt ?? b.since) - (a.lastSeenAt ?? a.since))
}

/** `silent`: names of the apps that could not be told. */
export async function endSessions(visitor: Visitor, which: (session: OpenSession) => boolean): Promise<{ count: number; silent?: string }> {
  const { deps, account } = visitor
  const ending = (await deps.revocation.listSessions(account.id)).filter(which)
  if (ending.length === 0) return { count: 0 }
  const uids = new Set(ending.map(({ uid }) => uid))
  await deps.revocation.endSessions(account.id, (session) => uids.has(session.uid))
  await deps.audit.record('sign_out', traces(visitor), { everywhere: false, elsewhere: ending.length })
  const silent = await deps.engine.tellApps(account.id, ending.flatMap(({ apps }) => apps))
  const names = silent.map((clientId) => deps.engine.app(clientId)?.name ?? clientId)
  return { count: ending.length, ...(names.length > 0 && { silent: new Intl.ListFormat(visitor.ctx.state.locale, { type: 'conjunction' }).format(names) }) }
}
