import { sendPage } from '../http/reply.ts'
import { helpPage } from '../../views/login/help.ts'
import { pageOf, type Screen } from './flow.ts'

/** "I can't use any of these": what can still be done, without a word about any account. */
export const help: Screen = {
  step: 'help',
  async show(flow) {
    sendPage(flow.ctx, helpPage(pageOf(flow), {}))
  },
}
