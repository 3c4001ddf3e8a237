import type { Context } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Clients } from './clients.ts'
import type { AppInfo } from './types.ts'

/** ms: for how long a page that is over still knows which app to start again at */
const life = 6 * 60 * 60 * 1000

/**
 * When an interaction is gone, only the browser can tell which app it was for: a signed cookie with the client's id,
 * bound to the paths of that interaction's pages and of its resumption.
 */
export function createStartAgain({ name, clients }: { name: string; clients: Clients }) {
  return {
    remember(ctx: KoaContextWithOIDC, paths: string[]): void {
      const { client } = ctx.oidc
      if (!client) return
      for (const path of paths) {
        ctx.cookies.set(name, encodeURIComponent(client.clientId), { path, httpOnly: true, sameSite: 'lax', maxAge: life, overwrite: false })
      }
    },
    app(ctx: Pick<Context, 'cookies'>): AppInfo | undefined {
      const id = ctx.cookies.get(name, { signed: true })
      return id === undefined ? undefined : clients.app(decodeURIComponent(id))
    },
  }
}
export type StartAgain = ReturnType<typeof createStartAgain>
