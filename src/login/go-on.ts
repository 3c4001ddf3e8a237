import { finish } from './finish.ts'
import { urlOf, type Flow } from './flow.ts'

/** After a change: on to whatever is due now. */
export async function goOn(flow: Flow): Promise<void> {
  if (flow.plan.due === 'finish') return finish(flow)
  flow.ctx.status = 303
  flow.ctx.redirect(urlOf(flow))
}
