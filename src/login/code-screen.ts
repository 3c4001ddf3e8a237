import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { AppError } from '../errors.ts'
import { placeName } from '../http/place.ts'
import { sendPage } from '../http/reply.ts'
import type { OtherMethod } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import type { CheckResult, CodeStatus, Purpose, VerificationMethod } from '../verification/index.ts'
import type { Html, PageContext } from '../../views/page.ts'
import { codeErrorOf, sendErrorOf, type CodeError, type CodeProps, type SentCodeProps } from '../../views/parts/code.ts'
import { insideOf, userAgentOf } from './browser.ts'
import { findTyped, nameOf, pageOf, save, shownAs, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import { recognisedDevice } from './proofs.ts'
import { noteFailure } from './rules.ts'
import { choose, prove, same, type LoginState, type Typed } from './state.ts'
import { traces } from './traces.ts'
import { proofBeside } from './usable-passkey.ts'
import { downgrade, guardAsks, offerHere } from './ways.ts'
import { identifierProven } from './whose.ts'

/** What is different between the screens that take a code. */
export interface CodeScreen {
  step: OtherMethod
  /** of a code that was sent */
  drawSent?(page: PageContext, props: SentCodeProps & { ending?: string }): Html
  /** … and of one that the person has */
  draw?(page: PageContext, props: CodeProps): Html
  /** what else is posted to it; true: that was all */
  submit?(flow: Flow, body: Record<string, string>): Promise<boolean>
  /** what a right code is recorded as and who is told of it, before it proves anything */
  onProven?(flow: Flow, account: Account, result: CheckResult & { ok: true }): Promise<void>
  /** what is kept beside the proof */
  note?(state: LoginState, result: CheckResult & { ok: true }): LoginState
}

/** One field for a code: the same tries, budgets, waits and words for whatever proves. */
export function createCodeScreen(screen: CodeScreen): Screen {
  const { step } = screen
  return {
    step,
    async show(flow) {
      const wait = Math.ceil(((flow.state.sendsAgainAt ?? 0) - flow.now) / 1000)
      const limited = screen.drawSent !== undefined && wait > 0
      const notYet = flow.ctx.query.waiting === undefined ? {} : { status: 'not_yet' as const }
      await showCode(flow, screen, limited ? { error: { kind: 'send_limit', retryAfter: wait } } : notYet)
    },
    async submit(flow, body) {
      if (await screen.submit?.(flow, body)) return
      if (body.resend !== undefined && screen.drawSent) return resend(flow, screen)
      await check(flow, screen, body.code ?? '')
    },
  }
}

export const methodOf = ({ deps }: Flow, step: OtherMethod): VerificationMethod => deps.verification.methods[step]

/** Whoever is known already confirms it, also on the way of a sign-up: that mail and page ask nobody to make an account. */
export const purposeOf = ({ account, situation, state }: Flow): Purpose => (situation.confirm ? 'confirm' : account ? 'sign_in' : state.flow)

/** What was typed as "who"; of somebody who is known by a session or a passkey, what stands for them. @throws AppError `step_done` */
function typedOf({ state, account, situation }: Flow): Typed {
  const typed = situation.confirm ?? state.identifier ?? nameOf(account)
  if (!typed) throw new AppError('step_done', 'nobody is named yet')
  return { kind: typed.kind, value: typed.value }
}

/** Where it is sent to, as far as it is known without a look into an account. */
export function destinationOf(flow: Flow, step: OtherMethod): Typed | undefined {
  const { sendsTo } = methodOf(flow, step)
  const identifier = flow.situation.confirm ?? flow.state.identifier
  if (identifier?.kind === sendsTo) return identifier
  return flow.account?.identifiers.find(({ kind, verifiedAt }) => kind === sendsTo && verifiedAt !== undefined)
}

/** Picks this way and makes sure that a code is under way. */
export async function startMethod(flow: Flow, step: OtherMethod): Promise<void> {
  await save(flow, (state) => choose(state, step))
  if (flow.plan.due === step) await startCode(flow, step)
  await goOn(flow)
}

/** Sends a code, unless one went out a moment ago; another refusal is shown by the screen. `counted`: by `countSend` already. */
async function startCode(flow: Flow, step: OtherMethod, { counted = false } = {}): Promise<void> {
  if (methodOf(flow, step).send === undefined) return
  if (!counted) await countSend(flow)
  const refusal = await send(flow, step)
  if (refusal?.reason !== 'send_limit') return
  await save(flow, (state) => ({ ...state, sendsAgainAt: flow.now + refusal.retryAfter * 1000 }))
}

/** The code of a screen that is due, where it sends one. */
export async function startDue(flow: Flow, options?: { counted?: boolean }): Promise<void> {
  const { due } = flow.plan
  if (due === 'email_otp' || due === 'email_link' || due === 'sms_otp') await startCode(flow, due, options)
}

/** Against floods from one network. @throws AppError `throttled` */
export const countSend = ({ deps, ctx }: Flow): Promise<void> => deps.throttle.spend(ctx, 'code_sent')

async function send(flow: Flow, step: OtherMethod): Promise<{ reason: 'too_early' | 'send_limit'; retryAfter: number } | undefined> {
  const { deps, request, ctx } = flow
  const purpose = purposeOf(flow)
  const place = placeName(ctx)
  const answer = await methodOf(flow, step).send!({
    ...attempt(flow),
    app: request.app.name,
    locale: ctx.state.locale,
    asker: userAgentOf(flow).label,
    ...(place !== undefined && { place }),
    interaction: { uid: request.uid, clientId: request.app.id, deviceHash: ctx.state.device.hash },
    ...(request.requirement.methods && { methods: request.requirement.methods }),
  })
  deps.metrics.codeSent(answer.ok ? 'sent' : answer.reason)
  await (answer.ok
    ? deps.audit.record('code.sent', traces(flow), { purpose, resent: answer.resent })
    : deps.audit.record('code.refused', traces(flow), { purpose, reason: answer.reason }))
  return answer.ok ? undefined : answer
}

async function resend(flow: Flow, screen: CodeScreen): Promise<void> {
  await countSend(flow)
  const refusal = await send(flow, screen.step)
  await showCode(flow, screen, refusal ? { error: sendErrorOf(refusal) } : { status: 'resent' })
}

/** Where a check or a sending belongs. A browser that the account knows has guess budgets of its own. */
function attempt(flow: Flow) {
  const hash = recognisedDevice(flow, flow.account?.id ?? flow.typedDevice?.accountId)
  return {
    cid: flow.request.cid,
    purpose: purposeOf(flow),
    typed: flow.deps.normaliser.recipient(typedOf(flow)),
    ...(flow.account && { account: flow.account }),
    ...(hash !== undefined && { recognisedDevice: hash }),
  }
}

async function check(flow: Flow, screen: CodeScreen, code: string): Promise<void> {
  const { deps } = flow
  if (code.trim() === '') return showCode(flow, screen, { error: { kind: 'empty' } })
  await deps.throttle.spend(flow.ctx, 'code_typed')
  const answer = await methodOf(flow, screen.step).check({ ...attempt(flow), code })
  deps.metrics.codeChecked(answer.ok ? 'ok' : answer.reason)
  if (answer.ok) return proven(flow, screen, answer)
  await Promise.all([
    deps.audit.record('sign_in.failed', traces(flow), { method: screen.step, reason: answer.reason }),
    // A code that ran out is nobody's guess.
    answer.reason !== 'gone' && noteFailure(flow),
  ])
  await showCode(flow, screen, { error: codeErrorOf(answer) })
}

/** Something was proven. Whose it is decides what comes next; that it is proven at all decides nothing else. */
export async function proven(flow: Flow, screen: CodeScreen, result: CheckResult & { ok: true }): Promise<void> {
  const typed = typedOf(flow)
  const identifier = result.identifier ?? (methodOf(flow, screen.step).sendsTo === typed.kind ? idOf(typed) : undefined)
  if (identifier === idOf(typed)) {
    await identifierProven(flow, { identifier: typed, method: screen.step, at: flow.now })
  } else {
    const account = flow.account ?? (await findTyped(flow.deps, typed))
    if (!account) throw new AppError('internal', `${screen.step} proved what nobody typed`)
    const proof = await proofBeside(flow, account, screen.step, identifier === undefined ? {} : { identifier })
    const { note = (state) => state, onProven } = screen
    await onProven?.(flow, account, result)
    await save(flow, (state) => (state.identifier === undefined || same(state.identifier, typed) ? note(prove(state, proof), result) : undefined))
  }
  if (flow.account) await noteWeaker(flow)
  // The next one of a sign-up: its code is sent at once.
  if (!flow.account && flow.plan.due !== screen.step) await startDue(flow)
  await goOn(flow)
}

/** An operator can see that something was proven and did not sign in. */
export async function noteWeaker(flow: Flow): Promise<void> {
  const setting = flow.account?.passkeysOnlySince === undefined ? downgrade(flow) : 'passkeys only'
  if (setting === 'finish' || setting === 'finish_and_notify') return
  await flow.deps.audit.record('sign_in.refused', traces(flow), { reason: `weaker way: ${setting}` })
}

/** The screen as it is now, with what went wrong or what is new. */
export async function showCode(flow: Flow, { step, draw, drawSent }: CodeScreen, more: { error?: CodeError; status?: 'resent' | 'not_yet' }): Promise<void> {
  const who = shownAs(flow)
  const common = {
    ...(who !== undefined && { who }),
    fixed: flow.account !== undefined,
    otherWays: flow.plan.open.includes('methods'),
    ...(await passkeyBeside(flow)),
  }
  if (!drawSent) {
    if (draw) sendCode(flow, draw(pageOf(flow), { ...common, ...(more.error && { error: more.error }) }), more.error)
    return
  }
  const { config: { verification: { code } }, storage, verification, normaliser } = flow.deps
  const destination = destinationOf(flow, step)
  const status = await methodOf(flow, step).status?.({ cid: flow.request.cid, purpose: purposeOf(flow) })
  const out = status !== undefined && flow.now < status.expiresAt
  const limited = more.error?.kind === 'send_limit' && !out ? { ...more.error, kind: 'send_limit_none' as const } : more.error
  const unreachable = destination !== undefined && seenBefore(flow, status) && !tellsMore(limited) && (await verification.isUnreachable(normaliser.recipient(destination)))
  const error = unreachable ? { kind: 'unreachable' as const } : limited
  const props = {
    ...common,
    ...shownDestination(flow, destination),
    purpose: purposeOf(flow),
    length: status?.digits ?? code.digits,
    letters: code.alphabet === 'letters',
    lifeMinutes: Math.round(code.life / 60_000),
    resendInSeconds: status ? Math.max(0, Math.ceil((status.resendAt - storage.clock.now()) / 1000)) : 0,
    link: status?.link === true,
    ...(!unreachable && more.status && { status: more.status }),
    ...(error && { error }),
  }
  sendCode(flow, drawSent(pageOf(flow), props), error)
}

/** The passkey button, also where something else came first: what nobody may be told of is not lost. */
async function passkeyBeside(flow: Flow): Promise<Pick<CodeProps, 'passkeyOptions' | 'inApp'>> {
  const { inApp } = insideOf(flow)
  const ways = flow.plan.open.filter((step) => step === 'passkey' || step === 'other_device')
  if (ways.length === 0) return {}
  if (inApp) return { inApp }
  return offerHere(flow, { guard: guardAsks(flow) }).button ? { passkeyOptions: await passkeyOptionsHere(flow, { place: flow.situation.passkeyFirst?.lead }) } : {}
}

function sendCode(flow: Flow, page: Html, error: CodeError | undefined): void {
  if (error && 'retryAfter' in error) flow.ctx.set('Retry-After', String(error.retryAfter))
  sendPage(flow.ctx, page, error === undefined || error.kind === 'unreachable' ? 200 : 'retryAfter' in error ? 429 : 400)
}

/** Of a number that was not typed here only the end is told. */
function shownDestination(flow: Flow, destination: Typed | undefined): { to?: string; ending?: string } {
  if (!destination) return {}
  if (destination.kind === 'phone' && !same(destination, flow.state.identifier)) return { ending: destination.value.slice(-2) }
  return { to: readable(destination) }
}

/** ms: before that the other side cannot have said much, and the first look at the page costs nothing more. */
const underWay = 3_000

const seenBefore = ({ ctx, now }: Flow, status: CodeStatus | undefined): boolean =>
  ctx.method === 'POST' || status === undefined || now > status.sentAt + underWay

/** Whoever types a code has got a message, and a wait is to be known. */
const tellsMore = (error: CodeError | undefined): boolean => error?.kind === 'wrong' || error?.kind === 'budget'
