import { normaliseEmail } from '../accounts/normalise-email.ts'
import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import type { CheckResult, CodeStatus, Recipient } from '../verification/index.ts'
import { emailOtpPage, type EmailOtpProps } from '../../views/login/email-otp.ts'
import { userAgentOf } from './browser.ts'
import { finishSignUp } from './finish-sign-up.ts'
import { shownAs, pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { discoverableOptions } from './passkey-options.ts'
import { idOf, proofBy, recognisedDevice } from './proofs.ts'
import { noteFailure } from './rules.ts'
import { downgrade } from './situation.ts'
import { choose, prove, proveUnowned, same } from './state.ts'
import { traces } from './traces.ts'

type Problem = NonNullable<EmailOtpProps['error']>

/** "Check your email", during sign-up "Confirm your email": the code that was sent by mail. */
export const emailOtp: Screen = {
  step: 'email_otp',
  async show(flow) {
    const wait = Math.ceil(((flow.state.sendsAgainAt ?? 0) - flow.now) / 1000)
    await showEmailOtp(flow, wait > 0 ? { error: { kind: 'send_limit', retryAfter: wait } } : {})
  },
  async submit(flow, body) {
    if (body.resend !== undefined) return resend(flow)
    await check(flow, body.code ?? '')
  },
}

/** Whoever is known already confirms it, also on the way of a sign-up: that mail and page ask nobody to make an account. */
const purposeOf = (flow: Flow): 'sign_in' | 'sign_up' => (flow.account ? 'sign_in' : flow.state.flow)

/** The address that codes of this login go to: normalised, so that it normalises to itself. */
function recipientOf(flow: Flow): Recipient {
  const email = normaliseEmail(shownAs(flow) ?? '')
  if (!email.ok) throw new AppError('step_done', 'no address to send a code to')
  return { ...email, kind: 'email' }
}

/** Picks this way and makes sure that a code is under way. */
export async function start(flow: Flow): Promise<void> {
  await save(flow, (state) => choose(state, 'email_otp'))
  if (flow.plan.due === 'email_otp') await startEmailCode(flow)
  await goOn(flow)
}

/** Sends a code, unless one for this address went out a moment ago; another refusal is shown by the screen. `counted`: by `countSend` already. */
export async function startEmailCode(flow: Flow, { counted = false } = {}): Promise<void> {
  if (!counted) await countSend(flow)
  const refusal = await send(flow)
  if (refusal?.kind !== 'send_limit') return
  await save(flow, (state) => ({ ...state, sendsAgainAt: flow.now + refusal.retryAfter * 1000 }))
}

/** Against floods from one network. @throws AppError `throttled` */
export const countSend = ({ deps, ctx }: Flow): Promise<void> => deps.throttle.spend(ctx, 'code_sent')

async function send(flow: Flow): Promise<{ kind: 'too_early' | 'send_limit'; retryAfter: number } | undefined> {
  const { deps, request, ctx } = flow
  const answer = await deps.verification.methods.email_otp.send!({
    cid: request.cid,
    typed: recipientOf(flow),
    purpose: purposeOf(flow),
    app: request.app.name,
    locale: ctx.state.locale,
    asker: userAgentOf(flow).label,
    ...device(flow),
  })
  deps.metrics.codeSent(answer.ok ? 'sent' : answer.reason)
  const purpose = purposeOf(flow)
  await (answer.ok
    ? deps.audit.record('code.sent', traces(flow), { purpose, resent: answer.resent })
    : deps.audit.record('code.refused', traces(flow), { purpose, reason: answer.reason }))
  return answer.ok ? undefined : { kind: answer.reason, retryAfter: answer.retryAfter }
}

async function resend(flow: Flow): Promise<void> {
  await countSend(flow)
  const error = await send(flow)
  await showEmailOtp(flow, error ? { error } : { status: 'resent' })
}

/** A browser that this account knows has guess budgets of its own. */
function device(flow: Flow): { recognisedDevice?: string } {
  const hash = recognisedDevice(flow, flow.account?.id ?? flow.typedDevice?.accountId)
  return hash === undefined ? {} : { recognisedDevice: hash }
}

async function check(flow: Flow, code: string): Promise<void> {
  const { deps, request } = flow
  const email = recipientOf(flow)
  if (code.trim() === '') return showEmailOtp(flow, { error: { kind: 'empty' } })
  await deps.throttle.spend(flow.ctx, 'code_typed')
  const answer = await deps.verification.methods.email_otp.check({ cid: request.cid, typed: email, purpose: purposeOf(flow), code, ...device(flow) })
  deps.metrics.codeChecked(answer.ok ? 'ok' : answer.reason)
  if (!answer.ok) {
    await Promise.all([
      deps.audit.record('sign_in.failed', traces(flow), { method: 'email_otp', reason: answer.reason }),
      // A code that ran out is nobody's guess.
      answer.reason !== 'gone' && noteFailure(flow),
    ])
    return showEmailOtp(flow, { error: problemOf(answer) })
  }
  await proven(flow, email.value)
  await noteWeaker(flow)
  await goOn(flow)
}

/** An operator can see that the mailbox was proven and did not sign in. */
export async function noteWeaker(flow: Flow): Promise<void> {
  const setting = flow.account?.passkeysOnlySince === undefined ? downgrade(flow) : 'passkeys only'
  if (setting === 'finish' || setting === 'finish_and_notify') return
  await flow.deps.audit.record('sign_in.refused', traces(flow), { reason: `weaker way: ${setting}` })
}

/** A code whose last try was wrong is one that no longer works: another try at it would be wrong too. */
function problemOf(answer: Exclude<CheckResult, { ok: true }>): Problem {
  if (answer.reason === 'budget') return { kind: 'budget', retryAfter: answer.retryAfter }
  return answer.reason === 'wrong' && answer.triesLeft > 0 ? { kind: 'wrong', triesLeft: answer.triesLeft } : { kind: 'gone' }
}

/** The mailbox is proven. Whose it is decides what comes next; that it is proven at all decides nothing else. */
async function proven(flow: Flow, email: string): Promise<void> {
  const account = flow.account ?? (await flow.deps.accounts.findByEmail(email))
  const identifier = { kind: 'email' as const, value: email }
  if (!account && flow.state.flow === 'sign_up') return finishSignUp(flow, email)
  if (!account) return save(flow, (state) => (same(state.identifier, identifier) ? proveUnowned(state, { method: 'email_otp', identifier, at: flow.now }) : undefined))
  const proof = proofBy(flow, account, 'email_otp', { identifier: idOf(identifier) })
  await save(flow, (state) => (state.identifier === undefined || same(state.identifier, identifier) ? prove(state, proof) : undefined))
}

async function showEmailOtp(flow: Flow, more: Pick<EmailOtpProps, 'error' | 'status'>): Promise<void> {
  const email = shownAs(flow) ?? ''
  const { code } = flow.deps.config.verification
  const status = await flow.deps.verification.methods.email_otp.status!({ cid: flow.request.cid, purpose: purposeOf(flow) })
  const out = status !== undefined && flow.now < status.expiresAt
  const limited = more.error?.kind === 'send_limit' && !out ? { ...more.error, kind: 'send_limit_none' as const } : more.error
  const unreachable = seenBefore(flow, status) && !tellsMore(limited) && (await flow.deps.verification.isUnreachable(recipientOf(flow)))
  const error = unreachable ? { kind: 'unreachable' as const } : limited
  if (error && 'retryAfter' in error) flow.ctx.set('Retry-After', String(error.retryAfter))
  sendPage(
    flow.ctx,
    emailOtpPage(pageOf(flow), {
      email,
      purpose: purposeOf(flow),
      digits: status?.digits ?? code.digits,
      lifeMinutes: Math.round(code.life / 60_000),
      resendInSeconds: status ? Math.max(0, Math.ceil((status.resendAt - flow.deps.storage.clock.now()) / 1000)) : 0,
      fixed: flow.account !== undefined,
      otherWays: flow.plan.open.includes('methods'),
      ...(flow.plan.open.includes('passkey') && { passkeyOptions: discoverableOptions(flow) }),
      ...(!unreachable && more),
      ...(error && { error }),
    }),
    error === undefined || error.kind === 'unreachable' ? 200 : 'retryAfter' in error ? 429 : 400,
  )
}

/** ms: before that the mail server cannot have said much, and the first look at the page costs nothing more. */
const underWay = 3_000

const seenBefore = ({ ctx, now }: Flow, status: CodeStatus | undefined): boolean =>
  ctx.method === 'POST' || status === undefined || now > status.sentAt + underWay

/** Whoever types a code has got a mail, and a wait is to be known. */
const tellsMore = (error: Problem | undefined): boolean => error?.kind === 'wrong' || error?.kind === 'budget'
