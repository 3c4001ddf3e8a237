import type Provider from 'oidc-provider'
import type { AppSession, EngineLog } from './types.ts'

interface Told {
  backchannelLogoutUri?: string
  backchannelLogout(sub: string, sid: string): Promise<void>
}

/**
 * Tells apps that a session at them is over (OpenID Connect Back-Channel Logout 1.0), as the engine does at a sign-out of
 * the browser itself. Resolves to the apps that did not answer, by client id; never rejects. Each has the time limit of
 * every outgoing call.
 */
export function createTellApps(provider: Provider, log: EngineLog) {
  return async function tellApps(accountId: string, sessions: AppSession[]): Promise<string[]> {
    const outcomes = await Promise.all(sessions.map(async ({ clientId, sid }) => {
      const client = (await provider.Client.find(clientId)) as unknown as Told | undefined
      if (!client?.backchannelLogoutUri) return undefined
      try {
        await client.backchannelLogout(accountId, sid)
        return undefined
      } catch (err) {
        log.warn({ err, clientId }, 'an app was not told of a sign-out')
        return clientId
      }
    }))
    return [...new Set(outcomes.filter((clientId) => clientId !== undefined))]
  }
}
