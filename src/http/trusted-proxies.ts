import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/schema.ts'
import type { Middleware } from './context.ts'
import { addressMatcher } from './network.ts'

/** Everything that a proxy may say about the request it passes on. */
const forwardedHeader = /^(forwarded|via|x-real-ip|x-forwarded-.+|x-original-.+|cf-connecting-ip|true-client-ip)$/

/** As the request came in: whether somebody says that they passed it on, believed or not. */
export function cameThroughProxy({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.some((name, index) => index % 2 === 0 && forwardedHeader.test(name.toLowerCase()))
}

/**
 * Believes forwarded headers from the configured proxies alone, and drops them otherwise. Needs `app.proxy = true`, so
 * that koa reads what is left here: `X-Forwarded-For` is reduced to the one address that the nearest proxies vouch for
 * (a client can put anything to the left of it). Without `X-Forwarded-Proto` the issuer's scheme holds.
 */
export function trustedProxies(config: Pick<Config, 'issuer' | 'server'>): Middleware {
  const { trustedProxies: proxies } = config.server
  const isTrusted = proxies.length === 0 ? () => false : addressMatcher(proxies)
  const scheme = new URL(config.issuer).protocol.slice(0, -1)

  return async function trustedProxies(ctx, next) {
    const { headers, socket } = ctx.req
    const trusted = isTrusted(socket.remoteAddress)
    if (trusted) {
      const hops = String(headers['x-forwarded-for'] ?? '').split(',').map((hop) => hop.trim())
      const client = hops.findLast((hop) => !isTrusted(hop)) ?? hops[0]
      if (client === undefined || client === '') delete headers['x-forwarded-for']
      else headers['x-forwarded-for'] = client
    } else {
      for (const name in headers) if (forwardedHeader.test(name)) delete headers[name]
    }
    headers['x-forwarded-proto'] ??= scheme
    await next()
  }
}
