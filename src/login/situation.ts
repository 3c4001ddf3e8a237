import type { EnrolmentDecision } from '../policy/enrolment.ts'
import { mayCancel, mayStartRecovery, needsPasskey } from '../policy/recovery.ts'
import { isBareSession, methodsFor, needsRecoveryCodes, offered } from '../policy/strategy.ts'
import { placesNow } from './creation.ts'
import type { RecoveryStanding, Situation } from './dispatch.ts'
import type { Flow } from './flow.ts'
import { enrolmentFacts, guard, guardChange, readPasskeys } from './guard.ts'
import { firstForNamed } from './passkey-first.ts'
import { offers } from './passkey-offer.ts'
import { proofsOf } from './proofs.ts'
import { unprovenHere } from './sign-up-asks.ts'
import { same, type Typed, type Way } from './state.ts'
import { readUsablePasskey } from './usable-passkey.ts'
import {
  browserCanUsePasskeys, downgrade, firstWay, inOrder, isEnough, methodsHere, takesLinks, waysBack, waysForAnybody, waysToCreation, waysToLevel,
} from './ways.ts'

/** Works out what the dispatcher needs to know, on each request anew. Before a proof nothing of an account enters. */
export async function assessSituation(flow: Flow): Promise<Situation> {
  const { request, state, account, deps } = flow
  if (request.prompt === 'consent') return onlyConsent
  await Promise.all([readPasskeys(flow), readUsablePasskey(flow)])
  const met = account !== undefined && isEnough(flow) && !isUnprovenSession(flow)
  const decision = guard(flow)
  const recovery = recoveryStanding(flow, decision)
  const toDecide = openQuestion(flow)
  const mayCreate = account !== undefined && decision.allow && state.enrolmentChallenge === undefined
  const named = account === undefined && state.flow === 'sign_in' && state.identifier !== undefined
  const passkeyFirst = named ? await firstForNamed(flow) : undefined
  const ways = inOrder(waysNow(flow, met, decision, recovery), passkeyFirst)
  return {
    prompt: request.prompt,
    ...(account && state.accountId === undefined && { sessionAccountId: account.id }),
    met,
    blocked: downgrade(flow) === 'block',
    ways,
    links: takesLinks(flow),
    first: firstWay(flow, ways, passkeyFirst),
    ...(passkeyFirst && { passkeyFirst }),
    takesPasskeys: named && methodsHere(flow, 'sign_in').includes('passkey'),
    offerPasskey: met && mayCreate && (await offers(flow)).offer,
    mayCreate,
    creationReaches: account !== undefined && !met && isEnough(flow, ['passkey']) && (decision.allow || decision.way === 'sign_in' || decision.way === 'other_kind') && browserCanUsePasskeys(flow) && placesNow(flow).length > 0,
    ...(recovery !== undefined && { recovery }),
    recovering: account !== undefined && decision.allow && decision.by === 'recovery',
    ...(toDecide && { toDecide }),
    ...toProve(flow, met && toDecide === undefined && !(state.recover === 'asked' && recovery !== undefined && recovery !== 'none')),
    codesDue: state.created === true && state.codesSaved !== true && account !== undefined && needsRecoveryCodes(account) && deps.config.verification.methods.includes('recovery_code'),
  }
}

/** What is proven by a code next: of a sign-up, or, `met`, what it has left unproven and this app asks for. */
function toProve(flow: Flow, met: boolean): Pick<Situation, 'proves' | 'confirm'> {
  const { account, state } = flow
  if (!account) return state.flow === 'sign_up' && state.identifier ? provesBy(flow, state.identifier) : {}
  if (!met || state.created) return {}
  const first = unprovenHere(flow)
  if (!first) return {}
  const confirm = same(state.correction?.from, first) ? state.correction!.to : first
  return { confirm, ...provesBy(flow, confirm) }
}

/** An app that takes other methods only, or none, asks for the proof of an address all the same. */
function provesBy({ deps: { config } }: Flow, { kind }: Typed): Pick<Situation, 'proves'> {
  const [first] = offered(methodsFor('sign_up_proof', { server: config.verification.methods, reachable: [kind] }))
  return { proves: first !== undefined && first !== 'passkey' ? first : kind === 'phone' ? 'sms_otp' : 'email_otp' }
}

/** A session in which nothing was ever proven is none for anything but the sign-up that made it; what is left to prove is asked for by itself. */
function isUnprovenSession(flow: Flow): boolean {
  const { account, state } = flow
  if (!account || state.accountId !== undefined || unprovenHere(flow)) return false
  return isBareSession(account, proofsOf(flow))
}

const onlyConsent: Situation = {
  prompt: 'consent', met: true, blocked: false, ways: [], links: false, first: 'email_otp', offerPasskey: false, mayCreate: false, creationReaches: false, recovering: false,
}

function waysNow(flow: Flow, met: boolean, decision: EnrolmentDecision, recovery: RecoveryStanding | undefined): Way[] {
  if (!flow.account) return waysForAnybody(flow)
  const recovering = decision.allow && decision.by === 'recovery'
  const ways = met || recovering ? waysToCreation(flow, decision) : waysToLevel(flow, decision)
  // On the way back in a code is what is left to prove with.
  const forRecovery = flow.state.recover === 'asked' && (recovery === 'needs_proof' || recovery === 'ready')
  return forRecovery ? [...new Set<Way>([...waysBack(flow), ...ways])] : ways
}

/** Where a recovery of this account stands, seen from this browser. */
function recoveryStanding(flow: Flow, decision: EnrolmentDecision): RecoveryStanding | undefined {
  const { account, now, ctx } = flow
  if (!account) return undefined
  const { recovery } = account
  if (recovery && now < recovery.expiresAt && recovery.deviceHash === ctx.state.device.hash) return now < recovery.readyAt ? 'waiting' : 'ready'
  if (mayStartRecovery(enrolmentFacts(flow))) return recovery && now < recovery.expiresAt ? 'elsewhere' : 'may_start'
  return needsPasskey(decision) && waysBack(flow).length > 0 ? 'needs_proof' : 'none'
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
