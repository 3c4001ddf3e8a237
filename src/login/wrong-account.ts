import { readable } from '../accounts/readable.ts'
import { sendPage } from '../http/reply.ts'
import { wrongAccountPage } from '../../views/login/wrong-account.ts'
import { nameOf, pageOf, save, shownAs, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { changeIdentifier, prove } from './state.ts'

/** "That passkey belongs to another account": the passkey was good, but it is of another account than the one named before. The person decides. */
export const wrongAccount: Screen = {
  step: 'wrong_account',
  async show(flow) {
    const other = await flow.deps.accounts.get(flow.state.other?.accountId ?? '')
    const theirs = nameOf(other)
    const stay = flow.situation.ways.find((way) => way !== 'passkey' && way !== 'other_device')
    sendPage(flow.ctx, wrongAccountPage(pageOf(flow), { email: shownAs(flow) ?? '', otherEmail: theirs ? readable(theirs) : '', canSwitch: maySwitch(flow), ...(stay && { stay }) }))
  },
}

/** "Sign in as …": the passkey was a whole sign-in, and the person says that it is the one they want. */
export async function useOther(flow: Flow): Promise<void> {
  const proof = flow.state.other
  if (!proof || !maySwitch(flow)) return goOn(flow)
  // Who it is was not typed here, and is not kept here.
  await save(flow, (state) =>
    state.other?.accountId === proof.accountId && state.other.at === proof.at
      ? prove(changeIdentifier(state), proof)
      : undefined,
  )
  await goOn(flow)
}

/** An app that asks more of a signed-in person is not to be answered with somebody else. */
const maySwitch = (flow: Flow): boolean => flow.account === undefined
