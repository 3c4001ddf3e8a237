import { domainOf, emailsOf, throttleKeys } from '../accounts/emails.ts'
import { AppError } from '../errors.ts'
import { ceiling } from '../policy/assurance.ts'
import { isReady } from '../policy/recovery.ts'
import type { RuleVerdict } from '../policy/rules.ts'
import type { RuleEvent } from '../policy/signals.ts'
import { methodsOf } from '../policy/strategy.ts'
import type { Acr } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { hereOf, userAgentOf } from './browser.ts'
import type { Flow, LoginDeps } from './flow.ts'
import { deviceOf, proofsOf, recognisedDevice } from './proofs.ts'
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
  const here = hereOf(flow)
  const device = deviceOf(flow, account?.id)
  const email = extra.email ?? typedEmail(state) ?? emailsOf(account)[0]
  return deps.risk.judge({
    event,
    now,
    occasion: request.cid,
    clientId: request.app.id,
    browser: userAgentOf(flow),
    addresses: addressesOf(flow, extra.email),
    createdHere: state.created === true,
    recovering: isReady(account?.recovery, now, ctx.state.device.hash),
    proofs: proofsOf(flow),
    recognised: recognisedDevice(flow, account?.id) !== undefined,
    ...(email !== undefined && { domain: domainOf(email) }),
    ...(here.country !== undefined && { country: here.country }),
    ...(here.network !== undefined && { network: here.network }),
    ...(extra.change !== undefined && { change: extra.change }),
    ...(account && { account, ...reachOf(deps, account) }),
    // A copied cookie does not make a stranger's browser known.
    ...(device && !deps.devices.isElsewhere(device, here) && { device }),
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

/** A code or a passkey was wrong. Counted by what was typed, known or not, and by network, for rules alone. */
export async function noteFailure(flow: Flow): Promise<void> {
  const { config, risk } = flow.deps
  // With a loopback issuer every request comes from this machine: there is no network to tell from another.
  const network = config.loopback ? undefined : hereOf(flow).network
  await risk.failures.note({ addresses: addressesOf(flow), ...(network !== undefined && { network }) })
}

const typedEmail = ({ identifier }: LoginState): string | undefined => (identifier?.kind === 'email' ? identifier.value : undefined)

/** Before a proof what was typed, and nothing of whom it may belong to; afterwards every address of the account. */
const addressesOf = (flow: Flow, typed = typedEmail(flow.state)): string[] =>
  throttleKeys(flow.account ? emailsOf(flow.account) : typed === undefined ? [] : [typed])

/** By the account alone: a browser that says of itself that it knows no passkeys would switch off the rules that ask for one. */
export function reachOf({ config }: Pick<LoginDeps, 'config'>, account: Account): { reach?: Acr } {
  const methods = methodsOf(account, config.verification.methods)
  return methods.length > 0 ? { reach: ceiling(methods) } : {}
}
