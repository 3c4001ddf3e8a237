import { sendPage } from '../http/reply.ts'
import { freezeNoticePage } from '../../views/login/freeze-notice.ts'
import { pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { guardChange } from './guard.ts'
import { freezeId } from './situation.ts'
import { decide } from './state.ts'
import { madeHere, noticeContext } from './traces.ts'

/** "Was this you?": what somebody disowned, for a sign-in by a passkey that is older than all of it. It decides, or leaves it for later. */
export const freezeNotice: Screen = {
  step: 'freeze_notice',
  async show(flow) {
    const open = flow.account ? await flow.deps.changes.listOpen(flow.account.id) : []
    sendPage(flow.ctx, freezeNoticePage(pageOf(flow), { changes: open.map(({ kind, at, userAgent: device }) => ({ kind, at, device })) }))
  },
  async submit(flow, body) {
    const { account, deps } = flow
    if (!account?.frozen) return goOn(flow)
    const { frozen } = account
    const how = body.undo !== undefined ? 'undone' : body.keep !== undefined ? 'confirmed' : undefined
    if (how && guardChange(flow, { do: 'settle_freeze' }).allow) {
      await deps.changes.settle(account.id, how, madeHere(flow))
      await deps.notices.detailsChanged(account, { ...noticeContext(flow), what: how === 'undone' ? 'restored' : 'kept' })
      flow.account = undefined
    }
    await save(flow, (state) => decide(state, freezeId(frozen)))
    await goOn(flow)
  },
}
