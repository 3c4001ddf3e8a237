import { answer } from '../policy/assurance.ts'
import { downgradeAction, type DowngradeAction } from '../policy/downgrade.ts'
import type { EnrolmentDecision } from '../policy/enrolment.ts'
import { mayOfferPasskey } from '../policy/prompts.ts'
import { mayCancel, mayStartRecovery, needsPasskey } from '../policy/recovery.ts'
import { rankOf, type Acr, type Method } from '../policy/types.ts'
import type { RecoveryStanding, Situation } from './dispatch.ts'
import type { Flow } from './flow.ts'
import { enrolmentFacts, guard, guardChange, readPasskeys, takesCodes } from './guard.ts'
import { deviceOf, proofsOf } from './proofs.ts'
import type { Way } from './state.ts'

/** Works out what the dispatcher needs to know, on each request anew. Before a proof nothing of an account enters. */
export async function assessSituation(flow: Flow): Promise<Situation> {
  const { request, state, account, deps } = flow
  if (request.prompt === 'consent') return onlyConsent
  await readPasskeys(flow)
  const missing = missingOf(flow)
  const met = account !== undefined && missing.length === 0
  const decision = guard(flow)
  const recovery = recoveryStanding(flow, decision)
  const toDecide = openQuestion(flow)
  const mayCreate = account !== undefined && decision.allow && state.enrolmentChallenge === undefined
  return {
    prompt: request.prompt,
    ...(account && state.accountId === undefined && { sessionAccountId: account.id }),
    met,
    blocked: downgrade(flow) === 'block',
    ways: waysNow(flow, missing, decision, recovery),
    first: account || !passkeyComesFirst(flow) ? 'email_otp' : 'passkey',
    offerPasskey: met && mayCreate && deps.config.passkeys.creation !== 'off' && (await offers(flow)).offer,
    mayCreate,
    creationReaches: account !== undefined && !met && reachedBy('passkey', missing) && (decision.allow || decision.way === 'sign_in') && browserCanUsePasskeys(flow),
    ...(recovery !== undefined && { recovery }),
    recovering: account !== undefined && decision.allow && decision.by === 'recovery',
    ...(toDecide && { toDecide }),
  }
}

const onlyConsent: Situation = {
  prompt: 'consent', met: true, blocked: false, ways: [], first: 'email_otp', offerPasskey: false, mayCreate: false, creationReaches: false, recovering: false,
}

/** Whether the proofs reach what the request asks for. */
export function judge(flow: Flow): ReturnType<typeof answer> {
  const { requirement } = flow.request
  // A level that is only preferred may be given up by the person; the true one is then told to the app.
  const asked = flow.state.withoutLevel && !requirement.essential ? { ...requirement, acrValues: [] } : requirement
  return answer(proofsOf(flow), asked, flow.request.startedAt)
}

/** What the proofs of this sign-in lead to where the account has something better; before there are any, those of the session. */
export function downgrade(flow: Flow): DowngradeAction {
  const { state, request, deps } = flow
  return downgradeAction(state.proofs.length > 0 ? state.proofs : proofsOf(flow), request.client.latchkey.assurance.downgrade ?? deps.config.assurance.downgrade)
}

/** One thing that is still asked for: any of the levels, by one of the methods. */
interface Missing {
  acr?: Acr[]
  methods?: Method[]
}

/** What the app, the operator's settings and the operator's rules still ask for. */
function missingOf(flow: Flow): Missing[] {
  const { state, request: { requirement } } = flow
  const verdict = judge(flow)
  const { methods } = requirement
  const weaker = ['step_up', 'block'].includes(downgrade(flow))
  const { challenge } = state
  return [
    ...(verdict.met ? [] : [{ ...(verdict.missing?.acr && { acr: verdict.missing.acr }), ...(methods && { methods }) }]),
    ...(weaker ? [{ acr: ['phr' as const] }] : []),
    ...(challenge ? [{ ...(challenge.acr && { acr: [challenge.acr] }), ...(challenge.methods && { methods: challenge.methods }) }] : []),
  ]
}

const methodOf = (way: Way): Method => (way === 'email_otp' ? 'email_otp' : 'passkey')
const levelOf = (way: Way): Acr => (way === 'email_otp' ? 'urn:latchkey:acr:1fa' : 'phr')

const reachedBy = (way: Way, missing: Missing[]): boolean =>
  missing.every(({ acr, methods }) => (acr?.some((wanted) => rankOf(wanted) <= rankOf(levelOf(way))) ?? true) && (methods?.includes(methodOf(way)) ?? true))

function waysNow(flow: Flow, missing: Missing[], decision: EnrolmentDecision, recovery: RecoveryStanding | undefined): Way[] {
  if (!flow.account) return waysForAnybody(flow)
  const recovering = decision.allow && decision.by === 'recovery'
  const ways = missing.length === 0 || recovering ? waysToCreation(flow, decision) : waysToLevel(flow, missing, decision)
  // On the way back in a code is what is left to prove with.
  const forRecovery = flow.state.recover === 'asked' && (recovery === 'needs_proof' || recovery === 'ready') && takesCodes(flow)
  return forRecovery ? [...new Set<Way>(['email_otp', ...ways])] : ways
}

/** `protect`: the ways that anybody could have; only the app and the browser's own abilities narrow them. */
function waysForAnybody(flow: Flow): Way[] {
  const { methods } = flow.request.requirement
  const ways: Way[] = browserCanUsePasskeys(flow) ? ['passkey', 'email_otp', 'other_device'] : ['email_otp']
  // A code begins the way back in, whatever the app takes in the end.
  return ways.filter((way) => methods?.includes(methodOf(way)) !== false || (way === 'email_otp' && flow.state.recover === 'asked'))
}

function waysToLevel(flow: Flow, missing: Missing[], decision: EnrolmentDecision): Way[] {
  const hasPasskey = flow.account!.credentialIds.length > 0
  const ways: Way[] = []
  if (hasPasskey && browserCanUsePasskeys(flow) && reachedBy('passkey', missing)) ways.push('passkey', 'other_device')
  const freshProofUnlocksCreation = !hasPasskey && !decision.allow && decision.way === 'sign_in' && reachedBy('passkey', missing)
  if (takesCodes(flow) && (reachedBy('email_otp', missing) || freshProofUnlocksCreation)) ways.push('email_otp')
  return ways
}

/** What proves enough for the guard, and for the operator's rules, where they say no. */
function waysToCreation(flow: Flow, decision: EnrolmentDecision): Way[] {
  const { state: { enrolmentChallenge: asked } } = flow
  const hasPasskey = flow.account!.credentialIds.length > 0 && browserCanUsePasskeys(flow)
  const all: Way[] = [...(hasPasskey ? (['passkey', 'other_device'] as const) : []), ...(takesCodes(flow) ? (['email_otp'] as const) : [])]
  if (decision.allow) {
    if (!asked) return []
    return all.filter((way) => reachedBy(way, [{ ...(asked.acr && { acr: [asked.acr] }), ...(asked.methods && { methods: asked.methods }) }]))
  }
  if (decision.way === 'passkey' || decision.way === 'older_passkey') return all.filter((way) => way !== 'email_otp')
  return decision.way === 'sign_in' ? all.filter((way) => way === 'email_otp') : []
}

/** Unknown counts as able: the pages hide what the browser then turns out not to do. */
const browserCanUsePasskeys = (flow: Flow): boolean => flow.state.capabilities?.webauthn ?? true

/** This browser's own record says that the typed address used a passkey here, or the app takes nothing else. */
function passkeyComesFirst(flow: Flow): boolean {
  if (!browserCanUsePasskeys(flow) || flow.state.failures >= 2) return false
  if (flow.request.requirement.methods?.includes('email_otp') === false) return true
  return flow.typedDevice !== undefined && flow.typedDevice.credentialIds.length > 0
}

/** Where a recovery of this account stands, seen from this browser. */
function recoveryStanding(flow: Flow, decision: EnrolmentDecision): RecoveryStanding | undefined {
  const { account, now, ctx } = flow
  if (!account) return undefined
  const { recovery } = account
  if (recovery && now < recovery.expiresAt && recovery.deviceHash === ctx.state.device.hash) return now < recovery.readyAt ? 'waiting' : 'ready'
  if (mayStartRecovery(enrolmentFacts(flow))) return recovery && now < recovery.expiresAt ? 'elsewhere' : 'may_start'
  return needsPasskey(decision) && takesCodes(flow) ? 'needs_proof' : 'none'
}

/** A freeze that the passkey used here can lift, or a recovery that it can stop; each is shown once in a sign-in. */
function openQuestion(flow: Flow): Situation['toDecide'] {
  const { account, state, now } = flow
  const used = state.proofs.findLast(({ method }) => method === 'passkey')
  const passkey = flow.passkeys.find(({ id }) => id === used?.credentialId)
  if (!account || !passkey) return undefined
  const isOpen = (id: string) => state.decided?.includes(id) !== true
  const lifts = guardChange(flow, { do: 'settle_freeze' })
  if (account.frozen && isOpen(freezeId(account.frozen)) && lifts.allow && lifts.by === undefined) return 'freeze_notice'
  return account.recovery && isOpen(account.recovery.id) && mayCancel(passkey, account.recovery, now) ? 'recovery_notice' : undefined
}

/** What a freeze is known by while a sign-in lasts. */
export const freezeId = ({ at }: { at: number }): string => `freeze ${at}`

/** Whether to offer a passkey now, and why (not). */
export async function offers(flow: Flow): Promise<ReturnType<typeof mayOfferPasskey>> {
  const { account, state, deps, now } = flow
  const last = state.proofs.at(-1)
  // After a passkey sign-in there is nothing to offer: no read of the history on the way that is used most.
  if (!account || !last || last.method === 'passkey' || state.offer) return { offer: false, neverButton: false, reason: 'nothing to offer' }
  const here = deviceOf(flow, account.id)
  return mayOfferPasskey({
    history: await deps.storage.prompts.query({ accountId: account.id, limit: 20 }),
    now,
    config: deps.config.passkeys.prompts,
    browserCan: state.capabilities?.platform === true,
    signedInBy: last.method,
    hasPasskeyForThisDevice: here !== undefined && here.credentialIds.some((id) => account.credentialIds.includes(id)),
    guard: guard(flow),
    created: state.created === true,
  })
}
