import type { Configuration } from 'oidc-provider'

/** ms, for the whole exchange */
const timeLimit = 5_000

/**
 * The engine's calls to apps (back-channel logout, `jwks_uri`): time limit, no redirects, no private addresses. The
 * engine's dispatcher refuses those after name resolution; a loopback issuer is development, where apps are private.
 */
export function createFetch({ loopback }: { loopback: boolean }): NonNullable<Configuration['fetch']> {
  return (url, { dispatcher, ...options }: RequestInit & { dispatcher?: unknown } = {}) => {
    if (!loopback && !dispatcher) throw new Error('outgoing calls cannot be kept from private addresses')
    const signal = options.signal ?? AbortSignal.timeout(timeLimit)
    return fetch(url, { ...options, signal, redirect: 'error', ...(!loopback && { dispatcher }) } as RequestInit)
  }
}
