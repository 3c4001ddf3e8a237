import type { Config } from '../config/schema.ts'
import { hashId, randomId } from '../secrets/keyring.ts'
import type { Middleware } from './context.ts'

/** The longest life that browsers grant (RFC 6265bis section 5.5). */
const life = 400 * 24 * 60 * 60 * 1000

/**
 * The cookie that tells this browser from others: 32 random bytes that say nothing and open nothing. Only for login
 * pages, so that nobody is marked who did not come to sign in. It is set anew each time to keep its life full.
 */
export function device({ config }: { config: Pick<Config, 'issuer'> }): Middleware {
  const secure = config.issuer.startsWith('https:')
  const name = secure ? '__Host-latchkey_device' : 'latchkey_device'

  return async function device(ctx, next) {
    const sent = ctx.cookies.get(name, { signed: false })
    const value = sent !== undefined && /^[\w-]{43}$/.test(sent) ? sent : randomId(32)
    ctx.cookies.set(name, value, { signed: false, httpOnly: true, sameSite: 'lax', secure, maxAge: life, path: '/', overwrite: true })
    ctx.state.device = { hash: hashId(value) }
    await next()
  }
}
