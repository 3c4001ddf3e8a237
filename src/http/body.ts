import type { IncomingMessage } from 'node:http'
import { AppError } from '../errors.ts'
import type { Middleware } from './context.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads at most `limit` bytes. The rest is left unread and the connection closes after the answer. */
function readAll(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.pause()
        reject(new AppError('body_too_large', `body above ${limit} bytes`))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks, size)))
    request.on('error', (cause) => reject(new AppError('bad_request', 'body broke off', { cause })))
    request.on('aborted', () => reject(new AppError('bad_request', 'body broke off')))
  })
}

/** Two values under one name have no one meaning: what the check reads, the use might not. */
function readForm(text: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in fields) throw new AppError('bad_request', 'a form field came twice')
    fields[name] = value
  }
  return fields
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('bad_request', 'malformed JSON', { cause: (cause as Error).name })
  }
}

function textFields(json: unknown): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  if (typeof json === 'object' && json !== null) {
    for (const [name, value] of Object.entries(json)) if (typeof value === 'string') fields[name] = value
  }
  return fields
}

/**
 * Reads `application/x-www-form-urlencoded` and `application/json`, in UTF-8, into `ctx.state.body`; JSON as a whole into `ctx.state.json`.
 *
 * @param options.limit bytes, default 64 KiB: an attestation with a long chain fits, nothing of ours is larger
 * @throws AppError `bad_request` | `body_too_large` | `unsupported_media_type`
 */
export function body(options: { limit?: number } = {}): Middleware {
  const limit = options.limit ?? 64 * 1024

  return async function body(ctx, next) {
    ctx.state.body = Object.create(null) as Record<string, string>
    if (ctx.method === 'GET' || ctx.method === 'HEAD') return next()

    const [type, ...parameters] = ctx.get('Content-Type').toLowerCase().split(';').map((part) => part.trim())
    const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8).replaceAll('"', '')
    const known = type === 'application/x-www-form-urlencoded' || type === 'application/json'
    if (!known || (charset ?? 'utf-8') !== 'utf-8' || ctx.get('Content-Encoding') !== '') {
      ctx.set('Connection', 'close')
      throw new AppError('unsupported_media_type', 'neither a form nor JSON in UTF-8')
    }

    let bytes: Buffer
    try {
      if ((ctx.request.length ?? 0) > limit) throw new AppError('body_too_large', `body above ${limit} bytes`)
      bytes = await readAll(ctx.req, limit)
    } catch (error) {
      ctx.set('Connection', 'close')
      throw error
    }

    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      throw new AppError('bad_request', 'body is not UTF-8')
    }
    if (type === 'application/json') {
      ctx.state.json = readJson(text)
      ctx.state.body = textFields(ctx.state.json)
    } else ctx.state.body = readForm(text)
    await next()
  }
}
