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
    const running = flow.account?.recovery
    show(flow, { standing: standingOf(flow), ...(running && { readyAt: running.readyAt, device: running.userAgent }) })
  },
  async submit(flow, body) {
    if (body.begin !== undefined) return begin(flow)
    if (body.start !== undefined) return start(flow)
    if (body.cancel !== undefined) return cancel(flow)
    await save(flow, body.create !== undefined && flow.situation.recovering ? offerAgain : leave)
    await goOn(flow)
  },
}

function show(flow: Flow, props: Pick<RecoveryProps, 'standing' | 'readyAt' | 'device' | 'retryAfter'>, status = 200): void {
  const { account, deps, situation } = flow
  const email = shownAs(flow)
  const page = recoveryPage(pageOf(flow), {
    ...(email !== undefined && { email }),
    delay: deps.config.recovery.delay / 1000,
    begins: waysBack(flow)[0] ?? 'email_otp',
    to: targetsOf(flow),
    passkeysOnly: account?.passkeysOnlySince !== undefined,
    canContinue: situation.met,
    ...props,
  })
  sendPage(flow.ctx, page, status)
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
  const spending = await spendStart(flow, account)
  if (!spending.ok) return tooOften(flow, account, spending.nextAt)
  await deps.recoveries.start(account, madeHere(flow), async ({ id: subject, readyAt }) => {
    const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'recovery_started', subject })
    await deps.notices.recoveryStarted(account, { ...noticeContext(flow), change, readyAt })
  })
  flow.account = undefined
  await save(flow, askRecovery)
  await goOn(flow)
}

/** Each start mails every address: whoever has the mailbox cannot fill it by starting and cancelling. */
const spendStart = ({ deps }: Flow, { id }: Account) => createBudget(deps.storage, { name: 'recoveries', limits: [{ count: 5, window: 24 * 60 * 60 * 1000 }] }).spend(id)

/**
 * Whoever was first to spend the starts of a day must not be the one who gets in for it: what another browser has
 * running ends as it would by a start here, and nothing takes its place. One start is needed for each, and the mails
 * about it have the same bounds.
 */
async function tooOften(flow: Flow, { id }: Account, nextAt: number): Promise<void> {
  const { ctx, deps } = flow
  const account = await deps.accounts.get(id)
  const running = account?.recovery
  const elsewhere = running && running.deviceHash !== ctx.state.device.hash ? running : undefined
  if (account && elsewhere) await cancelRecovery(flow, account, elsewhere.id)
  await reload(flow)
  const retryAfter = Math.max(1, Math.ceil((nextAt - deps.storage.clock.now()) / 1000))
  ctx.set('Retry-After', String(retryAfter))
  show(flow, { standing: 'too_often', retryAfter, ...(elsewhere && { device: elsewhere.userAgent }) }, 429)
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
