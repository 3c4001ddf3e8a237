import { sendPage } from '../http/reply.ts'
import { methodsPage } from '../../views/login/methods.ts'
import { startMethod } from './code-screen.ts'
import { pageOf, save, shownAs, targetsOf, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { firstToConfirm } from './passkey-first.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import { choose } from './state.ts'
import { guardAsks, inOrder } from './ways.ts'

/** "Choose how to sign in". Lists what could reach the level that is asked for, never a way that policy refuses. */
export const methods: Screen = {
  step: 'methods',
  async show(flow) {
    const email = shownAs(flow)
    const decision = flow.situation.ways.includes('passkey') ? await firstToConfirm(flow, { guard: guardAsks(flow) }) : undefined
    sendPage(
      flow.ctx,
      methodsPage(pageOf(flow), {
        ...(email !== undefined && { email }),
        to: targetsOf(flow),
        ways: inOrder(flow.situation.ways, decision),
        stepUp: flow.account !== undefined,
        canContinue: flow.situation.met && flow.plan.open.includes('passkey_create'),
        options: await passkeyOptionsHere(flow, { place: 'here', picked: true }),
      }),
    )
  },
  async submit(flow, body) {
    const { method } = body
    const way = flow.situation.ways.find((way) => way === method)
    if (way !== undefined && way !== 'passkey' && way !== 'other_device') return startMethod(flow, way)
    await save(flow, (state) => choose(state, way ?? 'methods'))
    await goOn(flow)
  },
}
