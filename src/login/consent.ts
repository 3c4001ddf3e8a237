import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import { scopeOfClaim } from '../oidc/accounts.ts'
import { consentPage } from '../../views/login/consent.ts'
import { traces, leave } from './finish.ts'
import { emailOf, pageOf, type Flow, type Screen } from './flow.ts'

/** "Let … see this?": an app that is not the operator's own asks what it may see. */
export const consent: Screen = {
  step: 'consent',
  async show(flow) {
    const { app } = flow.request
    const email = emailOf(flow)
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

/** "Use another account": the same request once more, asking who it is. */
export async function switchAccount(flow: Flow): Promise<void> {
  const url = flow.plan.due === 'consent' ? flow.deps.interactions.restartUrl(flow.request) : undefined
  if (url === undefined) throw new AppError('step_done', 'there is no account to switch here')
  leave(flow, url)
}
