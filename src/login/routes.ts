import Router from '@koa/router'
import { AppError } from '../errors.ts'
import { body } from '../http/body.ts'
import type { Context, State } from '../http/context.ts'
import { device } from '../http/device.ts'
import { createTurns } from '../http/in-turn.ts'
import { localeFor } from '../http/locale.ts'
import { abort } from './abort.ts'
import { checkLink, linkStatus } from './email-link.ts'
import { openFlow, urlOf, type Flow, type LoginDeps, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { language } from './language.ts'
import { leave } from './leave.ts'
import { creationOptions, passkeyCreate } from './passkey-create.ts'
import { discoverableOptions } from './passkey-options.ts'
import { passkeyReport } from './passkey-report.ts'
import { screens } from './screens.ts'
import { switchAccount } from './switch-account.ts'

/**
 * `/interaction/:uid/*`. The bare address is the entry of the engine and the identifier screen; every other screen has a
 * segment of its own name. A screen that is not due answers GETs with the way to the one that is, and refuses POSTs.
 */
export function loginRoutes(deps: LoginDeps): Router<State> {
  const router = new Router<State>({ prefix: '/interaction/:uid', sensitive: true })
  // Before the others: what script tells is small, and a body that is not is left unread.
  router.post('/passkey/report', device({ config: deps.config }), body({ limit: reportLimit }), async (ctx) => {
    deps.csrf.check(ctx, uidOf(ctx))
    await passkeyReport(ctx, deps)
  })
  router.use(device({ config: deps.config }), body())
  const inTurn = createTurns()

  /** Each request finds its own way: what is open, in whose language, and whether all is done already. */
  const handle = (act: (flow: Flow, ctx: Context) => Promise<void>) => async (ctx: Context) => {
    if (ctx.method !== 'POST') return answer(act, ctx)
    deps.csrf.check(ctx, uidOf(ctx))
    await inTurn(uidOf(ctx), () => answer(act, ctx))
  }
  async function answer(act: (flow: Flow, ctx: Context) => Promise<void>, ctx: Context): Promise<void> {
    const flow = await openFlow(ctx, deps)
    if (flow.request.uiLocales) ctx.state.locale = localeFor(ctx, deps.config, flow.request.uiLocales)
    // A press that came twice: the first one has finished this, the second goes the same way.
    if (flow.request.finishedUrl !== undefined) return leave(flow, flow.request.finishedUrl)
    await act(flow, ctx)
  }

  router.get('/', handle(enter))
  for (const screen of screens) {
    const path = `/${screen.step.replaceAll('_', '-')}`
    if (screen.step !== 'identifier') router.get(path, handle((flow) => show(flow, screen)))
    const { submit } = screen
    if (!submit) continue
    router.post(path, handle(async (flow, ctx) => {
      refuseUnlessOpen(flow, screen)
      await submit(flow, ctx.state.body)
    }))
  }
  // The tab that waits for its link asks these also when the sign-in is over.
  router.get('/email-link/status', (ctx) => linkStatus(ctx, deps))
  router.get('/email-link/check', (ctx) => checkLink(ctx, deps))
  // Whoever opens the address of a changed language anew comes back to where they were.
  router.get('/language', handle(goOn))
  router.post('/language', handle((flow, ctx) => language(flow, ctx.state.body)))
  router.post('/abort', handle(abort))
  router.post('/switch', handle(switchAccount))
  router.post('/passkey/options', handle(async (flow, ctx) => {
    ctx.body = renewed(discoverableOptions(flow))
  }))
  router.post('/passkey-create/options', handle(async (flow, ctx) => {
    refuseUnlessOpen(flow, passkeyCreate)
    const options = flow.situation.mayCreate || flow.state.draft ? await creationOptions(flow) : undefined
    if (!options) throw new AppError('step_done', 'the enrolment guard says no', { params: { continueUrl: urlOf(flow) } })
    ctx.body = renewed(options)
  }))
  return router
}

/** What a page that stood open long asks for anew (`timeout` in ms); who is meant stays as the page was made. */
const renewed = ({ challenge, timeout }: { challenge: string; timeout?: number }) => ({ options: { challenge, timeout } })

/** bytes */
const reportLimit = 2_048

const uidOf = (ctx: Context): string => (ctx as Context & { params: { uid: string } }).params.uid

/**
 * The engine sends people here, whatever is due; who comes back to change the address finds the first screen. `?due`,
 * from an error page, always goes to the step that is due.
 */
async function enter(flow: Flow): Promise<void> {
  if (flow.plan.due === 'finish') return goOn(flow)
  const back = flow.ctx.query.due === undefined && flow.state.identifier !== undefined && flow.plan.open.includes('identifier')
  if (flow.plan.due !== 'identifier' && !back) return goOn(flow)
  await screens[0]?.show(flow)
}

async function show(flow: Flow, screen: Screen): Promise<void> {
  if (flow.plan.due === 'finish') return goOn(flow)
  refuseUnlessOpen(flow, screen)
  await screen.show(flow)
}

function refuseUnlessOpen(flow: Flow, screen: Screen): void {
  if (flow.plan.open.includes(screen.step)) return
  throw new AppError('step_done', `${screen.step} is not due, ${flow.plan.due} is`, { params: { continueUrl: urlOf(flow) } })
}
