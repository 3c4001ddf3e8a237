import type { Config } from '../config/schema.ts'
import { hashId, randomId } from '../secrets/keyring.ts'
import type { Context, Middleware } from './context.ts'

const cookieName = ({ issuer }: Pick<Config, 'issuer'>) => (issuer.startsWith('https:') ? '__Host-latchkey_device' : 'latchkey_device')

function sentBy(ctx: Pick<Context, 'cookies'>, config: Pick<Config, 'issuer'>): string | undefined {
  const sent = ctx.cookies.get(cookieName(config), { signed: false })
  return sent !== undefined && /^[\w-]{43}$/.test(sent) ? sent : undefined
}

/** What the store knows the browser by that sent this request; undefined for one that was never at a login page. */
export function browserOf(ctx: Pick<Context, 'cookies'>, config: Pick<Config, 'issuer'>): string | undefined {
  const value = sentBy(ctx, config)
  return value === undefined ? undefined : hashId(value)
}

/** The longest life that browsers grant (RFC 6265bis section 5.5). */
const life = 400 * 24 * 60 * 60 * 1000

function mark(ctx: Pick<Context, 'cookies'>, config: Pick<Config, 'issuer'>, value: string): void {
  const secure = config.issuer.startsWith('https:')
  ctx.cookies.set(cookieName(config), value, { signed: false, httpOnly: true, sameSite: 'lax', secure, maxAge: life, path: '/', overwrite: true })
}

/**
 * The cookie that tells this browser from others: 32 random bytes that say nothing and open nothing. Only for login
 * pages, so that nobody is marked who did not come to sign in. It is set anew each time to keep its life full.
 */
export function device({ config }: { config: Pick<Config, 'issuer'> }): Middleware {
  return async function device(ctx, next) {
    const value = sentBy(ctx, config) ?? randomId(32)
    mark(ctx, config, value)
    ctx.state.device = { hash: hashId(value) }
    await next()
  }
}

/** From now on this is a browser that nobody has seen before. */
export const renewDevice = (ctx: Pick<Context, 'cookies'>, config: Pick<Config, 'issuer'>): void => mark(ctx, config, randomId(32))
