import { passkeysAt } from '../config/for-client.ts'
import { placeInWords } from '../http/place.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { dialogFailure, type AuthenticationFailure } from '../passkeys/index.ts'
import { judgeAnswer } from '../policy/cross-device.ts'
import type { Proof } from '../policy/types.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { passkeyPage } from '../../views/login/passkey.ts'
import { passkeyFailedPage } from '../../views/login/passkey-failed.ts'
import { heard, isPhone, platformOf, userAgentOf } from './browser.ts'
import { noteCeremony } from './ceremony.ts'
import { challengeSubject, pageOf, plan, save, shownAs, targetsOf, urlOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { readTyped } from './identifier.ts'
import { noteFailedHere } from './passkey-failures.ts'
import { noticeHere, ofRefused, type Refusal } from './passkey-notice.ts'
import { asksAgain, passkeyOptionsHere } from './passkey-options.ts'
import { proofBy } from './proofs.ts'
import { boxBeside } from './remember.ts'
import { noteFailure } from './rules.ts'
import { canRecover, canSkip } from './step-up.ts'
import { traces } from './traces.ts'
import { guardAsks } from './ways.ts'
import { claimedBy } from './whose.ts'
import { useOther } from './wrong-account.ts'
import { passkeyFailed, prove, same, typeIdentifier, type LoginState, type PasskeyNotice, type Typed, type Way } from './state.ts'

/** "Use your passkey": the passkey itself, asked for or just failed. Every passkey button of the login posts here. */
export const passkey: Screen = {
  step: 'passkey',
  async show(flow) {
    const { state, situation } = flow
    const { notice, keeper, fabric, unknownPasskey } = state
    const email = shownAs(flow)
    const auto = notice === undefined && situation.passkeyFirst?.show === 'automatic'
    const common = {
      ...(email !== undefined && { email }),
      to: targetsOf(flow),
      options: await passkeyOptionsHere(flow, { place: situation.passkeyFirst?.lead, byItself: auto }),
      stepUp: flow.account !== undefined,
      freshRetry: asksAgain(flow),
      others: otherWays(flow),
    }
    if (!notice) return sendPage(flow.ctx, passkeyPage(pageOf(flow), { ...common, auto }))
    const none = common.others.length === 0
    sendPage(flow.ctx, passkeyFailedPage(pageOf(flow), {
      ...common,
      ...platformOf(flow),
      ...(keeper !== undefined && { keeper }),
      ...(fabric && { fabric }),
      ...(unknownPasskey !== undefined && { unknown: { rpId: flow.deps.config.passkeys.rpId, unknown: unknownPasskey } }),
      notice,
      againFirst: none || (worthRepeating.has(notice) && state.failures < 2),
      canTryAgain: none || situation.ways.includes('passkey'),
      canSkip: canSkip(flow),
      canRecover: canRecover(flow),
    }))
  },
  async submit(flow, body) {
    if (body.use_other !== undefined) return useOther(flow)
    if (body.response) return signIn(flow, body.response, body)
    await failed(flow, dialogFailure(body.error, Number(body.elapsed)), alongside(flow, body))
  },
}

/** Trying again is worth the first place once, and only where the passkey was not at fault. */
const worthRepeating = new Set<PasskeyNotice>(['timeout', 'locked', 'refused', 'offline'])

/** What there is besides the passkey of this device: first what needs no passkey at all. */
const otherWays = ({ situation: { ways } }: Flow): Way[] =>
  [...ways.filter((way) => way !== 'passkey' && way !== 'other_device'), ...ways.filter((way) => way === 'other_device')]

/** What came with it: the box of the page, and what script knows of its browser. */
const alongside = (flow: Flow, body: Record<string, string>): Pick<LoginState, 'remember' | 'capabilities'> =>
  ({ ...boxBeside(flow, body), ...heard(body) })

/** `typed`: what stood on the page, in the field too when Continue was answered by a passkey. */
async function signIn(flow: Flow, response: string, typed: Record<string, string>): Promise<void> {
  const { deps, state } = flow
  const box = alongside(flow, typed)
  const result = await deps.passkeys.authenticate({ subject: challengeSubject(flow), response, usedIn: { userAgent: userAgentOf(flow).label, ...placeInWords(flow.ctx) } })
  if (!result.ok) return failed(flow, noticeOfRefusal[result.reason], box, result)
  if (result.counterRegressed) await deps.audit.record('passkey.counter_regressed', { ...traces(flow), accountId: result.account.id }, { passkeyId: result.passkey.id })
  const verdict = judge(flow, result)
  if (!verdict.ok) return failed(flow, 'not_elsewhere', box, { reason: verdict.reason, aaguid: result.passkey.aaguid })
  const { place } = verdict
  // Begun here and awaited at the end: it shares its commit with what the sign-in itself writes.
  const noted = noteCeremony(flow, { ceremony: 'get', outcome: 'ok', accountId: result.account.id, aaguid: result.passkey.aaguid, ...(place && { place }) })
  const proof = proofBy(flow, result.account, 'passkey', { credentialId: result.passkey.id, ...(place && { place }) })
  const named = state.identifier ?? identifierIn(flow, typed.identifier)
  if (belongsToAnother(flow, result.account, named)) {
    await save(flow, (current) => ({ ...(named === undefined || flow.account ? current : typeIdentifier(current, named, 'sign_in')), ...box, other: proof }))
    await goOn(flow)
    return noted
  }
  const unnamed = flow.account === undefined
  flow.account = await claimedBy(flow, result.account)
  flow.passkeys = [result.passkey]
  // What stood in the field is theirs: it may be kept here.
  await record(flow, state, proof, { ...box, ...(unnamed && named && { identifier: named }) })
  await goOn(flow)
  await noted
}

function identifierIn(flow: Flow, typed: string | undefined): Typed | undefined {
  const reading = readTyped(flow, typed)
  return reading.ok ? { kind: reading.kind, value: reading.value } : undefined
}

/** Nothing is saved where the login is over with this proof: the engine's interaction carries it on, unless a rule asks for more. */
async function record(flow: Flow, before: LoginState, proof: Proof, more: Pick<LoginState, 'remember' | 'capabilities' | 'identifier'>): Promise<void> {
  const change = (state: LoginState) => prove({ ...state, ...more }, proof)
  flow.state = change(before)
  flow.unsaved = { before, change }
  await plan(flow)
  if (flow.plan.due !== 'finish') await save(flow, (state) => state)
}

/** Somebody is named already, by what was typed or by the session, and the passkey is of somebody else. */
function belongsToAnother(flow: Flow, account: Account, typed: Typed | undefined): boolean {
  if (flow.account) return flow.account.id !== account.id
  return typed !== undefined && !account.identifiers.some((identifier) => same(identifier, typed))
}

/** `refusal`: the server's own reason; without it the browser said that there is no answer. */
async function failed(flow: Flow, said: PasskeyNotice, box: Pick<LoginState, 'remember' | 'capabilities'>, refusal?: Refusal): Promise<void> {
  const { reason, detail, aaguid } = refusal ?? {}
  await noteCeremony(flow, { ceremony: 'get', outcome: reason ?? said, ...(detail !== undefined && { detail }), ...(aaguid !== undefined && { aaguid }) })
  if (reason !== undefined) {
    await flow.deps.throttle.spend(flow.ctx, 'passkey_refused')
    await Promise.all([
      flow.deps.audit.record('sign_in.failed', traces(flow), { method: 'passkey', reason }),
      // An answer to a page that stood open for long, or that was sent twice, is no failure of anybody.
      !reason.startsWith('challenge_') && reason !== 'not_elsewhere' && noteFailure(flow),
    ])
  }
  const { notice, of } = refusal ? { notice: said, of: ofRefused(refusal) } : await noticeHere(flow, said)
  if (countsHere(notice, reason)) await noteFailedHere(flow)
  await save(flow, (state) => passkeyFailed({ ...state, ...box }, notice, flow.account !== undefined || state.identifier !== undefined, of))
  // An answer to a challenge that ran out is not the person's doing: the page asks once more with a fresh one.
  const again = reason === 'challenge_expired' ? '?again' : ''
  redirect(flow.ctx, urlOf(flow) + again)
}

/** What says that a passkey does not work in this browser, and not that the page was old, or the line dead. */
const countsHere = (notice: PasskeyNotice, reason: string | undefined): boolean =>
  notice !== 'offline' && notice !== 'not_elsewhere' && reason?.startsWith('challenge_') !== true

/** Whether policy takes a passkey from where this one is. */
const judge = (flow: Flow, { attachment, passkey: { transports } }: { attachment?: Passkey['attachment']; passkey: Passkey }) =>
  judgeAnswer(passkeysAt(flow.deps.config, flow.request.client).crossDevice, 'sign_in', { transports, ...(attachment && { attachment }) }, { phone: isPhone(flow), guard: guardAsks(flow) })

const noticeOfRefusal: Record<AuthenticationFailure, PasskeyNotice> = {
  malformed: 'refused',
  challenge_expired: 'refused',
  challenge_spent: 'refused',
  challenge_foreign: 'refused',
  unknown_credential: 'removed',
  wrong_origin: 'wrong_domain',
  wrong_rp_id: 'wrong_domain',
  user_verification_missing: 'no_verification',
  bad_signature: 'refused',
  frozen: 'frozen',
  removed: 'removed',
}
