import { sendPage } from '../http/reply.ts'
import { createAccountPage } from '../../views/login/create-account.ts'
import { noteWeaker, startEmailCode } from './email-otp.ts'
import { finishSignUp } from './finish-sign-up.ts'
import { emailOf, pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { typeEmail } from './state.ts'

/** "Create an account for …?": nobody has an account with this address. Proven already, or (`enumeration: friendly`) to be proven next. */
export const createAccount: Screen = {
  step: 'create_account',
  async show(flow) {
    sendPage(flow.ctx, createAccountPage(pageOf(flow), { email: emailOf(flow) ?? '' }))
  },
  async submit(flow) {
    const { email = '', mailboxProvenAt } = flow.state
    if (mailboxProvenAt !== undefined) {
      await finishSignUp(flow, email)
      await noteWeaker(flow)
    } else {
      await save(flow, (state) => typeEmail(state, email, 'sign_up'))
      await startEmailCode(flow)
    }
    await goOn(flow)
  },
}
