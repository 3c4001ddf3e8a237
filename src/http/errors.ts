import { AppError, type ErrorCode } from '../errors.ts'
import { type Context, type Middleware, routeOf } from './context.ts'
import { type Log, scrub } from './log.ts'
import { type Html, sendPage } from './reply.ts'

/** Draws the error page. `time` is for people and for finding the log line: `2026-11-22 12:54:08 UTC`. */
export type RenderError = (ctx: Context, error: AppError, reference: string, time: string) => Html | Promise<Html>

/** Now, as the log and error pages write it. */
export const errorTime = (): string => `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** For programs: what the page says in a person's words. */
const descriptions: Record<ErrorCode, string> = {
  already_exists: 'it exists already',
  bad_request: 'the request is malformed',
  body_too_large: 'the request body is too large',
  unsupported_media_type: 'the request body has a type that is not accepted here',
  csrf: 'the request did not come from a page of this site, or that page is too old',
  cookie_missing: 'the cookie of this sign-in is missing',
  interaction_expired: 'the sign-in took too long and has ended',
  interaction_finished: 'the sign-in is finished',
  interaction_elsewhere: 'the sign-in went on elsewhere',
  step_done: 'this step is not due',
  client_setup: 'the app is set up wrongly',
  wrong_address: 'this address does not serve the issuer',
  account_off: 'the account is switched off',
  stopped_by_rule: 'a rule of this server does not let this go on',
  throttled: 'too many requests from this network',
  not_found: 'nothing here',
  method_not_allowed: 'the method is not allowed here',
  store_unavailable: 'not available at the moment',
  internal: 'something went wrong on our side',
}

const codesByStatus: { [status: number]: ErrorCode } = {
  400: 'bad_request',
  403: 'csrf',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  501: 'method_not_allowed',
}

/** What koa and its parts throw (`http-errors`: a status that may be shown) keeps its status; everything else is ours. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { expose, status, message } = (error ?? {}) as { expose?: unknown; status?: unknown; message?: unknown }
  const code = expose === true && typeof status === 'number' ? codesByStatus[status] : undefined
  if (code !== undefined) return new AppError(code, String(message))
  return new AppError('internal', 'unexpected error', { cause: error })
}

/**
 * Turns what was thrown, or an answer nobody gave, into our page or `{ error, error_description, reference }`. The engine
 * renders the errors of its own routes (`EnginePages.error`) and they never arrive here.
 */
export function errors({ render, log }: { render: RenderError; log: Log }): Middleware {
  async function answer(ctx: Context, error: AppError): Promise<void> {
    const { reference } = ctx.state
    const line = { reference, route: routeOf(ctx), error: error.code }
    if (error.status >= 500) log.error({ ...line, err: error }, 'request failed')
    else log.info({ ...line, reason: scrub(error.message), ...(error.cause !== undefined && { err: error.cause }) }, 'request refused')
    if (ctx.headerSent || !ctx.writable) return

    for (const header of ['Content-Encoding', 'ETag', 'Last-Modified', 'Location', 'Refresh']) ctx.remove(header)
    ctx.set('Cache-Control', 'no-store')
    if (error.retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(error.retryAfter)))
    if (ctx.accepts('json', 'html') === 'html') {
      sendPage(ctx, await render(ctx, error, reference, errorTime()), error.status)
    } else {
      ctx.status = error.status
      ctx.body = { error: error.code, error_description: descriptions[error.code], reference }
    }
  }

  return async function errors(ctx, next) {
    try {
      await next()
      const unanswered = ctx.status >= 400 && (ctx.body === undefined || ctx.body === null) && ctx.respond !== false
      const code = unanswered ? codesByStatus[ctx.status] : undefined
      if (code !== undefined) throw new AppError(code, 'no answer')
    } catch (thrown) {
      try {
        await answer(ctx, toAppError(thrown))
      } catch (failure) {
        // The page itself failed: the last words need nothing that can fail.
        log.error({ reference: ctx.state.reference, err: failure }, 'error page failed')
        ctx.status = 500
        ctx.type = 'text/plain; charset=utf-8'
        ctx.body = `We will be right back. Nothing is lost. Try again in 30 seconds.\nReference ${ctx.state.reference}\n`
      }
    }
  }
}
