import { AppError } from '../errors.ts'
import type { Flow } from './flow.ts'
import { leave } from './leave.ts'

/** "Use another account": the same request once more, asking who it is. */
export async function switchAccount(flow: Flow): Promise<void> {
  const url = flow.plan.due === 'consent' ? flow.deps.interactions.restartUrl(flow.request) : undefined
  if (url === undefined) throw new AppError('step_done', 'there is no account to switch here')
  leave(flow, url)
}
