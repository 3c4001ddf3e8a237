import type { Configuration } from 'oidc-provider'

/**
 * The engine's calls to apps (back-channel logout, `jwks_uri`): time limit, no redirects, no private addresses. The
 * engine's dispatcher refuses those after name resolution; a loopback issuer is development, where apps are private.
 *
 * @param options.timeLimit ms, for the whole exchange; the engine's own limit for a call is kept as well
 */
export function createFetch({ loopback, timeLimit = 5_000 }: { loopback: boolean; timeLimit?: number }): NonNullable<Configuration['fetch']> {
  return (url, { dispatcher, ...options }: RequestInit & { dispatcher?: unknown } = {}) => {
    if (!loopback && !dispatcher) throw new Error('outgoing calls cannot be kept from private addresses')
    const ours = AbortSignal.timeout(timeLimit)
    const signal = options.signal ? AbortSignal.any([options.signal, ours]) : ours
    return fetch(url, { ...options, signal, redirect: 'error', ...(!loopback && { dispatcher }) } as RequestInit)
  }
}
