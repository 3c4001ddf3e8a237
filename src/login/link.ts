import Router from '@koa/router'
import { readableEmail } from '../accounts/readable-email.ts'
import { readable } from '../accounts/readable.ts'
import type { Audit } from '../audit/audit.ts'
import { accountClientId, type Config } from '../config/schema.ts'
import { body } from '../http/body.ts'
import type { Context, State } from '../http/context.ts'
import { type Csrf, sameOrigin } from '../http/csrf.ts'
import { browserOf } from '../http/device.ts'
import { createTurns } from '../http/in-turn.ts'
import { rememberLocale } from '../http/locale.ts'
import { redirect, sendPage } from '../http/reply.ts'
import type { Throttle } from '../http/throttle.ts'
import type { Engine } from '../oidc/types.ts'
import { hashId } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import type { LinkView, Verification } from '../verification/index.ts'
import type { PageContext } from '../../views/page.ts'
import { linkCodePage } from '../../views/login/link-code.ts'
import { linkElsewherePage } from '../../views/login/link-elsewhere.ts'
import { type LinkMessage, linkMessagePage } from '../../views/login/link-message.ts'
import { linkPage } from '../../views/login/link.ts'
import { userAgentOf } from './browser.ts'
import { ticketPattern } from './email-link.ts'
import { nameOf } from './flow.ts'
import { ofApp } from './of-app.ts'

export interface LinkDeps {
  config: Config
  storage: Pick<Storage, 'clock'>
  engine: Pick<Engine, 'app' | 'sessionOf'>
  verification: Pick<Verification, 'links'>
  audit: Audit
  csrf: Csrf
  throttle: Throttle
}

/** One request to the page of a link. */
interface Visit {
  readonly ctx: Context
  readonly deps: LinkDeps
  /** what the link ends in; may be anything */
  readonly ticket: string
  readonly base: string
}

/**
 * `/link/:ticket`: what the link of a mail opens. Mail scanners follow links, so looking changes nothing and nobody is
 * signed in here: the press goes on where the browser shows that the sign-in is its own.
 */
export function linkRoutes(deps: LinkDeps): Router<State> {
  const router = new Router<State>({ prefix: '/link/:ticket', sensitive: true })
  router.use(body())
  const inTurn = createTurns()
  const handle = (act: (visit: Visit) => Promise<void>) => async (ctx: Context) => {
    const { ticket } = (ctx as Context & { params: { ticket: string } }).params
    const visit: Visit = { ctx, deps, ticket, base: `/link/${encodeURIComponent(ticket)}` }
    await (ctx.method === 'POST' ? inTurn(ticket, () => act(visit)) : act(visit))
  }
  router.get('/', handle(show))
  router.post('/', handle(answer))
  router.get('/language', handle(async ({ ctx, base }) => redirect(ctx, base)))
  router.post('/language', sameOrigin(deps.config), handle(async ({ ctx, base }) => {
    rememberLocale(ctx, deps.config, ctx.state.body.locale ?? '')
    redirect(ctx, base)
  }))
  return router
}

const look = async ({ deps, ticket }: Visit): Promise<LinkView | undefined> => (ticketPattern.test(ticket) ? deps.verification.links.look(ticket) : undefined)

const binding = ({ ticket }: Visit): string => `link:${hashId(ticket)}`

function pageOf({ ctx, deps, base, ticket }: Visit, view?: LinkView): PageContext {
  return ctx.state.page({ base, path: base, csrf: deps.csrf.token(binding({ ticket } as Visit)), ...ofApp(appOf(deps, view)) })
}

const appOf = ({ engine }: LinkDeps, view: LinkView | undefined) => view && engine.app(view.clientId)

/** Asked for by the account's own pages, which people know by no app's name. */
const isOfAccount = ({ clientId }: LinkView): boolean => clientId === accountClientId

async function show(visit: Visit): Promise<void> {
  const { ctx, deps } = visit
  const view = await look(visit)
  if (!view) return say(visit, 'gone', 410)
  if (view.state === 'used') return say(visit, 'used', 410, view)
  if (browserOf(ctx, deps.config) === view.deviceHash) return showHere(visit, view)
  const { asker, place, askedAt, app } = view
  const secondsAgo = Math.max(0, (deps.storage.clock.now() - askedAt) / 1000)
  sendPage(ctx, linkElsewherePage(pageOf(visit, view), { asker, secondsAgo, ...(!isOfAccount(view) && { app }), ...(place !== undefined && { place }) }))
}

/** In the browser that asked: one press goes on with what waits in the other tab. */
async function showHere(visit: Visit, view: LinkView): Promise<void> {
  const { ctx, deps, ticket } = visit
  const { uid, purpose, app } = view
  const other = purpose === 'sign_in' ? await otherHere(visit, view.email) : undefined
  sendPage(
    ctx,
    linkPage(pageOf(visit, view), {
      purpose,
      email: readableEmail(view.email),
      ...(!isOfAccount(view) && { app }),
      ticket,
      interaction: { base: `/interaction/${uid}`, csrf: deps.csrf.token(uid) },
      ...(other !== undefined && { other }),
    }),
  )
}

/** Who is signed in here, if that is somebody else than the one whose address it is. */
async function otherHere({ ctx, deps }: Visit, email: string): Promise<string | undefined> {
  const live = await deps.engine.sessionOf(ctx)
  if (!live || live.account.identifiers.some((one) => one.kind === 'email' && one.value === email)) return undefined
  const shown = nameOf(live.account)
  return shown && readable(shown)
}

async function answer(visit: Visit): Promise<void> {
  const { ctx, deps, ticket } = visit
  deps.csrf.check(ctx, binding(visit))
  const view = await look(visit)
  if (!view) return say(visit, 'gone', 410)
  switch (ctx.state.body.answer) {
    case 'show':
      return reveal(visit, view)
    case 'refuse':
      if (await deps.verification.links.refuse(ticket)) await deps.audit.record('link.refused', traces(visit, view), { purpose: view.purpose })
      return say(visit, view.state === 'used' ? 'used' : 'refused', view.state === 'used' ? 410 : 200, view)
    case 'not_me':
      await deps.throttle.spend(ctx, 'link_disowned')
      await deps.audit.record('link.disowned', traces(visit, view), { purpose: view.purpose })
      return say(visit, 'not_me', 200, view)
    default:
      redirect(ctx, visit.base)
  }
}

/** The code is for another device: in the browser that asked the link itself is what goes on. */
async function reveal(visit: Visit, view: LinkView): Promise<void> {
  const { ctx, deps, ticket } = visit
  if (view.state === 'used' || browserOf(ctx, deps.config) === view.deviceHash) return redirect(ctx, visit.base)
  await deps.throttle.spend(ctx, 'code_sent')
  const shown = await deps.verification.links.reveal(ticket)
  if (!shown) return say(visit, 'gone', 410, view)
  if (shown === 'budget') return say(visit, 'shown', 429, view)
  await deps.audit.record('link.code_shown', traces(visit, view), { purpose: view.purpose })
  const lifeMinutes = Math.max(1, Math.round((shown.expiresAt - deps.storage.clock.now()) / 60_000))
  sendPage(ctx, linkCodePage(pageOf(visit, view), { code: shown.code, lifeMinutes }))
}

function say(visit: Visit, message: LinkMessage, status: number, view?: LinkView): void {
  const { ctx, deps } = visit
  const startUrl = view ? appOf(deps, view)?.startUrl : onlyStart(deps)
  const lifeMinutes = Math.round(deps.config.verification.code.life / 60_000)
  sendPage(ctx, linkMessagePage(pageOf(visit, view), { message, lifeMinutes, ...(startUrl !== undefined && { startUrl }) }), status)
}

/** Where there is one app only, nobody has to be told which. */
function onlyStart({ config, engine }: LinkDeps): string | undefined {
  const starts = config.clients.flatMap(({ client_id: id }) => engine.app(id)?.startUrl ?? [])
  return starts.length === 1 ? starts[0] : undefined
}

function traces({ ctx, deps }: Visit, view: LinkView) {
  const deviceHash = browserOf(ctx, deps.config)
  const clientId = appOf(deps, view)?.id
  return { userAgent: userAgentOf({ ctx }).label, ...(deviceHash !== undefined && { deviceHash }), ...(clientId !== undefined && { clientId }) }
}
