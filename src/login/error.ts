import type { ErrorCode } from '../errors.ts'
import type { Context } from '../http/context.ts'
import { errorTime, type RenderError } from '../http/errors.ts'
import type { AppInfo, Engine } from '../oidc/types.ts'
import { errorPage } from '../../views/login/error.ts'
import { render, type Html } from '../../views/page.ts'
import { ofApp } from './engine-pages.ts'

export interface ErrorFacts {
  code: ErrorCode
  params: Record<string, string | number>
  app?: AppInfo
  /** what an app's developer needs: the OAuth error */
  developer?: { error: string; description?: string }
  reference?: string
  time?: string
  /** seconds */
  retryAfter?: number
}

const goesOn = new Set<ErrorCode>(['bad_request', 'body_too_large', 'unsupported_media_type', 'csrf', 'step_done', 'throttled', 'internal', 'method_not_allowed'])

/** A5: what happened, what to do, and the reference that finds the log line. Never an address from the request. */
export function errorPageFor(ctx: Context, facts: ErrorFacts): Html {
  const { code, params, app, developer } = facts
  // The sign-in itself goes on in these cases: the way on is the step that is due there.
  const base = goesOn.has(code) ? /^\/interaction\/[\w-]+/.exec(ctx.path)?.[0] : undefined
  const startUrl = typeof params.continueUrl === 'string' ? params.continueUrl : app?.[code === 'client_setup' ? 'homeUrl' : 'startUrl']
  return errorPage(ctx.state.page({ ...ofApp(app), ...(base !== undefined && { base }) }), {
    code,
    params,
    reference: facts.reference ?? ctx.state.reference,
    time: facts.time ?? errorTime(),
    ...(facts.retryAfter !== undefined && { retryAfter: facts.retryAfter }),
    ...(startUrl !== undefined && { startUrl }),
    ...(app && { appName: app.name }),
    ...(developer && { developer }),
  })
}

/** Names the app of a sign-in that cannot go on, so that the page leads back to its registered home. */
export function renderError(engine: () => Pick<Engine, 'app'>): RenderError {
  return (ctx, { code, params, retryAfter }, reference, time) => {
    const { clientId } = params
    const app = typeof clientId === 'string' ? engine().app(clientId) : undefined
    return render(errorPageFor(ctx, { code, params, reference, time, ...(app && { app }), ...(retryAfter !== undefined && { retryAfter }) }))
  }
}
