import { sendPage } from '../http/reply.ts'
import { blockedPage } from '../../views/login/blocked.ts'
import { pageOf, shownAs, targetsOf, type Screen } from './flow.ts'
import { passkeyOptionsHere } from './passkey-options.ts'

/** "Use your passkey here": the code was right, and does not sign in to an account that has something better. */
export const blocked: Screen = {
  step: 'blocked',
  async show(flow) {
    const { ways } = flow.situation
    sendPage(
      flow.ctx,
      blockedPage(pageOf(flow), {
        email: shownAs(flow) ?? '',
        stopped: flow.account?.credentialIds.length === 0,
        ...(ways.includes('passkey') && { options: await passkeyOptionsHere(flow) }),
        to: targetsOf(flow),
        others: ways.filter((way) => way !== 'passkey'),
      }),
    )
  },
}
