import { sendPage } from '../http/reply.ts'
import { helpPage } from '../../views/login/help.ts'
import { pageOf, type Screen } from './flow.ts'
import { canRecover } from './step-up.ts'

/** "I can't use any of these": what can still be done; before a proof without a word about any account. */
export const help: Screen = {
  step: 'help',
  async show(flow) {
    const { account, situation } = flow
    sendPage(flow.ctx, helpPage(pageOf(flow), { stepUp: account !== undefined, ways: situation.ways, canRecover: canRecover(flow) }))
  },
}
