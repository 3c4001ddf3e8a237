import { type Context, type Middleware, routeOf } from './context.ts'
import type { Log } from './log.ts'
import { newReference } from './reference.ts'

export interface FinishedRequest {
  method: string
  /** route pattern; `none` when nothing matched */
  route: string
  status: number
  seconds: number
}

/**
 * Outermost middleware: gives the request its reference, and writes one line when the answer is ready. The line has the
 * route's pattern and nothing that was sent: paths and queries carry tickets, codes and addresses.
 */
export function requestLog(options: { log: Log; observe?: (request: FinishedRequest) => void }): Middleware {
  return async function requestLog(ctx: Context, next) {
    const startedAt = performance.now()
    ctx.state.reference = newReference()
    try {
      await next()
    } finally {
      const { method, status } = ctx
      const route = routeOf(ctx)
      const ms = performance.now() - startedAt
      options.observe?.({ method, route, status, seconds: ms / 1000 })
      options.log.info({ reference: ctx.state.reference, method, route, status, ms: Math.round(ms * 10) / 10 }, 'request')
    }
  }
}
