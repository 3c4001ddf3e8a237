import { AppError } from '../errors.ts'
import type { Middleware } from './context.ts'

/** characters of an address; several times what apps send */
const longestAddress = 4_096
/** bytes of a pushed authorization request */
const longestBody = 8_192
/** the engine reads its routes in any case */
const pushed = /^\/request\/?$/i

/**
 * Anybody can start a login, and its parameters are stored for as long as its pages may be open: so they are short. A
 * length that is not said beforehand is refused with the long ones: no library pushes a request like that.
 */
export const requestSize: Middleware = function requestSize(ctx, next) {
  if (ctx.url.length > longestAddress) throw new AppError('client_setup', `an address of ${ctx.url.length} characters`)
  if (ctx.method === 'POST' && pushed.test(ctx.path) && !(Number(ctx.get('content-length') || 'NaN') <= longestBody)) {
    throw new AppError('client_setup', `an authorization request of ${ctx.get('content-length') || 'unknown'} bytes`)
  }
  return next()
}
