import { isEnded } from '../accounts/ended.ts'
import type { Proof } from '../policy/types.ts'
import type { Json, Storage } from '../storage/types.ts'
import type { AppSession } from './types.ts'

/** What is looked at to decide whether a session, or what was granted in one, ends. */
export interface OpenSession {
  /** of the session; empty for what was granted in a session that is over */
  uid: string
  proofs: Proof[]
}

export interface Revocation {
  /** Ends what an account has open: its grants with their tokens first, then its sessions. Sign-ins under way come to nothing. */
  endAll(accountId: string): Promise<void>
  /** Where an account is signed in, the oldest first. */
  listSessions(accountId: string): Promise<ListedSession[]>
  /** What an account has granted, by app, the longest first. */
  listGrants(accountId: string): Promise<GrantedApp[]>
  /** The apps that may go on by themselves although the session in which they were granted that is over. */
  listLeft(accountId: string): Promise<GrantedApp[]>
  /** Ends all that an app was granted by an account: its codes, refresh tokens and opaque access tokens. Resolves to whether there was anything. */
  endGrants(accountId: string, clientId: string): Promise<boolean>
  /** Ends the sessions that `which` picks, and what was granted in them; resolves to how many sessions. */
  endSessions(accountId: string, which: (session: OpenSession) => boolean): Promise<number>
  /** Ends one session, also where a request under way is just writing it; resolves to whether there was one. */
  endSession(accountId: string, uid: string): Promise<boolean>
  /** Ends every session but `keeps`, and what was granted in any other, over or not; sign-ins under way are asked anew. */
  endOthers(accountId: string, keeps: string): Promise<void>
}

/** `since` in ms; `sid`: what the app knows the session by (OpenID Connect Back-Channel Logout 2.1) */
export interface ListedSession extends OpenSession {
  since: number
  apps: AppSession[]
}

/** What an app may do, over all sessions in which it was granted. `since` in ms. */
export interface GrantedApp {
  clientId: string
  since: number
  /** of OpenID Connect, and of resources, without their names */
  scopes: string[]
}

interface Stored {
  key: string
  uid?: string
  proofs?: Proof[]
  /** ms: it was ended */
  consumed?: number
  /** of a grant: what its tokens name */
  grantId?: string
  clientId?: string
  /** seconds */
  iat?: number
  openid?: { scope?: string }
  resources?: Record<string, string>
  /** of a session: what it granted, by client */
  authorizations?: Record<string, { grantId?: string; sid?: string }>
}

/** seconds: how long a JWT access token outlives a disabled account or a sign-out */
export const jwtLife = 5 * 60
/** sessions that were ended by themselves: more than anybody ends while one request is under way */
const endedKept = 50
/** ms: longer than any request that is still under way */
const markLife = 60 * 60 * 1000

/**
 * Works on what the engine has stored, without the engine, so that a command can do it beside a running server. What
 * ends leaves a mark in its place: every request writes its session back, and one that is under way must not revive it.
 * A crash in between leaves sessions and tokens without their grant, which give nothing; doing it again ends the rest.
 */
export function createRevocation({ artifacts, accounts, clock }: Pick<Storage, 'artifacts' | 'accounts' | 'clock'>): Revocation {
  async function list(model: 'Session' | 'Grant', accountId: string): Promise<Stored[]> {
    const stored = await artifacts.listByAccount(model, accountId)
    return stored.map(({ key, payload }) => ({ ...(payload as { [name: string]: Json }), key }))
  }

  /** What still counts: nothing does of what a request wrote that was under way when it was ended, nor a session in which nothing is proven any more. */
  async function listOpen(accountId: string): Promise<Stored[]> {
    const [account, sessions] = await Promise.all([accounts.get(accountId), list('Session', accountId)])
    const isOpen = ({ consumed, uid, proofs = [] }: Stored) => consumed === undefined && uid !== undefined && !(account && isEnded(account, uid, proofs))
    return sessions.filter(isOpen)
  }

  const mark = (model: 'Session' | 'Grant', key: string): Promise<void> =>
    artifacts.upsert(model, key, { consumed: clock.now() }, {}, clock.now() + markLife)

  async function endGrant(key: string, grantId: string | undefined): Promise<void> {
    await mark('Grant', key)
    if (grantId !== undefined) await artifacts.revokeByGrantId(grantId)
  }

  async function end(accountId: string, which: (session: OpenSession) => boolean): Promise<number> {
    const sessions = await list('Session', accountId)
    const ending = new Set(sessions.filter(({ uid = '', proofs = [] }) => which({ uid, proofs })))
    const sessionOf = new Map(sessions.flatMap((session) => grantsIn(session).map((grantId) => [grantId, session])))
    const grants = await list('Grant', accountId)
    for (const { key, grantId, proofs = [] } of grants) {
      // An app may go on without a session: such a grant is judged by what it was given by.
      const session = sessionOf.get(grantId ?? '')
      if (session ? ending.has(session) : which({ uid: '', proofs })) await endGrant(key, grantId)
    }
    for (const session of ending) {
      // Tokens whose grant was ended by a process that died before it came to them.
      for (const grantId of grantsIn(session)) if (!grants.some((grant) => grant.grantId === grantId)) await artifacts.revokeByGrantId(grantId)
      await mark('Session', session.key)
    }
    return ending.size
  }

  /** Once more, for what was written meanwhile. */
  const endTwice = async (accountId: string, which: (session: OpenSession) => boolean): Promise<number> =>
    (await end(accountId, which)) + (await end(accountId, which))

  return {
    async endAll(accountId) {
      await accounts.update(accountId, (account) => ({ ...account, endedAt: clock.now() }))
      await endTwice(accountId, () => true)
    },
    endSessions: endTwice,
    async endSession(accountId, uid) {
      await accounts.update(accountId, (account) => ({ ...account, endedSessions: [...(account.endedSessions ?? []), uid].slice(-endedKept) }))
      return (await endTwice(accountId, (session) => session.uid === uid)) > 0
    },
    async endOthers(accountId, keeps) {
      await accounts.update(accountId, (account) => ({ ...account, endedElsewhere: { at: clock.now(), keeps } }))
      await endTwice(accountId, ({ uid }) => uid !== keeps)
    },
    async listSessions(accountId) {
      return (await listOpen(accountId)).map(({ uid = '', iat = 0, proofs = [], authorizations = {} }) => ({
        uid,
        proofs,
        since: iat * 1000,
        apps: Object.entries(authorizations).map(([clientId, { sid = '' }]) => ({ clientId, sid })),
      }))
    },
    listGrants: async (accountId) => byApp(await list('Grant', accountId)),
    async listLeft(accountId) {
      const [open, grants] = await Promise.all([listOpen(accountId), list('Grant', accountId)])
      const held = new Set(open.flatMap(grantsIn))
      return byApp(grants.filter(({ grantId = '' }) => !held.has(grantId))).filter(({ scopes }) => scopes.includes('offline_access'))
    },
    async endGrants(accountId, clientId) {
      let ended = 0
      // Once more, for what was written meanwhile.
      for (let round = 0; round < 2; round++) {
        for (const grant of await list('Grant', accountId)) {
          if (grant.clientId !== clientId) continue
          await endGrant(grant.key, grant.grantId)
          ended++
        }
      }
      return ended > 0
    },
  }
}

function byApp(grants: Stored[]): GrantedApp[] {
  const apps = new Map<string, GrantedApp>()
  for (const { clientId, iat = 0, openid, resources = {}, consumed } of grants) {
    // The mark of one that was ended.
    if (clientId === undefined || consumed !== undefined) continue
    const before = apps.get(clientId)
    const scopes = [openid?.scope ?? '', ...Object.values(resources)].flatMap((text) => text.split(' ')).filter((scope) => scope !== '')
    apps.set(clientId, { clientId, since: Math.min(before?.since ?? Infinity, iat * 1000), scopes: [...new Set([...(before?.scopes ?? []), ...scopes])] })
  }
  return [...apps.values()].toSorted((a, b) => a.since - b.since)
}

const grantsIn = ({ authorizations = {} }: Stored): string[] => Object.values(authorizations).flatMap(({ grantId }) => grantId ?? [])
