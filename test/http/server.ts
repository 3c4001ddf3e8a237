/** A koa app of the middleware under test on a free port, and requests whose every header the test decides. */
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Router } from '@koa/router'
import type { ExecutionContext } from 'ava'
import Koa from 'koa'
import type { Middleware, State } from '../../src/http/context.ts'
import { errors } from '../../src/http/errors.ts'
import { createLog, type Log } from '../../src/http/log.ts'
import { requestLog } from '../../src/http/request-log.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  json: { [key: string]: unknown }
}

export interface Sent {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

export interface TestServer {
  port: number
  issuer: string
  log: Log
  lines: { [key: string]: unknown }[]
  /** everything logged, as text */
  logged(): string
  send(path: string, sent?: Sent): Promise<Answer>
}

/** `middleware` runs inside the request log and the error handler, as in the application. */
export async function serve(t: ExecutionContext, make: (server: TestServer) => Middleware[]): Promise<TestServer> {
  const lines: TestServer['lines'] = []
  let text = ''
  const log = createLog({
    destination: {
      write(line: string) {
        text += line
        lines.push(JSON.parse(line) as { [key: string]: unknown })
      },
    },
  })
  const app = new Koa<State>()
  app.proxy = true
  app.silent = true
  const http = createServer({ keepAliveTimeout: 75_000 })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => http.close().closeAllConnections())
  const { port } = http.address() as AddressInfo

  const server: TestServer = {
    port,
    issuer: `http://localhost:${port}`,
    log,
    lines,
    logged: () => text,
    send: (path, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, path, method, headers: { host: `localhost:${port}`, ...headers } }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const bytes = Buffer.concat(chunks)
            const answer = { status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() }
            resolve({
              ...answer,
              get json() {
                return JSON.parse(answer.text) as { [key: string]: unknown }
              },
            })
          })
        })
        sent.on('error', reject)
        sent.end(body)
      }),
  }
  app.use(requestLog({ log }))
  app.use(errors({ log, render: (_ctx, error, reference, time) => `<h1>${error.code}</h1><p>${reference} · ${time}</p>` }))
  for (const one of make(server)) app.use(one)
  http.on('request', app.callback())
  return server
}

/** A router among them: its own context type says more than koa's. */
export function mount(router: Router<State>): Middleware {
  return router.routes() as Middleware
}

/** Answers with what the middleware before it put on the state. */
export const echo: Middleware = (ctx) => {
  const { body, device, locale } = ctx.state
  ctx.body = { body, device, locale, ip: ctx.ip, protocol: ctx.protocol, host: ctx.host }
}

export const asHtml = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
