import { sendPage } from '../http/reply.ts'
import type { Change } from '../storage/types.ts'
import { freezeNoticePage } from '../../views/login/freeze-notice.ts'
import { pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { guardChange } from './guard.ts'
import { freezeId } from './situation.ts'
import { decide } from './state.ts'
import { madeHere, noticeContext } from './traces.ts'

/** "Was this you?": what somebody disowned, for a sign-in by a passkey that is older than all of it. It decides, or leaves it for later. */
export const freezeNotice: Screen = {
  step: 'freeze_notice',
  async show(flow) {
    show(flow, await question(flow))
  },
  async submit(flow, body) {
    const { account, deps } = flow
    if (!account?.frozen) return goOn(flow)
    const { frozen } = account
    const how = body.undo !== undefined ? 'undone' : body.keep !== undefined ? 'confirmed' : undefined
    if (how && guardChange(flow, { do: 'settle_freeze' }).allow) {
      const asked = await question(flow)
      if (body.shown !== asked.ids.join(' ')) return show(flow, asked, true)
      await deps.changes.settle(account.id, how, madeHere(flow), asked.ids)
      await deps.notices.detailsChanged(account, { ...noticeContext(flow), what: how === 'undone' ? 'restored' : 'kept' })
      flow.account = undefined
    }
    await save(flow, (state) => decide(state, freezeId(frozen)))
    await goOn(flow)
  },
}

/** `ids`: what a decision is about: all that is listed, and what an earlier one that was cut short has left. */
interface Question {
  open: Change[]
  ids: string[]
}

/** The account is read after the list, which may have completed what a press left half done. */
async function question({ account, deps }: Flow): Promise<Question> {
  if (!account) return { open: [], ids: [] }
  const open = await deps.changes.listOpen(account.id)
  const { frozen } = (await deps.accounts.get(account.id)) ?? {}
  return { open, ids: [...new Set([...(frozen?.changeIds ?? []), ...open.map(({ id }) => id)])].toSorted() }
}

/** `changed`: what was decided about was another list, so that nothing is decided. */
function show(flow: Flow, { open, ids }: Question, changed = false): void {
  const changes = open.map(({ kind, at, userAgent: device }) => ({ kind, at, device }))
  sendPage(flow.ctx, freezeNoticePage(pageOf(flow), { changes, shown: ids.join(' '), changed }), changed ? 409 : 200)
}
