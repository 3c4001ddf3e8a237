/**
 * What can go wrong in a way a person or an app hears about. The code is the public name: it picks the sentence in
 * `views/locales` (`error.<code>.title`, `.text`) and the `code` of the JSON shape; everything else stays in the log.
 */
export type ErrorCode =
  | 'already_exists' // a natural key is taken
  | 'bad_request' // a form or body that our own pages never send
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'csrf' // token missing or wrong, foreign or null Origin
  | 'cookie_missing' // cookies blocked, or another browser
  | 'interaction_expired' // the page was open for too long
  | 'interaction_finished' // the sign-in is over: signed in or cancelled, in whatever tab
  | 'interaction_elsewhere' // another tab signed out, or signed somebody else in
  | 'step_done' // a screen that is not due
  | 'client_setup' // the app's request or registration is wrong
  | 'wrong_address' // the page was opened at a host that is not the issuer's
  | 'account_off' // the account is disabled
  | 'stopped_by_rule' // one of the operator's rules says no
  | 'throttled' // too much from one network
  | 'not_found'
  | 'method_not_allowed'
  | 'store_unavailable' // the store does not answer
  | 'internal'

export const statuses: Record<ErrorCode, number> = {
  already_exists: 409,
  bad_request: 400,
  body_too_large: 413,
  unsupported_media_type: 415,
  csrf: 403,
  cookie_missing: 400,
  interaction_expired: 400,
  interaction_finished: 400,
  interaction_elsewhere: 400,
  step_done: 409,
  client_setup: 400,
  wrong_address: 421,
  account_off: 403,
  stopped_by_rule: 403,
  throttled: 429,
  not_found: 404,
  method_not_allowed: 405,
  store_unavailable: 503,
  internal: 500,
}

export interface AppErrorOptions {
  /** HTTP status; defaults to the one that belongs to the code */
  status?: number
  /** values for the public sentence */
  params?: Record<string, string | number>
  /** seconds for `Retry-After` */
  retryAfter?: number
  /** the private reason: goes to the log, never to a page */
  cause?: unknown
}

/** The one error type: a public code and status, and a private cause. `message` is for the log only. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly params: Record<string, string | number>
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string = code, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = options.status ?? statuses[code]
    this.params = options.params ?? {}
    this.retryAfter = options.retryAfter
  }
}

/** Why the server cannot start, for the operator: completes "Latchkey cannot start: …" with what is wrong and what to do. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StartError'
  }
}

/** False when the natural key that it would take is taken already; any other failure is thrown on. */
export async function unlessTaken(insertion: Promise<void>): Promise<boolean> {
  try {
    await insertion
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'already_exists') return false
    throw error
  }
}

/** `ENOENT` and the like, for a sentence to the operator. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
