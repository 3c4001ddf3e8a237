import type Provider from 'oidc-provider'
import { proofStands } from '../accounts/may-authenticate.ts'
import { createIsOver, type AccountSource } from './accounts.ts'
import { proofsOf } from './sessions.ts'
import type { SessionOf } from './types.ts'

/**
 * The engine's own session, read from its cookie as the engine reads it: one that was ended, ran out or was frozen is
 * none with the next request, and an account that may not sign in has none.
 */
export function createSessionOf({ provider, accounts }: { provider: Provider; accounts: AccountSource }): SessionOf {
  const isOver = createIsOver(accounts)

  return async function sessionOf(ctx) {
    const id = ctx.cookies.get(provider.cookieName('session'), { signed: true })
    const session = id === undefined ? undefined : await provider.Session.find(id)
    if (session?.accountId === undefined) return undefined
    const account = await accounts.get(session.accountId)
    if (!accounts.mayAuthenticate(account)) return undefined
    const proofs = proofsOf(session).filter((proof) => proofStands(account, proof))
    if (proofs.length === 0 || (await isOver(account, proofs, session.uid))) return undefined
    return { account, uid: session.uid, proofs }
  }
}
