import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Logger

export interface LogOptions {
  level?: string
  /** default: standard output, written without blocking the event loop */
  destination?: DestinationStream
}

/** Fields that open something. They never reach a log call on purpose; this is for the day one does by accident. */
const secretFields = new Set([
  'code',
  'csrf',
  'cookie',
  'cookies',
  'authorization',
  'password',
  'secret',
  'client_secret',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'code_verifier',
  'identifier',
  'email',
  'to',
])

/** In the line and in plain objects on it. By hand: pino's own way costs six times the rest of a line. */
function hideSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  let hidden = fields
  for (const name in fields) {
    const value = fields[name]
    const shown = secretFields.has(name) ? '[redacted]' : isPlainObject(value) ? hideSecrets(value) : value
    if (shown === value) continue
    if (hidden === fields) hidden = { ...fields }
    hidden[name] = shown
  }
  return hidden
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** characters: the search for addresses takes the square of it */
const longest = 2_000

/** Full identifiers and query strings that libraries quote in their messages. */
export function scrub(text: string): string {
  return text.slice(0, longest).replace(/[^\s@<>"'(),;:=]+@[^\s@<>"'(),;:]+/g, '[email]').replace(/\?[^\s"')]*=[^\s"')]*/g, '?[query]')
}

interface LoggedError {
  type: string
  message: string
  errorCode?: string
  stack?: string
  cause?: LoggedError
}

/** Type, message, code, stack and causes; no other property, since libraries hang requests and bodies on errors. */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: scrub(error.message),
    ...(typeof code === 'string' && { errorCode: code }),
    ...(error.stack !== undefined && { stack: scrub(error.stack) }),
    ...(error.cause !== undefined && depth < 4 && { cause: serializeError(error.cause, depth + 1) }),
  }
}

export function createLog(options: LogOptions = {}): Log {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: hideSecrets },
      serializers: { err: serializeError },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  )
}
