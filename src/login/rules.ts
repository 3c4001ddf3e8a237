import { AppError } from '../errors.ts'
import { isReady } from '../policy/recovery.ts'
import type { RuleVerdict } from '../policy/rules.ts'
import type { RuleEvent } from '../policy/signals.ts'
import { userAgentOf } from './browser.ts'
import type { Flow } from './flow.ts'
import { deviceOf, proofsOf } from './proofs.ts'
import type { LoginState } from './state.ts'

/** What only the caller knows. */
export interface RuleExtra {
  /** `sign_up`: the normalised address that was just typed, where it is not yet in the state */
  email?: string
  /** `change`: what is to be done, e.g. `remove_passkey` */
  change?: string
}

/**
 * What the operator's rules say to this, here and now. Asked again after another proof it no longer holds a challenge
 * that the proofs have met. Call it with the proofs already in the flow (`flow.state`, `flow.account`): at `sign_in`
 * after a proof, at `prompt` before an offer, at `enrolment` before options are made and before a creation is accepted,
 * at `recovery` before it starts, at `sign_up` wherever an address may become an account (typed, and once more when a
 * proven address is made one).
 */
export async function judgeByRules(flow: Flow, event: RuleEvent, extra: RuleExtra = {}): Promise<RuleVerdict> {
  const { account, request, state, now, deps, ctx } = flow
  return deps.risk.judge({
    event,
    now,
    occasion: request.cid,
    clientId: request.app.id,
    browser: userAgentOf(flow),
    seenFrom: ctx.state.place?.seenFrom,
    typed: extra.email ?? typedEmail(state),
    account,
    change: extra.change,
    createdHere: state.created === true,
    recovering: isReady(account?.recovery, now, ctx.state.device.hash),
    proofs: proofsOf(flow),
    device: deviceOf(flow, account?.id),
    since: request.startedAt,
  })
}

/** The same, where a no ends it. @throws AppError `stopped_by_rule` */
export async function obeyRules(flow: Flow, event: RuleEvent, extra: RuleExtra = {}): Promise<RuleVerdict> {
  const verdict = await judgeByRules(flow, event, extra)
  if (verdict.outcome === 'deny') {
    throw new AppError('stopped_by_rule', `rules ${verdict.rules.join(', ')}`, { params: { clientId: flow.request.app.id } })
  }
  return verdict
}

/** A code or a passkey was wrong. */
export const noteFailure = ({ deps, state, account, ctx }: Flow): Promise<void> =>
  deps.risk.noteFailure({ typed: typedEmail(state), account, seenFrom: ctx.state.place?.seenFrom })

const typedEmail = ({ identifier }: LoginState): string | undefined => (identifier?.kind === 'email' ? identifier.value : undefined)
