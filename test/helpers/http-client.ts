import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Asked {
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string
}

/** One HTTP request with exactly these headers: fetch() adds and forbids some of its own. */
export type Send = (url: URL, asked?: Asked) => Promise<Answer>

export function createHttpClient({ connections = Infinity } = {}): { send: Send; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })

  const send: Send = (url, { method = 'GET', headers = {}, body } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const outgoing = request(url, { method, agent, headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) } })
    outgoing.once('error', reject)
    outgoing.once('response', incoming => {
      text(incoming).then(body => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }), reject)
    })
    outgoing.end(body)
    return promise
  }

  return { send, close: () => agent.destroy() }
}
