import type Provider from 'oidc-provider'
import type { Interaction, InteractionResults } from 'oidc-provider'
import type { Context } from 'koa'
import { AppError } from '../errors.ts'
import type { Clock } from '../storage/types.ts'
import { claimsByScope, supportedScopes } from './accounts.ts'
import { refuseOtherBrowsers } from './browser.ts'
import type { Clients } from './clients.ts'
import { accountOff, otherSubject } from './prompts.ts'
import { requirementOf, words } from './requirement.ts'
import { rememberProofs } from './grants.ts'
import { proofsOf } from './sessions.ts'
import type { StartAgain } from './start-again.ts'
import { startOf } from './started.ts'
import type { BrowserOf, Interactions, LoginRequest } from './types.ts'

const path = '/interaction/'
/** seconds: how long a page may stay open */
export const interactionLife = 2 * 60 * 60
export const interactionUrl = (_ctx: unknown, { uid }: { uid: string }) => path + uid

interface Deps { provider: Provider; clients: Clients; clock: Clock; browserOf: BrowserOf; startAgain: StartAgain }

/** The engine's interactions as login requests: read, finished, allowed, aborted. */
export function createInteractions({ provider, clients, clock, startAgain, browserOf }: Deps): Interactions {
  const sources = new WeakMap<LoginRequest, Interaction>()
  const browsers = new WeakMap<LoginRequest, string | undefined>()
  refuseOtherBrowsers(provider, browserOf)
  const deltaToStore = () => clock.now() - Date.now()

  provider.on('interaction.started', (ctx) => {
    const uid = ctx.oidc.entities.Interaction?.uid
    if (uid) startAgain.remember(ctx, [path + uid, provider.pathFor('resume', { uid })])
  })

  async function find(ctx: Context): Promise<Interaction> {
    const uid = ctx.path.slice(path.length).split('/', 1)[0] ?? ''
    const cookie = ctx.cookies.get(provider.cookieName('interaction')) === uid
    const interaction = await provider.Interaction.find(uid)
    if (interaction && cookie) return interaction
    const clientId = interaction ? interaction.params['client_id'] : startAgain.app(ctx)?.id
    const params = typeof clientId === 'string' ? { clientId } : {}
    if (interaction) throw new AppError('cookie_missing', 'the interaction is not bound to this browser', { params })
    // The cookie lives as long as the interaction: alone it means that the interaction was finished.
    throw new AppError(cookie ? 'interaction_finished' : 'interaction_expired', 'no such interaction', { params })
  }

  async function sessionOf(interaction: Interaction): Promise<LoginRequest['session']> {
    if (!interaction.session?.uid || interaction.prompt.reasons.some((reason) => reason === accountOff || reason === otherSubject)) return undefined
    const session = await provider.Session.findByUid(interaction.session.uid)
    if (session?.accountId !== interaction.session.accountId) {
      const params = { clientId: String(interaction.params['client_id']) }
      throw new AppError('interaction_elsewhere', 'the session ended or changed its account', { params })
    }
    return { accountId: interaction.session.accountId, uid: session.uid, proofs: proofsOf(session) }
  }

  async function finish(request: LoginRequest, result: InteractionResults): Promise<string> {
    const interaction = sources.get(request)
    if (!interaction) throw new AppError('internal', 'a login request that was not read here')
    interaction.result = { ...result, browser: browsers.get(request) }
    await interaction.persist()
    return interaction.returnTo
  }

  return {
    async read(ctx) {
      const interaction = await find(ctx)
      const session = await sessionOf(interaction)
      const request = requestOf(interaction, session)
      sources.set(request, interaction)
      browsers.set(request, browserOf(ctx))
      return request
    },

    finishLogin(request, { accountId, proofs, remember }) {
      const lastSubmission = sources.get(request)?.lastSubmission
      return finish(request, {
        ...lastSubmission,
        login: { accountId, ...(remember !== undefined && { remember }) },
        ...(request.wantsSignUp && { create: {} }),
        ...(request.wantsChoice && { select_account: {} }),
        proofs,
        since: startOf(sources.get(request)!, clock),
      })
    },

    async finishConsent(request) {
      const interaction = sources.get(request)!
      const { accountId } = request.session ?? {}
      if (!accountId) throw new AppError('internal', 'consent without a session')
      const saved = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined
      const grant = saved ?? new provider.Grant({ accountId, clientId: request.app.id })
      rememberProofs(grant, request.session?.proofs ?? [])
      const { scopes, claims, resourceScopes } = request.consent ?? { scopes: [], claims: [], resourceScopes: {} }
      if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '))
      if (claims.length > 0) grant.addOIDCClaims(claims)
      for (const [indicator, granted] of Object.entries(resourceScopes)) grant.addResourceScope(indicator, granted.join(' '))
      return finish(request, { ...interaction.lastSubmission, consent: { grantId: await grant.save() } })
    },

    restartUrl(request) {
      const { params, parJti } = sources.get(request) as Interaction & { parJti?: string }
      // What was pushed came by a way that vouched for it, and is not put into an address.
      if (parJti !== undefined || request.client['require_pushed_authorization_requests'] === true) return undefined
      const url = new URL(provider.urlFor('authorization'))
      for (const [name, value] of Object.entries(params)) {
        // The hint names who is signed in now, and only its claims were kept.
        if (name === 'id_token_hint') continue
        for (const one of [value].flat()) if (typeof one === 'string') url.searchParams.append(name, one)
      }
      url.searchParams.set('prompt', words(params['prompt']).includes('consent') ? 'login consent' : 'login')
      return url.href
    },

    abort: (request, error = { error: 'access_denied', error_description: 'End-User aborted interaction' }) => finish(request, error),
  }

  function requestOf(interaction: Interaction, session: LoginRequest['session']): LoginRequest {
    const { params, prompt } = interaction
    const client = clients.get(String(params['client_id']))
    const startedAt = startOf(interaction, clock)
    const uiLocales = words(params['ui_locales'])
    return {
      uid: interaction.uid,
      cid: interaction.cid,
      prompt: prompt.name === 'consent' ? 'consent' : 'login',
      app: clients.app(client.client_id)!,
      client,
      startedAt,
      expiresAt: interaction.exp * 1000 + deltaToStore(),
      requirement: requirementOf(params, client, startedAt),
      wantsSignUp: words(params['prompt']).includes('create'),
      wantsChoice: words(params['prompt']).includes('select_account'),
      wantsLogin: words(params['prompt']).includes('login'),
      ...(interaction.result && { finishedUrl: interaction.returnTo }),
      ...(session && { session }),
      ...(typeof params['login_hint'] === 'string' && { loginHint: params['login_hint'] }),
      ...(uiLocales.length > 0 && { uiLocales }),
      ...(prompt.name === 'consent' && { consent: consentOf(prompt.details, params) }),
    }
  }
}

/** What the consent checks of the engine found missing; all that is asked for when the page itself was asked for. */
function consentOf(details: Record<string, unknown>, params: Record<string, unknown>): NonNullable<LoginRequest['consent']> {
  const { missingOIDCScope: scopes = [], missingOIDCClaims: claims = [], missingResourceScopes: resourceScopes = {} } = details as {
    missingOIDCScope?: string[]; missingOIDCClaims?: string[]; missingResourceScopes?: Record<string, string[]>
  }
  const nothingMissing = scopes.length === 0 && claims.length === 0 && Object.keys(resourceScopes).length === 0
  return {
    scopes: nothingMissing ? words(params['scope']).filter((scope) => supportedScopes.includes(scope)) : scopes,
    claims: nothingMissing ? claimsAsked(params['claims']) : claims,
    resourceScopes,
  }
}

/** The claims asked for by name (OpenID Connect Core 5.5) that somebody has to allow. */
function claimsAsked(parameter: unknown): string[] {
  if (typeof parameter !== 'string') return []
  const { userinfo, id_token: idToken } = JSON.parse(parameter) as { userinfo?: object; id_token?: object }
  const supported = Object.entries(claimsByScope).flatMap(([scope, claims]): string[] => (scope === 'openid' ? [] : claims))
  return supported.filter((claim) => claim in { ...userinfo, ...idToken })
}
