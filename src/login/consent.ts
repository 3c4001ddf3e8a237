import { sendPage } from '../http/reply.ts'
import { scopeOfClaim } from '../oidc/accounts.ts'
import { consentPage } from '../../views/login/consent.ts'
import { shownAs, pageOf, type Flow, type Screen } from './flow.ts'
import { leave } from './leave.ts'
import { traces } from './traces.ts'

/** "Let … see this?": an app that is not the operator's own asks what it may see. */
export const consent: Screen = {
  step: 'consent',
  async show(flow) {
    const { app } = flow.request
    const email = shownAs(flow)
    sendPage(
      flow.ctx,
      consentPage(pageOf(flow), {
        ...(email !== undefined && { email }),
        scopes: askedScopes(flow),
        canSwitch: flow.deps.interactions.restartUrl(flow.request) !== undefined,
        ...(app.homeUrl && { appHost: new URL(app.homeUrl).host }),
      }),
    )
  },
  async submit(flow, body) {
    const { deps, request } = flow
    const allowed = body.allow !== undefined
    const accountId = request.session?.accountId
    const asked = { scopes: askedScopes(flow), claims: request.consent?.claims ?? [] }
    await deps.audit.record(allowed ? 'consent.given' : 'consent.denied', { ...traces(flow), ...(accountId && { accountId }) }, asked)
    leave(flow, allowed ? await deps.interactions.finishConsent(request) : await deps.interactions.abort(request))
  },
}

/** All that "Allow" gives, each once: a claim asked for by name (the `claims` parameter) reads as the scope that gives it. */
function askedScopes({ request: { consent: asked } }: Flow): string[] {
  if (!asked) return []
  return [...new Set([...asked.scopes, ...asked.claims.map(scopeOfClaim), ...Object.values(asked.resourceScopes).flat()])]
}
