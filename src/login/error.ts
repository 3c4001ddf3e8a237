import type { ErrorCode } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { errorTime, type RenderError } from '../http/errors.ts'
import type { AppInfo, Engine } from '../oidc/types.ts'
import { errorPage, type NextStep } from '../../views/login/error.ts'
import { render, type Html, type PageContext } from '../../views/page.ts'
import { ofApp } from './of-app.ts'

export interface ErrorFacts {
  code: ErrorCode
  params: Record<string, string | number>
  app?: AppInfo
  /** what an app's developer needs: the OAuth error */
  developer?: { error: string; field?: string; description?: string }
  reference?: string
  time?: string
  /** seconds */
  retryAfter?: number
}

/** The sign-in itself goes on after these: the way on is the step that is due there. */
const goesOn = new Set<ErrorCode>([
  'already_exists', 'bad_request', 'body_too_large', 'unsupported_media_type', 'csrf', 'step_done', 'stopped_by_rule', 'throttled', 'internal', 'method_not_allowed',
])

/** What happened, what to do, and the reference that finds the log line. Never an address from the request. */
export function errorPageFor(ctx: Context, facts: ErrorFacts): Html {
  const { code, params, app, developer } = facts
  const base = goesOn.has(code) ? /^\/interaction\/[\w-]+/.exec(ctx.path)?.[0] : undefined
  const page = ctx.state.page({ ...ofApp(app), ...(base !== undefined && { base }) })
  const next = nextStep(page, facts)
  return errorPage(page, {
    code,
    params,
    reference: facts.reference ?? ctx.state.reference,
    time: facts.time ?? errorTime(),
    ...(facts.retryAfter !== undefined && { retryAfter: facts.retryAfter }),
    ...(next && { next }),
    ...(developer && { developer }),
  })
}

/** The one way on that an error page offers. `page.base` is there while the sign-in itself goes on. */
export function nextStep({ base, path, theme }: Pick<PageContext, 'base' | 'path' | 'theme'>, { code, params, app }: ErrorFacts): NextStep | undefined {
  if (code === 'store_unavailable') return { kind: 'try_again', url: path }
  if (typeof params.continueUrl === 'string') return { kind: 'continue', url: params.continueUrl }
  // From the first screen every other way starts, another address too.
  if (base && code === 'stopped_by_rule') return { kind: 'other_way', url: base }
  // Passkeys are not counted; the first screen has their button, the sign-up has none.
  if (base && code === 'throttled' && !path.endsWith('/sign-up')) return { kind: 'passkey', url: base }
  // The bare address may show an earlier screen than the one that is due.
  if (base && goesOn.has(code)) return { kind: code === 'step_done' ? 'continue' : 'try_again', url: `${base}?due` }
  if (code === 'account_off' && theme.helpUrl) return { kind: 'help', url: theme.helpUrl }
  if (code === 'wrong_address' && typeof params.url === 'string') return { kind: 'open_host', url: params.url }
  if (code === 'not_found') return { kind: 'open_account', url: '/account' }
  // Nothing is left to be done here, and nothing to be begun again.
  if (code === 'interaction_finished' && app?.homeUrl !== undefined) return { kind: 'open_app', url: app.homeUrl }
  if (code === 'client_setup') return app?.homeUrl === undefined ? undefined : { kind: 'open_app', url: app.homeUrl }
  return app?.startUrl === undefined ? undefined : { kind: 'start_again', url: app.startUrl }
}

/** Names the app of a sign-in that cannot go on, so that the page leads back to its registered home. */
export function renderError(engine: () => Pick<Engine, 'app'>): RenderError {
  return (ctx, { code, params, retryAfter }, reference, time) => {
    const { clientId } = params
    const app = typeof clientId === 'string' ? engine().app(clientId) : undefined
    return render(errorPageFor(ctx, { code, params, reference, time, ...(app && { app }), ...(retryAfter !== undefined && { retryAfter }) }))
  }
}
