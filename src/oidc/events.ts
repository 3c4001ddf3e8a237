import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { EngineEvent, EngineEvents } from './types.ts'

/** What refresh token reuse is called in the error that answers it. */
const reuse = 'refresh token already used'

/** Tells audit and log what happened in the engine: who and which app. Never a token, code or id of a session. */
export function forwardEvents(provider: Provider, events: EngineEvents): void {
  const tell = (type: EngineEvent['type'], { oidc }: KoaContextWithOIDC, cause?: Error) => {
    const { client, session, entities } = oidc
    const accountId = entities.Account?.accountId ?? session?.accountId
    events.on({ type, ...(client && { clientId: client.clientId }), ...(accountId && { accountId }), ...(cause && { cause }) })
  }
  provider.on('grant.error', (ctx, error) => {
    if (error.error_detail === reuse) tell('refresh_token.reuse', ctx)
  })
  provider.on('end_session.success', (ctx) => {
    // Without `logout` the person stays signed in here, and only the app's part of the session ends.
    if (ctx.oidc.params?.['logout']) tell('end_session.success', ctx)
  })
  provider.on('server_error', (ctx, error) => tell('server_error', ctx, error))
}
