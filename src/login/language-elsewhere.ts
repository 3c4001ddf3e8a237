import Router from '@koa/router'
import type { Config } from '../config/schema.ts'
import { body } from '../http/body.ts'
import type { Context, State } from '../http/context.ts'
import { sameOrigin } from '../http/csrf.ts'
import { rememberLocale } from '../http/locale.ts'
import { handOver } from '../http/reply.ts'
import { handOverPage } from '../../views/login/hand-over.ts'

/**
 * Another language on the pages outside a sign-in, such as errors and signing out: opens the page again, at the address
 * that the browser names. What is opened may lead on to an app, which a form must not, so a page stands in between.
 */
export function languageElsewhere({ config }: { config: Pick<Config, 'issuer' | 'locales'> }): Router<State> {
  const router = new Router<State>({ sensitive: true })
  router.post('/language', sameOrigin(config), body(), (ctx) => {
    rememberLocale(ctx, config, ctx.state.body['locale'] ?? '')
    const url = addressOf(ctx, config.issuer)
    handOver(ctx, { url, page: handOverPage(ctx.state.page(), { url }) })
  })
  return router
}

/** Never an address of somebody else's, whatever was sent. */
function addressOf(ctx: Context, issuer: string): string {
  const from = URL.parse(ctx.get('Referer') || (ctx.state.body['path'] ?? '/'), issuer)
  return from?.origin === issuer ? issuer + from.pathname + from.search : `${issuer}/`
}
