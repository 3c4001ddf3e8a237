import { sendPage } from '../http/reply.ts'
import { createAccountPage } from '../../views/login/create-account.ts'
import { noteWeaker, startEmailCode } from './email-otp.ts'
import { finishSignUp } from './finish-sign-up.ts'
import { shownAs, pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { typeIdentifier } from './state.ts'

/** "Create an account for …?": nobody has an account with this address. Proven already, or (`enumeration: friendly`) to be proven next. */
export const createAccount: Screen = {
  step: 'create_account',
  async show(flow) {
    sendPage(flow.ctx, createAccountPage(pageOf(flow), { email: shownAs(flow) ?? '' }))
  },
  async submit(flow) {
    const { identifier, unownedProof } = flow.state
    if (!identifier) return goOn(flow)
    if (unownedProof) {
      await finishSignUp(flow, identifier.value)
      await noteWeaker(flow)
    } else {
      await save(flow, (state) => typeIdentifier(state, identifier, 'sign_up'))
      await startEmailCode(flow)
    }
    await goOn(flow)
  },
}
