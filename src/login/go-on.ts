import { AppError } from '../errors.ts'
import { redirect } from '../http/reply.ts'
import { finish } from './finish.ts'
import { save, urlOf, type Flow } from './flow.ts'
import { leave } from './leave.ts'
import { obeyRules } from './rules.ts'
import { changeIdentifier } from './state.ts'

/** After a change: on to whatever is due now. The operator's rules are asked before anything that follows a whole proof. */
export async function goOn(flow: Flow): Promise<void> {
  const { notify, restartUrl } = await obeySignInRules(flow)
  if (restartUrl !== undefined) return leave(flow, restartUrl)
  if (flow.plan.due === 'finish') return finish(flow, { notify })
  redirect(flow.ctx, urlOf(flow))
}

/**
 * What they ask for on top becomes part of what is asked; their no ends the sign-in. A live session counts like a sign-in,
 * and their no to it asks who else there is. Whether they want people told.
 */
async function obeySignInRules(flow: Flow): Promise<{ notify: boolean; restartUrl?: string }> {
  const { account, request, situation, plan, deps } = flow
  if (!account || request.prompt === 'consent' || !situation.met || plan.due === 'account_exists') return { notify: false }
  try {
    const { challenge, notify } = await obeyRules(flow, 'sign_in')
    if (challenge) await save(flow, (state) => ({ ...state, challenge }))
    return { notify }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'stopped_by_rule') throw error
    const restartUrl = flow.state.accountId === undefined ? deps.interactions.restartUrl(request) : undefined
    if (restartUrl !== undefined) return { notify: false, restartUrl }
    // Nothing of it counts, so that the way on from here is another one.
    await save(flow, (state) => changeIdentifier(state))
    throw error
  }
}
