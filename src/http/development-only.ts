import { AppError } from '../errors.ts'
import type { Middleware } from './context.ts'
import { isLoopbackAddress, isLoopbackHostHeader } from './network.ts'
import { cameThroughProxy } from './trusted-proxies.ts'

/**
 * For pages that hand out everybody's codes: only this machine's own browser sees them. The Host is checked against DNS
 * rebinding, the headers as they came in against tunnels and proxies on this machine. To everybody else: 404.
 */
export const developmentOnly: Middleware = async function developmentOnly(ctx, next) {
  const { headers, socket } = ctx.req
  if (cameThroughProxy(ctx.req) || !isLoopbackAddress(socket.remoteAddress) || !isLoopbackHostHeader(headers.host)) {
    throw new AppError('not_found', 'development page asked for from elsewhere')
  }
  await next()
}
