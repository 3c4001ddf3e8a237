import { forgetPress } from './email-link.ts'
import type { Flow } from './flow.ts'
import { leave } from './leave.ts'
import { traces } from './traces.ts'
import { judge } from './ways.ts'

/** "Go back to the app": the request ends, nobody is signed in by it. */
export async function abort(flow: Flow): Promise<void> {
  const { deps, request, situation } = flow
  // It needs no proof, and each leaves an entry in the audit log.
  await deps.throttle.spend(flow.ctx, 'aborted')
  await deps.audit.record('sign_in.aborted', traces(flow), { step: flow.plan.due })
  const reachable = situation.ways.length > 0 || situation.creationReaches
  const beyondReach = flow.account !== undefined && !situation.met && !reachable && !judge(flow).met
  const error = beyondReach
    ? { error: 'unmet_authentication_requirements', error_description: 'the requested authentication could not be reached' }
    : undefined
  await forgetPress(flow)
  leave(flow, await deps.interactions.abort(request, error))
}
