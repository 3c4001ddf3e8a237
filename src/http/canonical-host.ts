import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import type { Middleware } from './context.ts'
import { isLoopbackHostHeader } from './network.ts'

/** Asked by machines under whatever address they know, or guarded by `developmentOnly`, which answers strangers by 404. */
const exempt = /^\/(healthz|readyz|metrics|dev|demo)(\/|$)/

/**
 * Passkeys, cookies and the issuer in tokens belong to one origin. A page asked for elsewhere is fetched again from
 * there; a POST is refused, since its cookies are at the other address.
 */
export function canonicalHost(config: Pick<Config, 'issuer' | 'loopback'>): Middleware {
  const issuer = new URL(config.issuer)
  const scheme = issuer.protocol.slice(0, -1)

  return async function canonicalHost(ctx, next) {
    if ((ctx.host === issuer.host && ctx.protocol === scheme) || exempt.test(ctx.path)) return next()
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      // The one page of ours that everybody may open: there is none at the bare address.
      throw new AppError('wrong_address', 'not the issuer', { params: { host: issuer.host, url: `${config.issuer}/account` } })
    }
    // Not permanent: the configured issuer may change, a cached redirect would not.
    ctx.status = 302
    // Put together as text: resolving `//evil` or `/\\evil` against an origin would leave it.
    ctx.set('Location', issuer.origin + (ctx.url.startsWith('/') ? ctx.url : '/'))
  }
}

/** The demo and the development pages at `127.0.0.1`, when the issuer is `localhost`: the same page there. */
export function isOtherLoopbackName(host: string, issuer: string): boolean {
  return host !== new URL(issuer).host && isLoopbackHostHeader(host)
}
