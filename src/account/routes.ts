import Router from '@koa/router'
import { body } from '../http/body.ts'
import type { Context, State } from '../http/context.ts'
import { sameOrigin } from '../http/csrf.ts'
import { device } from '../http/device.ts'
import { createTurns } from '../http/in-turn.ts'
import { rememberLocale } from '../http/locale.ts'
import { redirect } from '../http/reply.ts'
import { activity } from './activity.ts'
import { appRemove } from './app-remove.ts'
import { apps } from './apps.ts'
import { data } from './data.ts'
import type { AccountDeps } from './deps.ts'
import { deviceForget } from './device-forget.ts'
import { bindEnrol, renewEnrol, showEnrol, submitEnrol } from './enrol.ts'
import { identifierAdd } from './identifier-add.ts'
import { identifierConfirm } from './identifier-confirm.ts'
import { identifierCorrect } from './identifier-correct.ts'
import { identifierPrimary } from './identifier-primary.ts'
import { identifierRemove } from './identifier-remove.ts'
import { changeLanguage, type Visit } from './link.ts'
import { answerNotMe, showNotMe } from './not-me.ts'
import { overview } from './overview.ts'
import { passkeyCreate, passkeyCreateElsewhere, renewPasskeyCreate } from './passkey-create.ts'
import { passkeyDefault } from './passkey-default.ts'
import { passkeyRemove } from './passkey-remove.ts'
import { passkeyRename } from './passkey-rename.ts'
import { receiveReport } from './passkey-report.ts'
import { passkeysOnly } from './passkeys-only.ts'
import { passkeys } from './passkeys.ts'
import { profile } from './profile.ts'
import { recovery } from './recovery.ts'
import { recoveryCodes } from './recovery-codes.ts'
import { type AccountPage, checkPost, home, openVisit } from './session.ts'
import { sessions } from './sessions.ts'
import { sessionsEnd } from './sessions-end.ts'
import { signedIn } from './signed-in.ts'
import { totp } from './totp.ts'
import { waysToSignIn } from './ways.ts'

/** What people see who are signed in; one file each. */
const pages: AccountPage[] = [
  overview, waysToSignIn, identifierAdd, identifierConfirm, identifierCorrect, identifierPrimary, identifierRemove, totp, recoveryCodes,
  passkeys, passkeyCreate, passkeyCreateElsewhere, passkeyRename, passkeyDefault, passkeyRemove, passkeysOnly, apps, appRemove, sessions, sessionsEnd, deviceForget, activity, recovery, profile, data,
]

/** bytes */
const reportLimit = 2_048

/** `/account/*`: the pages of links that come by mail or from the operator, which need no sign-in, and those that do. */
export function accountRoutes(deps: AccountDeps): Router<State> {
  const router = new Router<State>({ prefix: '/account', sensitive: true })
  const known = device({ config: deps.config })
  // Before the others: what script tells is small, and a body that is not is left unread.
  router.post('/passkeys/report', known, body({ limit: reportLimit }), async (ctx) => {
    const visitor = await openVisit(ctx, deps)
    if (visitor) await receiveReport(visitor)
  })
  router.use(body())
  // Only where a browser has to be known again: who reads a notice is not marked for it.
  router.use('/enrol/:ticket', device({ config: deps.config }))
  const inTurn = createTurns()

  const handle = (link: 'not-me' | 'enrol', act: (visit: Visit) => Promise<void>) => async (ctx: Context) => {
    const { ticket } = (ctx as Context & { params: { ticket: string } }).params
    const visit: Visit = { ctx, deps, ticket, base: `/account/${link}/${encodeURIComponent(ticket)}`, now: deps.storage.clock.now() }
    await (ctx.method === 'POST' ? inTurn(ticket, () => act(visit)) : act(visit))
  }

  router.get('/not-me/:ticket', handle('not-me', showNotMe))
  router.post('/not-me/:ticket', handle('not-me', answerNotMe))

  router.get('/enrol/:ticket', handle('enrol', showEnrol))
  router.post('/enrol/:ticket', handle('enrol', bindEnrol))
  router.get('/enrol/:ticket/passkey-create', handle('enrol', startAgain))
  router.post('/enrol/:ticket/passkey-create', handle('enrol', submitEnrol))
  router.post('/enrol/:ticket/passkey-create/options', handle('enrol', renewEnrol))

  for (const link of ['not-me', 'enrol'] as const) {
    router.get(`/${link}/:ticket/language`, handle(link, startAgain))
    router.post(`/${link}/:ticket/language`, sameOrigin(deps.config), handle(link, changeLanguage))
  }

  router.get('/signed-in', known, (ctx) => signedIn(ctx, deps))
  router.get('/language', (ctx) => redirect(ctx, home))
  router.post('/language', sameOrigin(deps.config), (ctx) => {
    rememberLocale(ctx, deps.config, ctx.state.body['locale'] ?? '')
    const { path = '' } = ctx.state.body
    redirect(ctx, /^\/account(?:\/[\w/-]*)?$/.test(path) ? path : home)
  })
  for (const { path, show, submit } of pages) {
    router.get(path, known, async (ctx) => {
      const visitor = await openVisit(ctx, deps)
      if (visitor) await show(visitor)
    })
    if (submit) {
      router.post(path, known, async (ctx) => {
        const visitor = await openVisit(ctx, deps)
        if (!visitor) return
        checkPost(visitor)
        // Looked at again in its turn: the press before may have changed what this one is about.
        await inTurn(visitor.session.uid, async () => {
          const now = await openVisit(ctx, deps)
          if (now) await submit(now)
        })
      })
    }
  }
  router.post('/passkey-create/options', known, async (ctx) => {
    const visitor = await openVisit(ctx, deps)
    if (!visitor) return
    checkPost(visitor)
    await renewPasskeyCreate(visitor)
  })
  return router
}

/** Whoever fetches the answer to a form anew sees how it is now. */
async function startAgain({ ctx, base }: Visit): Promise<void> {
  redirect(ctx, base)
}
