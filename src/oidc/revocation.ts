import type { Proof } from '../policy/types.ts'
import { hashId } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'

/** What is looked at to decide whether a session, or what was granted in one, ends. */
export interface OpenSession {
  /** of the session; empty for a grant whose session is gone */
  uid: string
  proofs: Proof[]
}

export interface Revocation {
  /** Ends what an account has open: its grants with their tokens first, then its sessions. */
  endAll(accountId: string): Promise<void>
  /** Ends the sessions that `which` picks, and what they granted; resolves to how many sessions. */
  endSessions(accountId: string, which: (session: OpenSession) => boolean): Promise<number>
}

interface SessionPayload {
  uid?: string
  consumed?: number
  proofs?: Proof[]
  authorizations?: Record<string, { grantId?: string }>
}

interface GrantPayload {
  grantId?: string
  proofs?: Proof[]
}

/**
 * Works on what the engine has stored, without the engine, so that a command can do it beside a running server. A crash
 * in between leaves sessions or tokens without their grant, which give nothing; doing it again ends the rest.
 */
export function createRevocation({ artifacts, accounts, clock }: Pick<Storage, 'artifacts' | 'accounts' | 'clock'>): Revocation {
  async function sessionsOf(accountId: string) {
    const stored = await artifacts.listByAccount('Session', accountId)
    return stored.map(({ key, payload }) => ({ key, ...(payload as unknown as SessionPayload) }))
  }

  async function grantsOf(accountId: string) {
    const stored = await artifacts.listByAccount('Grant', accountId)
    return stored.map(({ key, payload }) => ({ key, ...(payload as unknown as GrantPayload) }))
  }

  async function endGrant(key: string, grantId: string | undefined): Promise<void> {
    await artifacts.destroy('Grant', key)
    if (grantId !== undefined) await artifacts.revokeByGrantId(grantId)
  }

  async function endSession(key: string): Promise<void> {
    await artifacts.destroy('Session', key)
  }

  async function interrupt(accountId: string): Promise<void> {
    await accounts.update(accountId, (account) => ({ ...account, interruptedAt: clock.now() }))
  }

  return {
    async endAll(accountId) {
      await interrupt(accountId)
      for (let round = 0; round < 2; round++) {
        const [grants, sessions] = await Promise.all([grantsOf(accountId), sessionsOf(accountId)])
        for (const { key, grantId } of grants) await endGrant(key, grantId)
        for (const { key } of sessions) await endSession(key)
      }
    },

    async endSessions(accountId, which) {
      await interrupt(accountId)
      const sessions = (await sessionsOf(accountId)).filter(({ uid = '', proofs = [] }) => which({ uid, proofs }))
      for (const { authorizations = {} } of sessions) {
        for (const { grantId } of Object.values(authorizations)) if (grantId !== undefined) await endGrant(hashId(`Grant:${grantId}`), grantId)
      }
      for (const { key } of sessions) await endSession(key)
      return sessions.length
    },
  }
}
