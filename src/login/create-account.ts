import { sendPage } from '../http/reply.ts'
import { createAccountPage } from '../../views/login/create-account.ts'
import { noteWeaker, startDue } from './code-screen.ts'
import { finishSignUp } from './finish-sign-up.ts'
import { shownAs, pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { obeyRules } from './rules.ts'
import { asked } from './sign-up-asks.ts'
import { beginSignUp } from './sign-up-state.ts'

/** "Create an account for …?": nobody has an account with it. Proven already, or (`enumeration: friendly`) to be proven next. */
export const createAccount: Screen = {
  step: 'create_account',
  async show(flow) {
    const { identifier, unownedProof } = flow.state
    sendPage(flow.ctx, createAccountPage(pageOf(flow), { who: shownAs(flow) ?? '', kind: unownedProof?.identifier.kind ?? identifier?.kind ?? 'email' }))
  },
  async submit(flow) {
    const fields = asked(flow)
    if (!flow.state.identifier) return goOn(flow)
    const { kind, value } = flow.state.identifier
    await obeyRules(flow, 'sign_up', kind === 'email' ? { email: value } : {})
    await save(flow, (state) => beginSignUp(state, fields))
    // What is asked for besides comes first, on the form.
    if (flow.state.signUp?.form === undefined) {
      await finishSignUp(flow)
      await noteWeaker(flow)
      await startDue(flow)
    }
    await goOn(flow)
  },
}
