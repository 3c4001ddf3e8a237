import { AppError } from '../errors.ts'
import { redirect } from '../http/reply.ts'
import { finish } from './finish.ts'
import { save, urlOf, type Flow } from './flow.ts'
import { obeyRules } from './rules.ts'
import { changeIdentifier } from './state.ts'

/** After a change: on to whatever is due now. The operator's rules are asked before anything that follows a whole proof. */
export async function goOn(flow: Flow): Promise<void> {
  const notify = await obeySignInRules(flow)
  if (flow.plan.due === 'finish') return finish(flow, { notify })
  redirect(flow.ctx, urlOf(flow))
}

/** What they ask for on top becomes part of what is asked; their no ends the sign-in. Whether they want people told. */
async function obeySignInRules(flow: Flow): Promise<boolean> {
  if (flow.state.accountId === undefined || !flow.situation.met || flow.plan.due === 'account_exists') return false
  try {
    const { challenge, notify } = await obeyRules(flow, 'sign_in')
    if (challenge) await save(flow, (state) => ({ ...state, challenge }))
    return notify
  } catch (error) {
    // Nothing of it counts, so that the way on from here is another one.
    if (error instanceof AppError && error.code === 'stopped_by_rule') await save(flow, (state) => changeIdentifier(state))
    throw error
  }
}
