import type Provider from 'oidc-provider'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { EngineEvent, EngineEvents } from './types.ts'

/** Tells audit, metrics and log what happened in the engine: who, which app, which error. Never a token, code or id of a session. */
export function forwardEvents(provider: Provider, events: EngineEvents): void {
  const tell = (type: EngineEvent['type'], ctx: KoaContextWithOIDC, more: Partial<EngineEvent> = {}) => {
    const { client, session, entities, params } = ctx.oidc
    const accountId = entities.Account?.accountId ?? session?.accountId
    const grantType = params?.['grant_type']
    events.on({
      type,
      ...(client && { clientId: client.clientId }),
      ...(accountId && { accountId }),
      ...(typeof grantType === 'string' && { grantType }),
      ...more,
    })
  }
  const failure = (error: Error): Partial<EngineEvent> => ({
    error: error instanceof errors.OIDCProviderError ? error.error : 'server_error',
    cause: error,
  })

  provider.on('authorization.accepted', (ctx) => tell('authorization.accepted', ctx))
  provider.on('authorization.success', (ctx) => tell('authorization.success', ctx))
  provider.on('authorization.error', (ctx, error) => tell('authorization.error', ctx, failure(error)))
  provider.on('grant.success', (ctx) => tell('grant.success', ctx))
  provider.on('grant.error', (ctx, error) => tell(reused(error) ? 'refresh_token.reuse' : 'grant.error', ctx, failure(error)))
  provider.on('grant.revoked', (ctx) => tell('grant.revoked', ctx))
  provider.on('end_session.success', (ctx) => tell('end_session.success', ctx))
  provider.on('backchannel.success', (ctx, client, accountId) => tell('backchannel.success', ctx, { clientId: client.clientId, ...(accountId && { accountId }) }))
  provider.on('backchannel.error', (ctx, error, client, accountId) =>
    tell('backchannel.error', ctx, { clientId: client.clientId, ...(accountId && { accountId }), cause: error }))
  provider.on('server_error', (ctx, error) => tell('server_error', ctx, failure(error)))
}

function reused(error: errors.OIDCProviderError): boolean {
  return error.error_detail === 'refresh token already used'
}
