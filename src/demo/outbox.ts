/** FACE /dev/outbox: the built-in mailbox and phone, for a provider on this machine that has no mail server or nobody who sends texts. Development only. */
import { Router } from '@koa/router'
import { readableEmail } from '../accounts/readable-email.ts'
import type { Config } from '../config/schema.ts'
import { body } from '../http/body.ts'
import type { Context, State } from '../http/context.ts'
import { sameOrigin } from '../http/csrf.ts'
import { developmentOnly } from '../http/development-only.ts'
import { rememberLocale } from '../http/locale.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { outboxPage } from '../../views/demo/outbox.ts'

/** `at`: ms since 1970 */
export type Message =
  | { channel: 'mail'; to: string; subject: string; text: string; html: string; at: number }
  | { channel: 'sms'; to: string; text: string; at: number }

export interface OutboxDeps {
  config: Pick<Config, 'issuer' | 'locales'>
  /** newest first */
  listForDevelopment(): Promise<Message[]>
}

/** Only ever a page of the login: the value comes from the address bar. */
const loginPath = /^\/interaction\/[\w-]{1,64}(\/[a-z-]{1,40})?$/

/** Where the person came from, so that there is a way back besides the browser's. */
function refererPath(ctx: Context, issuer: string): string | undefined {
  const referer = ctx.get('Referer')
  const path = referer.startsWith(`${issuer}/`) ? referer.slice(issuer.length).split('?')[0] : undefined
  return path !== undefined && loginPath.test(path) ? path : undefined
}

const readable = (message: Message): Message => (message.channel === 'mail' ? { ...message, to: readableEmail(message.to) } : message)

export function outboxRoutes({ config, listForDevelopment }: OutboxDeps): Router<State> {
  const router = new Router<State>({ prefix: '/dev', sensitive: true })
  router.use(developmentOnly) // asks for the prefix by its exact case, so the routes have to as well

  router.get('/outbox', async (ctx) => {
    const from = refererPath(ctx, config.issuer)
    // Into the address, since the page reloads itself and the referrer is the page itself from then on.
    if (from !== undefined) return redirect(ctx, `/dev/outbox?back=${encodeURIComponent(from)}`)
    const back = ctx.query['back']
    const backUrl = typeof back === 'string' && loginPath.test(back) ? back : undefined
    const messages = await listForDevelopment()
    const page = ctx.state.page({ base: '/dev/outbox', path: '/dev/outbox' })
    sendPage(ctx, outboxPage(page, { messages: messages.map(readable), origin: config.issuer, ...(backUrl !== undefined && { backUrl }) }))
    ctx.set('Refresh', '5')
  })

  router.get('/outbox.json', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = await listForDevelopment()
  })

  router.post('/outbox/language', sameOrigin(config), body(), (ctx) => {
    rememberLocale(ctx, config, ctx.state.body['locale'] ?? '')
    redirect(ctx, '/dev/outbox')
  })
  return router
}
