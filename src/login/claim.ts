import { readable } from '../accounts/readable.ts'
import { sendPage } from '../http/reply.ts'
import { claimPage } from '../../views/login/claim.ts'
import { platformOf } from './browser.ts'
import { pageOf, save, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { discoverableOptions } from './passkey-options.ts'
import { claimNothing } from './whose.ts'

/**
 * "Did you start this account elsewhere?": somebody has used this address or number for an account and never proved it.
 * Whoever can show more than the address is the same person; everybody else gets an account of their own.
 */
export const claim: Screen = {
  step: 'claim',
  async show(flow) {
    const { claim: open, notice, keeper } = flow.state
    const holder = open && (await flow.deps.accounts.get(open.accountId))
    if (!open) return goOn(flow)
    sendPage(flow.ctx, claimPage(pageOf(flow), {
      who: readable(open.identifier),
      kind: open.identifier.kind,
      // Whose passkeys these are is for them to say: nothing of that account is told here.
      ...(holder && holder.credentialIds.length > 0 && { options: discoverableOptions(flow) }),
      ...(notice && { notice }),
      ...(keeper !== undefined && { keeper }),
      ...platformOf(flow),
    }))
  },
  async submit(flow) {
    if (flow.state.notice) await save(flow, ({ notice: _, ...state }) => state)
    await claimNothing(flow)
    await goOn(flow)
  },
}
