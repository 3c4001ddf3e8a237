import { redirect } from '../http/reply.ts'
import { finish } from './finish.ts'
import { urlOf, type Flow } from './flow.ts'

/** After a change: on to whatever is due now. */
export async function goOn(flow: Flow): Promise<void> {
  if (flow.plan.due === 'finish') return finish(flow)
  redirect(flow.ctx, urlOf(flow))
}
