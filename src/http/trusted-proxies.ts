import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Config } from '../config/schema.ts'
import type { Middleware } from './context.ts'
import { addressMatcher } from './network.ts'

/** Everything that a proxy may say about the request it passes on. */
const forwardedHeader = /^(forwarded|via|x-real-ip|x-forwarded-.+|x-original-.+|cf-connecting-ip|true-client-ip)$/

/** As the request came in: whether somebody says that they passed it on, believed or not. */
export function cameThroughProxy({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.some((name, index) => index % 2 === 0 && forwardedHeader.test(name.toLowerCase()))
}

/** Some proxies add the port of their peer, which would make each connection a network of its own. */
function addressOf(hop: string): string | undefined {
  const text = hop.trim()
  const address = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)?.[1] ?? /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? text
  return isIP(address) === 0 ? undefined : address
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
      const hops = String(headers['x-forwarded-for'] ?? '').split(',').map(addressOf)
      const client = hops[Math.max(0, hops.findLastIndex((hop) => !isTrusted(hop)))]
      // What is no address ends the chain: nobody vouches for what stands to the left of it.
      if (client === undefined) delete headers['x-forwarded-for']
      else headers['x-forwarded-for'] = client
    } else {
      for (const name in headers) if (forwardedHeader.test(name)) delete headers[name]
    }
    headers['x-forwarded-proto'] ??= scheme
    await next()
  }
}
