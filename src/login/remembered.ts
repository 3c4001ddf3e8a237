import type { Config } from '../config/schema.ts'
import type { Context } from '../http/context.ts'
import type { Keyring } from '../secrets/keyring.ts'
import { same, type Typed } from './state.ts'

/** What people signed in with in this browser and asked to keep here, newest first. */
export interface Remembered {
  list(ctx: Context): Typed[]
  add(ctx: Context, identifier: Typed): void
  forget(ctx: Context, identifier: Typed): void
  /** all of them; also on pages to which the cookie is not sent */
  clear(ctx: Pick<Context, 'cookies'>): void
}

const most = 5
/** The longest life that browsers grant (RFC 6265bis section 5.5). */
const life = 400 * 24 * 60 * 60 * 1000
const purpose = 'remembered identifiers'

/**
 * Kept in the browser alone, in a cookie that only this server can read, and only beside the device cookie that it was
 * made for: it names nobody to whoever copies it, and nobody can plant a name into another browser.
 */
export function createRemembered({ keyring, config: { issuer } }: { keyring: Pick<Keyring, 'seal' | 'open'>; config: Pick<Config, 'issuer'> }): Remembered {
  const secure = issuer.startsWith('https:')
  // Sent to the login pages only, which `__Host-` does not allow.
  const name = secure ? '__Secure-latchkey_remembered' : 'latchkey_remembered'

  function list(ctx: Context): Typed[] {
    const sealed = ctx.cookies.get(name, { signed: false })
    if (!sealed) return []
    try {
      return JSON.parse(keyring.open(purpose, sealed, ctx.state.device.hash)) as Typed[]
    } catch {
      // Another device cookie, other keys: nothing that anybody could do about it.
      return []
    }
  }

  const keep = (ctx: Pick<Context, 'cookies'>, value: string | null): unknown =>
    ctx.cookies.set(name, value, { signed: false, httpOnly: true, sameSite: 'lax', secure, maxAge: life, path: '/interaction', overwrite: true })

  const write = (ctx: Context, rows: Typed[]): void =>
    void keep(ctx, rows.length > 0 ? keyring.seal(purpose, JSON.stringify(rows), ctx.state.device.hash) : null)

  const others = (ctx: Context, identifier: Typed): Typed[] => list(ctx).filter((row) => !same(row, identifier))
  return {
    list,
    add: (ctx, { kind, value }) => write(ctx, [{ kind, value }, ...others(ctx, { kind, value })].slice(0, most)),
    forget: (ctx, identifier) => write(ctx, others(ctx, identifier)),
    clear: (ctx) => void keep(ctx, null),
  }
}
