/** FACE for machines: is the process alive, may it get traffic, how is it doing. */
import { createServer, type Server } from 'node:http'
import { Router } from '@koa/router'
import { AppError } from '../errors.ts'
import type { Context, State } from '../http/context.ts'
import { isLoopbackAddress, isLoopbackHostHeader } from '../http/network.ts'
import { cameThroughProxy } from '../http/trusted-proxies.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Storage } from '../storage/types.ts'

export interface OpsDeps {
  storage: Pick<Storage, 'ping'>
  metrics: Pick<Metrics, 'render' | 'contentType'>
  /** true from SIGTERM on: the balancer takes this process out while it finishes */
  draining: () => boolean
}

/** A store that does not answer must not make the probe hang as well. */
const pingLimit = 2000

async function whyNotReady({ storage, draining }: OpsDeps): Promise<string | undefined> {
  if (draining()) return 'stopping'
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, pingLimit, `the store has not answered for ${pingLimit / 1000} s`)
  })
  try {
    return await Promise.race([storage.ping().then(() => undefined), late])
  } catch {
    return 'the store does not answer'
  } finally {
    clearTimeout(timer)
  }
}

function line(ctx: Context, status: number, text: string): void {
  ctx.status = status
  ctx.type = 'text/plain; charset=utf-8'
  ctx.set('Cache-Control', 'no-store')
  ctx.body = `${text}\n`
}

/**
 * `/healthz`: 200 while the process answers at all; restarting it would not bring a store back, so none is asked.
 * `/readyz`: 503 with one line saying why not. `/metrics`: for this machine only; other collectors use
 * `server.metricsPort`, which the operator's network keeps from the public.
 */
export function opsRoutes(deps: OpsDeps): Router<State> {
  const router = new Router<State>({ sensitive: true })
  router.get('/healthz', (ctx) => line(ctx, 200, 'alive'))
  router.get('/readyz', async (ctx) => {
    const reason = await whyNotReady(deps)
    line(ctx, reason === undefined ? 200 : 503, reason === undefined ? 'ready' : `not ready: ${reason}`)
  })
  router.get('/metrics', async (ctx) => {
    // A proxy on this machine is a loopback peer too, but what it passes on came from elsewhere; so did a page whose
    // own host name leads here (DNS rebinding).
    if (cameThroughProxy(ctx.req) || !isLoopbackAddress(ctx.req.socket.remoteAddress) || !isLoopbackHostHeader(ctx.req.headers.host)) throw new AppError('not_found', 'metrics asked for from elsewhere')
    ctx.set('Content-Type', deps.metrics.contentType)
    ctx.body = await deps.metrics.render()
  })
  return router
}

/** Answers `/metrics` on a port of its own (`server.metricsPort`). Not listening yet. */
export function createMetricsServer(metrics: Pick<Metrics, 'render' | 'contentType'>): Server {
  return createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    metrics.render().then(
      (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
}
