import { accountClientId } from '../config/schema.ts'
import { placeName } from '../http/place.ts'
import { sendPage } from '../http/reply.ts'
import type { ListedSession as OpenSession } from '../oidc/revocation.ts'
import { hashId } from '../secrets/keyring.ts'
import { sessionsPage, type ListedSession } from '../../views/account/sessions.ts'
import { userAgentOf } from './here.ts'
import { done, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

export const sessionsPath = '/account/sessions'

/** "Where you are signed in": each browser with a session, and a way to end the others, one by one. */
export const sessions: AccountPage = {
  path: '/sessions',
  async show(visitor) {
    const [page, listed, left] = await Promise.all([pageOf(visitor), listing(visitor), appsLeft(visitor)])
    sendPage(visitor.ctx, sessionsPage(page, { sessions: listed, more: left.length > 0 }))
  },
  async submit(visitor) {
    const { deps, account, ctx } = visitor
    const session = (await otherSessions(visitor)).find(({ uid }) => refOf(uid) === ctx.state.body['end'])
    if (!session || !(await deps.revocation.endSession(account.id, session.uid))) return done(visitor, 'changed_elsewhere', { path: sessionsPath })
    const silent = await tellEnded(visitor, [session])
    await done(visitor, silent ? 'session_ended_silently' : 'session_ended', { path: sessionsPath, subject: silent ?? 'none' })
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

export const otherSessions = async ({ deps, account, session }: Visitor): Promise<OpenSession[]> =>
  (await deps.revocation.listSessions(account.id)).filter(({ uid }) => uid !== session.uid)

/** Names of apps that go on by themselves where nobody is signed in any more. */
export async function appsLeft({ deps, account }: Visitor): Promise<string[]> {
  const left = await deps.revocation.listLeft(account.id)
  return left.map(({ clientId }) => deps.engine.app(clientId)?.name ?? clientId)
}

/** Keeps it in the log, and tells the apps; resolves to the names of those that could not be told. */
export async function tellEnded(visitor: Visitor, ended: OpenSession[]): Promise<string | undefined> {
  const { deps, account } = visitor
  await deps.audit.record('sign_out', traces(visitor), { everywhere: false, elsewhere: ended.length })
  const silent = await deps.engine.tellApps(account.id, ended.flatMap(({ apps }) => apps))
  return silent.length > 0 ? inWords(visitor, silent.map((clientId) => deps.engine.app(clientId)?.name ?? clientId)) : undefined
}

export const inWords = ({ ctx }: Visitor, names: string[]): string => new Intl.ListFormat(ctx.state.locale, { type: 'conjunction' }).format(names)
