import { sendPage } from '../http/reply.ts'
import { recoveryNoticePage } from '../../views/login/recovery-notice.ts'
import { pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { cancelRecovery } from './recovery.ts'
import { decide } from './state.ts'

/** "Someone is recovering your account": shown to a sign-in by a passkey of before, which can stop it. Once in each. */
export const recoveryNotice: Screen = {
  step: 'recovery_notice',
  async show(flow) {
    const { recovery } = flow.account ?? {}
    if (!recovery) return goOn(flow)
    const { userAgent: device, startedAt, readyAt } = recovery
    sendPage(flow.ctx, recoveryNoticePage(pageOf(flow), { device, startedAt, readyAt }))
  },
  async submit(flow, body) {
    const { account } = flow
    if (!account?.recovery) return goOn(flow)
    const { id } = account.recovery
    if (body.cancel !== undefined) {
      await cancelRecovery(flow, account, id)
      flow.account = undefined
    }
    await save(flow, (state) => decide(state, id))
    await goOn(flow)
  },
}
