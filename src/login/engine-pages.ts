import type { Config } from '../config/schema.ts'
import type { Context } from '../http/context.ts'
import { type Log, scrub } from '../http/log.ts'
import { allowForeignFormAction } from '../http/security-headers.ts'
import type { AppInfo, EnginePages } from '../oidc/types.ts'
import { handOverPage } from '../../views/login/hand-over.ts'
import { loggedOutPage } from '../../views/login/logged-out.ts'
import { logoutPage } from '../../views/login/logout.ts'
import { render, type PageContext } from '../../views/page.ts'
import { errorPageFor } from './error.ts'
import { ofApp } from './of-app.ts'

/** The pages that the engine shows on routes of its own: sign-out, hand-over, error. In our words and looks. */
export function createEnginePages({ config, log }: { config: Pick<Config, 'issuer'>; log: Pick<Log, 'info'> }): EnginePages {
  return {
    logout: (ctx, { form, apps, app }) => render(logoutPage(pageFor(ctx, app), { ...form, apps })),
    loggedOut: (ctx, { app, failedApps }) => render(loggedOutPage(pageFor(ctx, app), { failedApps })),
    handOver(ctx, { url, form, app }) {
      // Only the page that posts an authorization response to the app: its address is registered, and not ours.
      if (form && new URL(form.action).origin !== config.issuer) allowForeignFormAction(ctx as Context)
      return render(handOverPage(pageFor(ctx, app), { ...(url !== undefined && { url }), ...(form && { form }) }))
    },
    error(ctx, { code, app, oauthError, description }) {
      const { reference } = (ctx as Context).state
      const reason = description !== undefined && { reason: scrub(description) }
      log.info({ reference, error: code, oauthError, ...reason, ...(app && { clientId: app.id }) }, 'request refused')
      const field = fieldOf(oauthError, description)
      const developer = { error: oauthError, ...(field && { field }), ...(description !== undefined && { description }) }
      return render(errorPageFor(ctx as Context, { code, params: {}, ...(app && { app }), developer }))
    },
  }
}

const fields: Record<string, string> = { invalid_redirect_uri: 'redirect_uri', invalid_client: 'client_id', invalid_scope: 'scope', invalid_target: 'resource' }

/** Which parameter of the request is wrong, as far as the engine says so. */
function fieldOf(error: string, description = ''): string | undefined {
  return fields[error] ?? /\b(?:client_id|redirect_uri|response_type|response_mode|code_challenge(?:_method)?|acr_values|claims|max_age|prompt|request_uri|scope)\b/.exec(description)?.[0]
}

type AnyContext = Parameters<EnginePages['logout']>[0]

const pageFor = (ctx: AnyContext, app: AppInfo | undefined): PageContext => (ctx as Context).state.page(ofApp(app))
