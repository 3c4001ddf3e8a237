/**
 * A receiver for Latchkey's text messages: checks who calls, drops repeats, and hands the text to whoever sends it.
 * Copy it and put your provider's call into `handOn`. Node 24 and nothing else is needed:
 *
 *   SMS_SECRET=… PORT=8025 node sms-receiver.ts        (SMS_SECRET_BEFORE: the one that was changed)
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'

export interface Text {
  /** the same when Latchkey calls again because an answer was lost */
  id: string
  /** E.164: `+447911123456` */
  to: string
  text: string
  channel: 'sms' | 'whatsapp'
  /** when it was asked for, ms since 1970 */
  at: number
}

export interface ReceiverOptions {
  /** the secrets that Latchkey may sign with: two while you change it */
  secrets: string[]
  /** sends the text; `'refused'`: this number never gets it, so that Latchkey does not try again */
  handOn(text: Text): Promise<void | 'refused'>
  now?: () => number
}

/** An older call may be one that somebody recorded. */
const tolerance = 5 * 60_000
const longestBody = 10_000

export function createReceiver({ secrets, handOn, now = Date.now }: ReceiverOptions): RequestListener {
  // ids of the last minutes and what became of them; with several receivers this belongs into a store that they share
  const seen = new Map<string, { at: number; result: Promise<void | 'refused'> }>()

  async function answer(request: IncomingMessage): Promise<number> {
    if (request.method !== 'POST') return 405
    const body = await read(request)
    if (body === undefined) return 413
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers
    if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return 401
    if (!/^\d+$/.test(timestamp) || Math.abs(now() - Number(timestamp) * 1000) > tolerance) return 401
    if (!secrets.some((secret) => isSigned(signature, secret, `${id}.${timestamp}.${body}`))) return 401

    const text = JSON.parse(body) as Text
    for (const [old, { at }] of seen) if (now() - at > 2 * tolerance) seen.delete(old)
    const { result } = seen.get(id) ?? { result: handOn(text) }
    seen.set(id, { at: now(), result })
    try {
      return (await result) === 'refused' ? 422 : 204
    } catch {
      // not sent: Latchkey will call again
      seen.delete(id)
      return 503
    }
  }

  return (request, response) => {
    answer(request).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    )
  }
}

/** `webhook-signature` may hold several, separated by blanks: `v1,<base64 of HMAC-SHA-256>` */
function isSigned(signatures: string, secret: string, content: string): boolean {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret
  const expected = createHmac('sha256', key).update(content).digest()
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(/^v1,(.+)$/.exec(signature)?.[1] ?? '', 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/** undefined: longer than any text is */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > longestBody) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Your provider's call goes here. */
async function handOn({ to, text, channel }: Text): Promise<void> {
  console.log(`${channel} to ${to}:\n${text}`)
}

if (import.meta.main) {
  const secrets = [process.env['SMS_SECRET'], process.env['SMS_SECRET_BEFORE']].filter((secret) => secret !== undefined && secret !== '') as string[]
  if (secrets.length === 0) throw new Error('SMS_SECRET is missing: the sms.secret of latchkey.yaml')
  const server = createServer(createReceiver({ secrets, handOn })).listen(Number(process.env['PORT'] ?? 8025), '127.0.0.1', () => {
    const address = server.address()
    console.log(`listening on port ${typeof address === 'object' && address ? address.port : address}`)
  })
}
