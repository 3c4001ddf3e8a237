import { sendPage } from '../http/reply.ts'
import { stepUpPage } from '../../views/login/step-up.ts'
import { emailOf, pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { passkeyOptionsHere } from './passkey.ts'

/** L14: the account is known and the app asks for more. Only what is missing is asked. */
export const stepUp: Screen = {
  step: 'step_up',
  async show(flow) {
    const { ways, mayCreateForLevel } = flow.situation
    const can = ways.includes('passkey')
    sendPage(
      flow.ctx,
      stepUpPage(pageOf(flow), {
        email: emailOf(flow) ?? '',
        ...(can && { options: await passkeyOptionsHere(flow) }),
        can,
        canCreate: mayCreateForLevel,
        canSkip: !flow.request.requirement.essential && flow.request.requirement.acrValues.length > 0,
        ways: ways.map((method) => ({ method })),
      }),
    )
  },
  /** "Go on without": allowed where the level is only preferred; the app is told the true one. */
  async submit(flow) {
    await save(flow, (state) => ({ ...state, withoutLevel: true }))
    await goOn(flow)
  },
}
