/** FACE /demo: a relying party that shows a login from the app's side. Development only. */
import { Router } from '@koa/router'
import * as openid from 'openid-client'
import { demoClientId, type Config } from '../config/schema.ts'
import { body } from '../http/body.ts'
import { isOtherLoopbackName } from '../http/canonical-host.ts'
import type { Context, Middleware, State } from '../http/context.ts'
import { sameOrigin } from '../http/csrf.ts'
import { developmentOnly } from '../http/development-only.ts'
import { rememberLocale } from '../http/locale.ts'
import type { Log } from '../http/log.ts'
import { redirect, sendPage } from '../http/reply.ts'
import type { Keyring } from '../secrets/keyring.ts'
import { demoPage } from '../../views/demo/start.ts'
import { demoProblemPage, type DemoProblem } from '../../views/demo/problem.ts'
import { demoSignedInPage } from '../../views/demo/signed-in.ts'
import { createRelyingParty, type Flow, type SignedIn, signedOutState, type SignInWish, type TransferWish } from './relying-party.ts'
import { readChallenge } from './resource-server.ts'
import { createSealedCookie } from './sealed-cookie.ts'
import { transfersApi } from './transfers-api.ts'

const minutes = 60 * 1000

/** In the address after a round trip that nobody saw, so that the page can say why. */
const notAskedAgain = 'before'

/** The provider had seen the passkey that was asked for, and sent the person straight back: the proof is the same. */
const wasSilent = ({ acrValues }: Flow, before: SignedIn | undefined, { claims }: SignedIn): boolean =>
  acrValues !== undefined && (['acr', 'auth_time'] as const).every((name) => before?.claims[name] === claims[name])

/** `transfer`: money went out just now; shown once. */
type Session = SignedIn & { transfer?: { challenge?: string } }

/** What went wrong, as far as the person can do something about it. */
function problemOf(error: unknown): DemoProblem {
  if (!(error instanceof openid.AuthorizationResponseError)) return { kind: 'check' }
  if (error.error === 'access_denied') return { kind: 'denied' }
  if (error.error === 'unmet_authentication_requirements') return { kind: 'unmet' }
  return { kind: 'refused', error: error.error, ...(error.error_description !== undefined && { description: error.error_description.slice(0, 500) }) }
}

export function demoRoutes({ config, keyring, log }: { config: Config; keyring: Keyring; log: Log }): Router<State> {
  const app = createRelyingParty({ issuer: config.issuer, clientId: demoClientId })
  const flows = createSealedCookie<Flow>(keyring, 'latchkey_demo_flow', 120 * minutes)
  const problems = createSealedCookie<DemoProblem>(keyring, 'latchkey_demo_problem', 10 * minutes)
  const sessions = createSealedCookie<Session>(keyring, 'latchkey_demo', 8 * 60 * minutes)
  const discoveryUrl = `${config.issuer}/.well-known/openid-configuration`
  const page = (ctx: Context) => ctx.state.page({ base: '/demo', path: '/demo' })

  function sendProblem(ctx: Context, error: unknown, problem = problemOf(error)): void {
    const { reference } = ctx.state
    // An answer of the provider is told by its name; only what failed on this side needs a stack.
    log.info({ reference, problem: problem.kind, ...(problem.kind === 'check' && { err: error }) }, 'demo app: sign-in did not finish')
    showProblem(ctx, problem)
  }

  /** At an address without the provider's answer, which is good for once: whoever loads the page again sees the same. */
  function showProblem(ctx: Context, problem: DemoProblem): void {
    problems.write(ctx, problem)
    redirect(ctx, '/demo/problem')
  }

  function signIn(wish: SignInWish): Middleware {
    return async function signIn(ctx) {
      const hint = ctx.query['login_hint']
      try {
        const { url, flow } = await app.start({ ...wish, ...(typeof hint === 'string' && { loginHint: hint }) })
        flows.write(ctx, flow)
        redirect(ctx, url)
      } catch (error) {
        sendProblem(ctx, error)
      }
    }
  }

  async function startTransfer(ctx: Context, wish: TransferWish): Promise<void> {
    const { url, flow } = await app.startTransfer(wish)
    flows.write(ctx, flow)
    redirect(ctx, url)
  }

  /** The API decides. Where it wants a better sign-in, the app asks for just that, and calls again with what comes of it. */
  async function finishTransfer(ctx: Context, flow: Flow, session: Session): Promise<void> {
    const { accessToken, ...signedIn } = await app.finishTransfer(new URL(config.issuer + ctx.url), flow)
    const answer = await app.transfer(accessToken)
    if (answer.done) {
      sessions.write(ctx, { ...session, ...signedIn, ...(flow.transfer && { transfer: flow.transfer }) })
      return redirect(ctx, '/demo')
    }
    if (readChallenge(answer.challenge) === undefined) throw new Error(`the API answered ${answer.challenge}`)
    if (flow.transfer?.challenge !== undefined) return sendProblem(ctx, undefined, { kind: 'unmet' })
    await startTransfer(ctx, { idToken: signedIn.idToken, challenge: answer.challenge })
  }

  const router = new Router<State>({ prefix: '/demo', sensitive: true })
  router.post('/api/transfers', developmentOnly, transfersApi(config.issuer))
  router.use(developmentOnly, async function atTheIssuersName(ctx, next) {
    // Cookies and passkeys belong to the issuer's name: `127.0.0.1` would lose them on the way back.
    if (!isOtherLoopbackName(ctx.host, config.issuer)) return next()
    redirect(ctx, `${config.issuer}/demo`)
  })

  router.get('/', (ctx) => {
    const session = sessions.read(ctx)
    if (session !== undefined) {
      const { transfer, ...rest } = session
      if (transfer) sessions.write(ctx, rest)
      sendPage(ctx, demoSignedInPage(page(ctx), { ...session, notAskedAgain: ctx.query['asked'] === notAskedAgain }))
    } else {
      const signedOut = ctx.query['state'] === signedOutState
      sendPage(ctx, demoPage(page(ctx), { signedOut, mailbox: config.builtInMailbox, discoveryUrl }))
    }
  })

  router.get('/sign-in', signIn({}))
  router.get('/create-account', signIn({ prompt: 'create' }))
  router.get('/ask-for-passkey', signIn({ acrValues: 'phr' }))

  router.get('/callback', async (ctx) => {
    const flow = flows.read(ctx)
    flows.write(ctx, undefined)
    const before = sessions.read(ctx)
    if (flow === undefined || (flow.transfer && !before)) return showProblem(ctx, { kind: 'check' })
    try {
      if (flow.transfer && before) return await finishTransfer(ctx, flow, before)
      const session = await app.finish(new URL(config.issuer + ctx.url), flow)
      const silent = wasSilent(flow, before, session)
      sessions.write(ctx, session)
      redirect(ctx, silent ? `/demo?asked=${notAskedAgain}` : '/demo')
    } catch (error) {
      sendProblem(ctx, error)
    }
  })

  router.get('/problem', (ctx) => {
    const problem = problems.read(ctx)
    if (problem === undefined) return redirect(ctx, '/demo')
    sendPage(ctx, demoProblemPage(page(ctx), problem, { signedIn: sessions.read(ctx) !== undefined }))
  })

  router.post('/transfer', sameOrigin(config), async (ctx) => {
    const session = sessions.read(ctx)
    if (session === undefined) return redirect(ctx, '/demo')
    await startTransfer(ctx, session).catch((error: unknown) => sendProblem(ctx, error))
  })

  router.post('/sign-out', sameOrigin(config), async (ctx) => {
    const session = sessions.read(ctx)
    sessions.write(ctx, undefined)
    redirect(ctx, session === undefined ? '/demo' : await app.signOutUrl(session.idToken))
  })

  router.post('/language', sameOrigin(config), body(), (ctx) => {
    rememberLocale(ctx, config, ctx.state.body['locale'] ?? '')
    redirect(ctx, '/demo')
  })
  return router
}
