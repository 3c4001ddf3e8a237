import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Middleware } from 'koa'
import Provider from 'oidc-provider'
import type { Clock } from '../storage/types.ts'

/** What the adapter knows of the HTTP request that it works for. */
export interface EngineRequest {
  /** ms by the store's clock */
  arrivedAt: number
  connection: Socket
  /** the answer was handed to the system, or its connection is gone */
  onReply(done: () => void): void
  /** its writes that nothing waits for yet */
  writes: Promise<void>[]
  /** answered or failed, and every write settled: nothing comes of it any more */
  over: boolean
}

const requests = new WeakMap<IncomingMessage, EngineRequest>()

/** The request that an engine route is answering now; undefined elsewhere. */
export function currentRequest(): EngineRequest | undefined {
  const ctx = Provider.ctx
  return ctx && requests.get(ctx.req)
}

/**
 * The engine waits for each of its writes before it goes on. Inside a request they are only queued, so that the store
 * makes one commit of them; the answer waits for all, and is an error when one of them failed.
 */
export async function queue(write: Promise<void>): Promise<void> {
  const request = currentRequest()
  if (!request) return write
  write.catch(() => {}) // the answer will hear of it
  request.writes.push(write)
}

export function trackRequests(clock: Clock): Middleware {
  return async function trackRequest(ctx, next) {
    const request: EngineRequest = { arrivedAt: clock.now(), connection: ctx.req.socket, onReply: (done) => ctx.res.once('close', done), writes: [], over: false }
    requests.set(ctx.req, request)
    try {
      await next()
    } finally {
      await Promise.allSettled(request.writes)
      request.over = true
      await Promise.all(request.writes)
    }
  }
}
