import { answer } from '../policy/assurance.ts'
import { enrolmentWindow, mayAddPasskey } from '../policy/enrolment.ts'
import { mayOfferPasskey } from '../policy/prompts.ts'
import { ladder, type Acr } from '../policy/types.ts'
import type { Situation } from './dispatch.ts'
import type { Flow } from './flow.ts'
import { deviceOf, proofsOf, recognisedDevice } from './proofs.ts'
import { type Way } from './state.ts'

const rank = (acr: string): number => ladder.indexOf(acr as Acr)

/** Works out what the dispatcher needs to know, on each request anew. Before a proof nothing of an account enters. */
export async function assessSituation(flow: Flow): Promise<Situation> {
  const { request, state, account, deps } = flow
  const verdict = judge(flow)
  const ways = !account ? waysForAnybody(flow) : verdict.met ? waysToCreation(flow) : waysToLevel(flow, verdict)
  const decision = guard(flow)
  return {
    prompt: request.prompt,
    ...(account && state.accountId === undefined && { sessionAccountId: account.id }),
    met: account !== undefined && verdict.met,
    ways,
    first: account || !passkeyWorkedHere(flow) ? 'email_otp' : 'passkey',
    offerPasskey: account !== undefined && verdict.met && deps.config.passkeys.creation !== 'off' && (await offers(flow)).offer,
    mayCreate: account !== undefined && decision.allow,
    creationReaches: account !== undefined && !verdict.met && reachableBy('phr', verdict) && (decision.allow || decision.way === 'sign_in') && browserCanUsePasskeys(flow),
  }
}

/** Whether the proofs reach what the request asks for. */
export function judge(flow: Flow): ReturnType<typeof answer> {
  const { requirement } = flow.request
  // A level that is only preferred may be given up by the person; the true one is then told to the app.
  const asked = flow.state.withoutLevel && !requirement.essential ? { ...requirement, acrValues: [] } : requirement
  return answer(proofsOf(flow), asked, flow.request.startedAt)
}

type Verdict = ReturnType<typeof answer>

const reachableBy = (acr: Acr, verdict: Verdict): boolean =>
  verdict.missing?.acr === undefined || verdict.missing.acr.some((wanted) => rank(wanted) <= rank(acr))

/** `protect`: the ways that anybody could have; only the browser's own abilities narrow them. */
function waysForAnybody(flow: Flow): Way[] {
  return browserCanUsePasskeys(flow) ? ['passkey', 'email_otp', 'other_device'] : ['email_otp']
}

function waysToLevel(flow: Flow, verdict: Verdict): Way[] {
  const account = flow.account
  if (!account) return []
  const ways: Way[] = []
  const hasPasskey = account.credentialIds.length > 0
  if (hasPasskey && browserCanUsePasskeys(flow) && reachableBy('phr', verdict)) ways.push('passkey', 'other_device')
  const decision = guard(flow)
  const freshProofUnlocksCreation = !hasPasskey && !decision.allow && decision.way === 'sign_in' && reachableBy('phr', verdict)
  if (flow.deps.accounts.provenEmails(account).length > 0 && (reachableBy('urn:latchkey:acr:1fa', verdict) || freshProofUnlocksCreation)) ways.push('email_otp')
  return ways
}

/** What proves enough for the guard, where it says no. */
function waysToCreation(flow: Flow): Way[] {
  const { account, deps } = flow
  const decision = guard(flow)
  if (!account || decision.allow) return []
  if (decision.way === 'passkey') return browserCanUsePasskeys(flow) ? ['passkey', 'other_device'] : []
  return deps.accounts.provenEmails(account).length > 0 ? ['email_otp'] : []
}

/** Unknown counts as able: the pages hide what the browser then turns out not to do. */
const browserCanUsePasskeys = (flow: Flow): boolean => flow.state.capabilities?.webauthn ?? true

/** This browser's own record says that the typed address used a passkey here. */
function passkeyWorkedHere(flow: Flow): boolean {
  return browserCanUsePasskeys(flow) && flow.state.failures < 2 && flow.typedDevice !== undefined && flow.typedDevice.credentialIds.length > 0
}

/** The enrolment guard's word for this account, now. */
export function guard(flow: Flow, now = flow.now): ReturnType<typeof mayAddPasskey> {
  const { account, state } = flow
  return mayAddPasskey({
    now,
    proofs: proofsOf(flow),
    account: {
      createdInThisInteraction: state.created === true,
      passkeyIds: account?.credentialIds ?? [],
      ...(account?.frozen && { frozen: account.frozen }),
      passkeysOnly: account?.passkeysOnlySince !== undefined,
    },
    passkeys: [],
    recoveryReady: false,
    deviceRecognised: recognisedDevice(flow, account?.id) !== undefined,
    otherKindsHere: [],
  })
}

/** Until when the guard's yes lasts (ms): no dialog may outlive it, or a passkey would be made and then refused. */
export function mayCreateUntil(flow: Flow): number {
  const ends = proofsOf(flow).map(({ at }) => at + enrolmentWindow)
  return Math.max(flow.now, ...ends.filter((end) => guard(flow, end).allow))
}

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
