import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import type { Account } from '../storage/types.ts'
import { createBudget } from '../verification/index.ts'
import { recoveryPage, type RecoveryProps } from '../../views/login/recovery.ts'
import { startDue } from './code-screen.ts'
import { pageOf, reload, save, shownAs, targetsOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { obeyRules } from './rules.ts'
import { askRecovery, choose, type LoginState } from './state.ts'
import { madeHere, noticeContext } from './traces.ts'
import { waysBack } from './ways.ts'

/** "Get back in": a way that takes time, for who has lost every passkey. A code begins it, in the end stands one new passkey. */
export const recovery: Screen = {
  step: 'recovery',
  async show(flow) {
    const { account, deps, situation } = flow
    const email = shownAs(flow)
    const running = account?.recovery
    sendPage(
      flow.ctx,
      recoveryPage(pageOf(flow), {
        standing: standingOf(flow),
        ...(email !== undefined && { email }),
        delay: deps.config.recovery.delay / 1000,
        begins: waysBack(flow)[0] ?? 'email_otp',
        to: targetsOf(flow),
        ...(running && { readyAt: running.readyAt, device: running.userAgent }),
        passkeysOnly: account?.passkeysOnlySince !== undefined,
        canContinue: situation.met,
      }),
    )
  },
  async submit(flow, body) {
    if (body.begin !== undefined) return begin(flow)
    if (body.start !== undefined) return start(flow)
    if (body.cancel !== undefined) return cancel(flow)
    await save(flow, body.create !== undefined && flow.situation.recovering ? offerAgain : leave)
    await goOn(flow)
  },
}

function standingOf({ situation: { recovery, recovering } }: Flow): RecoveryProps['standing'] {
  return recovering ? 'may_create' : (recovery ?? 'before_proof')
}

/** Nothing of the way back stands in the way of the sign-in any more. */
const leave = (state: LoginState): LoginState => ({ ...state, recover: 'over' })

/** The passkey that was put off is offered once more. */
const offerAgain = ({ offer: _, ...state }: LoginState): LoginState => state

/** A code by email, before anything else. */
async function begin(flow: Flow): Promise<void> {
  await save(flow, (state) => choose(askRecovery(state), waysBack(flow)[0] ?? 'methods'))
  await startDue(flow)
  await goOn(flow)
}

/** The wait begins, and everybody who can be told is told. Pressed twice, it begins once. */
async function start(flow: Flow): Promise<void> {
  const { account, deps, situation } = flow
  if (!account || (situation.recovery !== 'may_start' && situation.recovery !== 'elsewhere')) return goOn(flow)
  const verdict = await obeyRules(flow, 'recovery')
  // Whoever could prove more than a code has no need of this.
  if (verdict.challenge) throw new AppError('stopped_by_rule', 'a rule asks for more than a recovery can prove', { params: { clientId: flow.request.app.id } })
  await spendStart(flow, account)
  await deps.recoveries.start(account, madeHere(flow), async ({ id: subject, readyAt }) => {
    const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'recovery_started', subject })
    await deps.notices.recoveryStarted(account, { ...noticeContext(flow), change, readyAt })
  })
  flow.account = undefined
  await save(flow, askRecovery)
  await goOn(flow)
}

/** Each start mails every address: whoever has the mailbox cannot fill it by starting and cancelling. */
async function spendStart({ deps }: Flow, { id }: Account): Promise<void> {
  const spending = await createBudget(deps.storage, { name: 'recoveries', limits: [{ count: 5, window: 24 * 60 * 60 * 1000 }] }).spend(id)
  if (spending.ok) return
  throw new AppError('throttled', 'too many recoveries of this account were started', { retryAfter: Math.ceil((spending.nextAt - deps.storage.clock.now()) / 1000) })
}

async function cancel(flow: Flow): Promise<void> {
  const { account, situation } = flow
  if (account?.recovery && situation.recovery === 'waiting') await cancelRecovery(flow, account, account.recovery.id)
  await reload(flow)
  await save(flow, leave)
  await goOn(flow)
}

/** Nothing comes of it any more, and every address hears that. */
export async function cancelRecovery(flow: Flow, account: Account, recoveryId: string): Promise<void> {
  const { deps } = flow
  if (!(await deps.recoveries.cancel(account.id, recoveryId))) return
  await deps.notices.detailsChanged(account, { ...noticeContext(flow), what: 'recovery_cancelled' })
}
