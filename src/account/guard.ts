import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import { allowedUntil, factsOf, mayChange, type ChangeRequest, type EnrolmentDecision, type EnrolmentFacts } from '../policy/enrolment.ts'
import { isReady } from '../policy/recovery.ts'
import type { RuleVerdict } from '../policy/rules.ts'
import { methodsOf } from '../policy/strategy.ts'
import { ladder, rankOf, type Acr } from '../policy/types.ts'
import type { Device } from '../storage/types.ts'
import { guardPage } from '../../views/account/guard.ts'
import { userAgentOf } from './here.ts'
import { home, pageOf, traces, type Visitor } from './session.ts'
import { confirmed, goToSignIn, type Demand } from './sign-in.ts'

export type Granted = Extract<EnrolmentDecision, { allow: true }>
type Refused = Extract<EnrolmentDecision, { allow: false }>

/** What would make it a yes: one more proof, by a sign-in. */
type Missing = Pick<Demand, 'acr' | 'maxAge'>

/** seconds: a new one. 0 would ask who it is from the beginning (OpenID Connect Core 3.1.2.1: as prompt=login). */
const anew = 1

/** seconds: for the second of two kinds the first one counts so long, and both are young enough when they come back */
const together = 2 * 60

/**
 * The one door of every change to what opens the account: the enrolment guard, then the operator's rules. undefined: not
 * now, and the answer is the step-up that makes it a yes, which leads back to this page, or what the person can do.
 * `otherwise`: where giving it up leads. @throws AppError `stopped_by_rule`
 */
export async function guarded(visitor: Visitor, change: ChangeRequest, otherwise = home): Promise<Granted | undefined> {
  const here = await lookAround(visitor)
  const facts = await factsHere(visitor, here)
  const decision = mayChange(change, facts)
  if (!decision.allow) {
    await visitor.deps.audit.record('change.refused_by_guard', traces(visitor), { change: change.do, way: decision.way })
    await lead(visitor, decision, missingFor(decision), otherwise)
    return undefined
  }
  const { challenge, outcome, rules } = await judge(visitor, change, facts, here)
  if (outcome === 'deny') throw new AppError('stopped_by_rule', `rules ${rules.join(', ')}`, { params: { continueUrl: otherwise } })
  if (!challenge) return decision
  await lead(visitor, { allow: false, way: 'other_kind' }, missingByRule(challenge), otherwise)
  return undefined
}

/** Until when the guard's yes lasts (ms); undefined: it says no. */
export async function allowedHere(visitor: Visitor, change: ChangeRequest): Promise<number | undefined> {
  return allowedUntil(change, await factsHere(visitor, await lookAround(visitor)))
}

/** In the address: the person asks to prove once more, although it was not clear that it would help. */
const again = 'again'

/** They pressed "Confirm it is you". A page that asks the guard at its button alone asks it then too. */
export const asksAgain = ({ ctx }: Pick<Visitor, 'ctx'>): boolean => again in ctx.query

interface Here {
  device: Device | undefined
  /** the time of the oldest proof */
  since: number
  recognised: boolean
}

export async function lookAround({ ctx, deps, account, session, deviceHash, now }: Visitor): Promise<Here> {
  const { browser, platform } = userAgentOf({ ctx })
  const device = (await deps.devices.listHere(deviceHash)).find(({ accountId }) => accountId === account.id)
  const since = Math.min(...session.proofs.map(({ at }) => at))
  return { device, since, recognised: deps.devices.isRecognised(device, { browser, platform, ...ctx.state.place?.seenFrom }, now, since) }
}

async function factsHere(visitor: Visitor, { recognised }: Here): Promise<EnrolmentFacts> {
  const { account, session, deps, now, deviceHash } = visitor
  return {
    ...factsOf(account),
    now,
    // Changes are known by the browser that made them: what was proven under another cookie says nothing for this one.
    proofs: session.proofs.filter((proof) => proof.deviceHash === deviceHash),
    passkeys: account.credentialIds.length > 0 ? await deps.passkeys.listFor(account) : [],
    recoveryReady: isReady(account.recovery, now, deviceHash),
    deviceRecognised: recognised,
    otherKindsHere: methodsOf(account, deps.config.verification.methods),
  }
}

/** undefined: no proof at hand would help. */
function missingFor({ way }: Refused): Missing | undefined {
  if (way === 'other_kind') return { acr: 'urn:latchkey:acr:mfa', maxAge: together }
  if (way === 'passkey') return { acr: 'phr', maxAge: anew }
  return way === 'sign_in' ? { maxAge: anew } : undefined
}

function missingByRule({ acr, methods }: NonNullable<RuleVerdict['challenge']>): Missing {
  const byPasskey = methods !== undefined && methods.every((method) => method === 'passkey')
  const wanted: Acr | undefined = byPasskey ? 'phr' : acr
  return { ...(wanted !== undefined && rankOf(wanted) > rankOf(ladder[0]) && { acr: wanted }), maxAge: anew }
}

/** To the step-up, unless they just come from it, or nothing there would help: then it is said what would. */
async function lead(visitor: Visitor, refused: Refused, missing: Missing | undefined, otherwise: string): Promise<void> {
  const { ctx, deps, account } = visitor
  const asked = again in ctx.query ? { acr: 'phr' as const, maxAge: anew } : missing
  if (asked && !(confirmed in ctx.query)) {
    return goToSignIn(ctx, deps, { path: ctx.path, otherwise }, { ...asked, accountId: account.id })
  }
  const page = await pageOf(visitor)
  sendPage(ctx, guardPage(page, { way: refused.way, backUrl: otherwise, againUrl: `${ctx.path}${missing ? '' : `?${again}`}`, ...(refused.until !== undefined && { until: refused.until }), ...(account.frozen && { frozen: true }) }), 403)
}

function judge(visitor: Visitor, change: ChangeRequest, { proofs, recoveryReady }: EnrolmentFacts, { device, since }: Here): Promise<RuleVerdict> {
  const { account, ctx, deps, now, session } = visitor
  return deps.risk.judge({
    ...(change.do === 'add_passkey' ? { event: 'enrolment' } : { event: 'change', change: change.do }),
    now,
    occasion: `account:${session.uid}`,
    browser: userAgentOf(visitor),
    seenFrom: ctx.state.place?.seenFrom,
    account,
    createdHere: false,
    recovering: recoveryReady,
    proofs,
    device,
    since,
  })
}
