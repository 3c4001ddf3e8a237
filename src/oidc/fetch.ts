import type { Configuration } from 'oidc-provider'
import { applySSRFProtection } from 'oidc-provider/lib/helpers/fetch_request.js'

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

/**
 * The same for calls of our own, to addresses that the operator configured: what keeps the engine's calls from private
 * addresses keeps these.
 *
 * @param options.privateNetwork the address may be private
 * @param options.timeLimit ms, for the whole exchange
 */
export function createOutgoing({ privateNetwork, timeLimit }: { privateNetwork: boolean; timeLimit: number }): (url: string, options: RequestInit) => Promise<Response> {
  const call = createFetch({ loopback: privateNetwork, timeLimit })
  if (privateNetwork) return async (url, options) => call(url, options)
  const dispatcher = applySSRFProtection(new (agent())())
  return async (url, options) => call(url, { ...options, dispatcher } as RequestInit)
}

/** What `fetch` itself uses: Node has no other way to get at it, and makes it only once `fetch` was touched. */
function agent(): new () => object {
  void globalThis.Response
  const shared = [2, 1].map((version) => Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`)) as object | undefined).find(Boolean)
  if (!shared) throw new Error('outgoing calls cannot be kept from private addresses')
  return shared.constructor as new () => object
}
