import type { Proof } from '../policy/types.ts'
import type { Json, Storage } from '../storage/types.ts'

/** What is looked at to decide whether a session, or what was granted in one, ends. */
export interface OpenSession {
  /** of the session; empty for what was granted in a session that is over */
  uid: string
  proofs: Proof[]
}

export interface Revocation {
  /** Ends what an account has open: its grants with their tokens first, then its sessions. Sign-ins under way come to nothing. */
  endAll(accountId: string): Promise<void>
  /** Ends the sessions that `which` picks, and what was granted in them; resolves to how many sessions. */
  endSessions(accountId: string, which: (session: OpenSession) => boolean): Promise<number>
}

interface Stored {
  key: string
  uid?: string
  proofs?: Proof[]
  /** of a grant: what its tokens name */
  grantId?: string
  /** of a session: what it granted, by client */
  authorizations?: Record<string, { grantId?: string }>
}

/** seconds: how long a JWT access token outlives a disabled account or a sign-out */
export const jwtLife = 5 * 60
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
  }
}

const grantsIn = ({ authorizations = {} }: Stored): string[] => Object.values(authorizations).flatMap(({ grantId }) => grantId ?? [])
