import type { Context } from '../http/context.ts'
import type { Keyring } from '../secrets/keyring.ts'

export interface SealedCookie<T> {
  read(ctx: Context): T | undefined
  /** `undefined` removes it */
  write(ctx: Context, value: T | undefined): void
}

/** A small session in the browser itself: encrypted, so that the demo needs no store and restarts lose nothing. */
export function createSealedCookie<T>(keyring: Pick<Keyring, 'seal' | 'open'>, name: string, life: number): SealedCookie<T> {
  const purpose = `demo cookie ${name}`
  const attributes = { signed: false, httpOnly: true, sameSite: 'lax', path: '/demo', overwrite: true } as const
  return {
    read(ctx) {
      const sealed = ctx.cookies.get(name, { signed: false })
      if (sealed === undefined) return undefined
      try {
        return JSON.parse(keyring.open(purpose, sealed)) as T
      } catch {
        return undefined // from another installation on this host, or changed
      }
    },
    write(ctx, value) {
      if (value === undefined) ctx.cookies.set(name, null, attributes)
      else ctx.cookies.set(name, keyring.seal(purpose, JSON.stringify(value)), { ...attributes, maxAge: life })
    },
  }
}
