import { sendPage } from '../http/reply.ts'
import { accountExistsPage } from '../../views/login/account-exists.ts'
import { shownAs, pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'

/** "You already have an account": asked for a new account, and the proven mailbox has one already. */
export const accountExists: Screen = {
  step: 'account_exists',
  async show(flow) {
    sendPage(flow.ctx, accountExistsPage(pageOf(flow), { email: shownAs(flow) ?? '' }))
  },
  async submit(flow) {
    await save(flow, (state) => ({ ...state, acknowledged: true }))
    await goOn(flow)
  },
}
