import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import type { Middleware } from 'koa'
import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Clock } from '../storage/types.ts'
import type { Clients } from './clients.ts'
import type { StartAgain } from './start-again.ts'
import type { EngineError, EnginePages, ForgetDevice } from './types.ts'

interface Deps { pages: EnginePages; forgetDevice: ForgetDevice; clients: Clients; startAgain: StartAgain; keyring: Pick<Keyring, 'seal' | 'open'>; clock: Clock }

/** ms: for how long the page after a sign-out can be loaded again with what it said */
const failedLife = 10 * 60 * 1000

interface FailedSignOuts { apps: string[]; until: number }

/** Every page that the engine would draw itself: its own have inline styles and scripts, which our CSP forbids. */
export function createPages({ pages, forgetDevice, clients, startAgain, keyring, clock }: Deps) {
  const appOf = (ctx: KoaContextWithOIDC) => {
    const app = ctx.oidc.client ? clients.app(ctx.oidc.client.clientId) : startAgain.app(ctx)
    return app && { app }
  }

  async function html(ctx: KoaContextWithOIDC, page: string | Promise<string>): Promise<void> {
    const body = await page
    ctx.type = 'html'
    ctx.body = body
  }

  async function handOver(ctx: KoaContextWithOIDC, url: string): Promise<void> {
    ctx.status = 200
    ctx.remove('Location')
    ctx.set('Refresh', `0;url=${url}`)
    await html(ctx, pages.handOver(ctx, { url, ...appOf(ctx) }))
  }

  /** Only by a back-channel call does an app hear of a sign-out; the others keep their own sign-in. */
  const isTold = (id: string) => clients.app(id) !== undefined && clients.get(id)['backchannel_logout_uri'] !== undefined

  const failedLogouts = new WeakMap<object, string[]>()

  /** Sealed, or anybody could make this page say that some app did not answer. */
  const failedParameter = (apps: string[]) => keyring.seal('failed sign-outs', JSON.stringify({ apps, until: clock.now() + failedLife } satisfies FailedSignOuts))

  function failedIn(parameter: unknown): string[] {
    if (typeof parameter !== 'string') return []
    try {
      const { apps, until } = JSON.parse(keyring.open('failed sign-outs', parameter)) as FailedSignOuts
      return until > clock.now() ? apps : []
    } catch {
      return []
    }
  }

  return {
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx: KoaContextWithOIDC) {
        const apps = Object.keys(ctx.oidc.session?.authorizations ?? {}).filter(isTold).map((id) => clients.app(id)?.name).filter((name) => name !== undefined)
        return html(ctx, pages.logout(ctx, { form: { action: confirmUrl(ctx), xsrf: secretOf(ctx) }, apps, ...appOf(ctx) }))
      },
      postLogoutSuccessSource(ctx: KoaContextWithOIDC) {
        const failedApps = failedIn(ctx.query['failed']).map((id) => clients.app(id)?.name).filter((name) => name !== undefined)
        return html(ctx, pages.loggedOut(ctx, { failedApps, ...appOf(ctx) }))
      },
    } satisfies NonNullable<Configuration['features']>['rpInitiatedLogout'],

    renderError(ctx: KoaContextWithOIDC, out: { error: string; error_description?: string | undefined }, error: Error) {
      return html(ctx, pages.error(ctx, {
        code: errorCode(error, startAgain.app(ctx) !== undefined),
        oauthError: out.error,
        ...(out.error_description && { description: out.error_description }),
        ...appOf(ctx),
      }))
    },

    /** OAuth 2.0 Form Post Response Mode: the one page whose form goes to another origin, and on from there. */
    formPost(ctx: KoaContextWithOIDC, action: string, fields: object): Promise<void> {
      ctx.status = 200
      return html(ctx, pages.handOver(ctx, { form: { action, fields: fields as Record<string, string> }, ...appOf(ctx) }))
    },

    logoutFailed(ctx: object, clientId: string): void {
      failedLogouts.set(ctx, [...(failedLogouts.get(ctx) ?? []), clientId])
    },

    /** Replaces what the engine answers without asking, and breaks redirect chains that start at a form. */
    middleware: (async (koa, next) => {
      await next()
      const ctx = koa as unknown as KoaContextWithOIDC & { _matchedRouteName?: string }
      switch (ctx._matchedRouteName) {
        case 'resume': {
          // Another account is signed in: the engine posts itself a logout, which comes back here.
          // A sign-out that was opened and left leaves a state too, but never with the way back to this very login.
          const after = ctx.oidc.session?.state?.['postLogoutRedirectUri']
          if (ctx.status !== 200 || after !== ctx.oidc.urlFor('resume', ctx['params'] as { uid: string })) return
          return html(ctx, pages.handOver(ctx, { form: { action: confirmUrl(ctx), fields: { xsrf: secretOf(ctx), logout: 'yes' } }, ...appOf(ctx) }))
        }
        case 'end_session': {
          // Nobody is signed in: there is nothing to confirm.
          if (ctx.status !== 200 || ctx.oidc.session?.accountId) return
          const { postLogoutRedirectUri, state } = ctx.oidc.session?.state as { postLogoutRedirectUri?: string; state?: string }
          ctx.body = null
          ctx.redirect(postLogoutRedirectUri ? withQuery(postLogoutRedirectUri, state === undefined ? {} : { state }) : ctx.oidc.urlFor('end_session_success'))
          ctx.status = 303
          return
        }
        case 'end_session_confirm': {
          const location = ctx.response.get('Location')
          if (!location) return
          const { params, body, session } = ctx.oidc
          if (params?.['logout'] && body?.['forget'] === '1' && session?.accountId) await forgetDevice(ctx, session.accountId)
          const success = ctx.oidc.urlFor('end_session_success')
          const failed = failedLogouts.get(ctx)
          return handOver(ctx, failed && location.startsWith(success) ? withQuery(location, { failed: failedParameter(failed) }) : location)
        }
      }
    }) satisfies Middleware as Middleware,
  }
}

const confirmUrl = (ctx: KoaContextWithOIDC) => ctx.oidc.urlFor('end_session_confirm')
const secretOf = (ctx: KoaContextWithOIDC) => String(ctx.oidc.session?.state?.['secret'])

function withQuery(url: string, query: Record<string, string>): string {
  const target = new URL(url)
  for (const [name, value] of new URLSearchParams(query)) target.searchParams.append(name, value)
  return target.href
}

/** Which of our sentences tells what happened. At resume a browser that remembers the app has been here before. */
function errorCode(error: Error, remembered: boolean): EngineError['code'] {
  if (error instanceof AppError) return error.code === 'store_unavailable' || error.code === 'interaction_finished' ? error.code : 'internal'
  if (error instanceof errors.SessionNotFound) return remembered ? 'interaction_finished' : 'interaction_expired'
  return error instanceof errors.OIDCProviderError ? 'client_setup' : 'internal'
}
