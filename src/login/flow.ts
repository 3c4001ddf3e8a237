import { accountMayAuthenticate } from '../accounts/may-authenticate.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Changes } from '../accounts/changes.ts'
import type { Devices } from '../accounts/devices.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import type { Normaliser } from '../accounts/normalise.ts'
import { readable } from '../accounts/readable.ts'
import type { Recoveries } from '../accounts/recovery.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/schema.ts'
import type { Notices } from '../delivery/notices.ts'
import { AppError } from '../errors.ts'
import type { Context } from '../http/context.ts'
import type { Csrf } from '../http/csrf.ts'
import type { Log } from '../http/log.ts'
import type { Throttle } from '../http/throttle.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Engine, LoginRequest } from '../oidc/types.ts'
import type { CeremonyLog, Offers, Passkeys, Reports } from '../passkeys/index.ts'
import type { Risk } from '../risk/index.ts'
import type { Account, Device, Passkey, Storage } from '../storage/types.ts'
import type { Verification } from '../verification/index.ts'
import type { PageContext } from '../../views/page.ts'
import { ofApp } from './of-app.ts'
import type { Remembered } from './remembered.ts'
import { dispatch, type Plan, type Situation, type Step } from './dispatch.ts'
import { deviceOf } from './proofs.ts'
import { assessSituation } from './situation.ts'
import { fresh, type LoginState, type Typed } from './state.ts'

/** What the login screens are made of. */
export interface LoginDeps {
  config: Config
  storage: Pick<Storage, 'ephemeral' | 'prompts' | 'clock'>
  interactions: Engine['interactions']
  accounts: Accounts
  identifiers: Pick<Identifiers, 'add' | 'markProven' | 'correct' | 'takeOver'>
  normaliser: Normaliser
  remembered: Remembered
  devices: Devices
  passkeys: Passkeys
  /** for operators alone: it can be written and not read */
  ceremonies: CeremonyLog
  reports: Reports
  offers: Offers
  changes: Pick<Changes, 'record' | 'listOpen' | 'settle'>
  recoveries: Recoveries
  verification: Verification
  notices: Notices
  audit: Audit
  metrics: Metrics
  csrf: Csrf
  /** for whatever sends, guesses, or asks whether an address has an account */
  throttle: Pick<Throttle, 'spend'>
  /** for what is kept of passkey dialogs */
  eventThrottle: Pick<Throttle, 'allows'>
  risk: Risk
  log: Log
}

/** One request to a login screen: what was asked, where it stands, and what is due. */
export interface Flow {
  readonly ctx: Context
  readonly deps: LoginDeps
  readonly request: LoginRequest
  /** ms, one reading for the whole request */
  readonly now: number
  state: LoginState
  /** a change that is in `state` and not yet saved, and the state before it: whatever is saved next carries it */
  unsaved?: { before: LoginState; change: (state: LoginState) => LoginState } | undefined
  /** the account that is proven here, or that the live session belongs to */
  account: Account | undefined
  /** this browser's finished sign-ins */
  devices: Device[]
  /** this browser's record of the typed address: the only account-side fact that may decide anything before a proof */
  typedDevice: Device | undefined
  /** what was typed finds it, and this browser's record, or the operator, lets that be told before a proof */
  typedAccount: Account | undefined
  /** whether whoever is proven, or may be looked at before that, has a passkey that policy allows on this device; absent: nobody is */
  passkeyWorks?: boolean
  /** records of passkeys that proofs name, as far as they were read */
  passkeys: Passkey[]
  situation: Situation
  plan: Plan
}

/** One screen: one file, one URL segment, one view. */
export interface Screen {
  step: Step
  show(flow: Flow, typed?: Record<string, string>): Promise<void>
  submit?(flow: Flow, body: Record<string, string>): Promise<void>
}

const keyOf = (request: LoginRequest) => `login:${request.cid}`

/** Nobody goes on with what was typed, proven or chosen in another browser. @throws AppError `cookie_missing` | `interaction_expired` | `interaction_finished` | `interaction_elsewhere` */
export async function openFlow(ctx: Context, deps: LoginDeps): Promise<Flow> {
  const request = await deps.interactions.read(ctx)
  const [saved, devices] = await Promise.all([
    deps.storage.ephemeral.get<LoginState>(keyOf(request)),
    deps.devices.listHere(ctx.state.device.hash),
  ])
  refuseElsewhere(ctx, request, saved)
  const state = saved ?? fresh(request.wantsSignUp ? 'sign_up' : 'sign_in')
  const flow = { ctx, deps, request, now: deps.storage.clock.now(), state, devices, passkeys: [] as Passkey[] } as Flow
  await plan(flow)
  return flow
}

/**
 * The engine's cookies have a path, so a sibling domain can plant them in another browser: a login that somebody did
 * anything in stays with the browser that they did it in. That cannot be planted on https (`__Host-`).
 */
function refuseElsewhere(ctx: Context, request: LoginRequest, state: LoginState | undefined): void {
  if (state?.browser === undefined || state.browser === ctx.state.device.hash) return
  throw new AppError('cookie_missing', 'the login belongs to another browser', { params: { clientId: request.app.id } })
}

/** Asks the dispatcher anew after the state has changed. */
export async function plan(flow: Flow): Promise<void> {
  const { state, request, deps } = flow
  const accountId = state.accountId ?? (asksTheSession(request) || (await choseSession(flow)) ? request.session?.accountId : undefined)
  if (flow.account?.id !== accountId) flow.account = accountId === undefined ? undefined : await deps.accounts.get(accountId)
  if (!accountMayAuthenticate(flow.account)) {
    // Only who has proven the account hears that it is off; a live session of it is simply none.
    if (state.accountId !== undefined) {
      const clientId = request.app.id
      await noteOff(flow, state.accountId)
      throw new AppError('account_off', 'the account may not sign in', { params: { clientId } })
    }
    flow.account = undefined
  }
  await lookAtTyped(flow)
  flow.situation = await assessSituation(flow)
  flow.plan = dispatch(state, flow.situation)
}

/** With the proof, and not again with whatever is sent to the same login after it. */
async function noteOff({ ctx, deps, request }: Flow, accountId: string): Promise<void> {
  if (ctx.method !== 'POST' || !(await deps.storage.ephemeral.claim(`account off:${request.cid}:${accountId}`, request.expiresAt))) return
  await deps.audit.record('sign_in.refused', { accountId, clientId: request.app.id, deviceHash: ctx.state.device.hash }, { reason: 'account_off' })
}

/** The account was changed: reads it again before it is planned what comes next. */
export async function reload(flow: Flow): Promise<void> {
  flow.account = undefined
  await plan(flow)
}

/** Looked up only in a browser that signed somebody in before, or where people are told: what a stranger types stays unexamined. */
async function lookAtTyped(flow: Flow): Promise<void> {
  const { deps, state, devices } = flow
  const friendly = deps.config.identifiers.enumeration === 'friendly'
  const looks = state.identifier && !flow.account && state.flow === 'sign_in' && (friendly || devices.length > 0)
  const account = looks && state.identifier ? await findTyped(deps, state.identifier) : undefined
  flow.typedDevice = deviceOf(flow, account?.id)
  flow.typedAccount = friendly || flow.typedDevice ? account : undefined
}

/** A live session is asked for more, or for consent; `prompt=login` and `prompt=create` ask for whoever is there. */
const asksTheSession = ({ prompt, wantsLogin, wantsSignUp, wantsChoice }: LoginRequest): boolean => prompt === 'consent' || (!wantsLogin && !wantsSignUp && !wantsChoice)

/** Asked who it is, they named the one who is signed in: that session counts like any other. */
async function choseSession({ request: { wantsChoice, wantsLogin, wantsSignUp, session }, state, deps }: Flow): Promise<boolean> {
  if (!wantsChoice || wantsLogin || wantsSignUp || !session || !state.identifier) return false
  return (await findTyped(deps, state.identifier))?.id === session.accountId
}

/**
 * Changes the saved state atomically and plans again. `change` is pure and may run more than once; undefined means that
 * another tab has moved on in between, and the answer to this one counts for nothing.
 */
export async function save(flow: Flow, change: (state: LoginState) => LoginState | undefined): Promise<void> {
  const { request, deps, ctx } = flow
  const { before: initial, change: carry } = flow.unsaved ?? { before: flow.state, change: (state: LoginState) => state }
  const browser = ctx.state.device.hash
  const state = await deps.storage.ephemeral.update<LoginState, LoginState | undefined>(keyOf(request), (current) => {
    // Another browser may have been first since this one looked.
    refuseElsewhere(ctx, request, current)
    const changed = change(carry(current ?? initial))
    const next = changed && { ...changed, browser }
    return next ? { next: { value: next, expiresAt: request.expiresAt }, result: next } : { next: 'keep', result: undefined }
  })
  if (!state) throw new AppError('step_done', 'another tab moved on', { params: { continueUrl: baseOf(flow) } })
  flow.state = state
  flow.unsaved = undefined
  await plan(flow)
}

export const baseOf = (flow: Flow): string => `/interaction/${flow.request.uid}`

const segment = (step: Step): string => (step === 'identifier' ? '' : `/${step.replaceAll('_', '-')}`)

/** The address of a screen. `finish` has none of its own: the bare address finishes. */
export const urlOf = (flow: Flow, step: Step = flow.plan.due): string => `${baseOf(flow)}${step === 'finish' ? '' : segment(step)}`

/** What is shown as "who", as people write it: what was typed, or after a proof what stands for the account. */
export function shownAs({ state, account }: Flow): string | undefined {
  const shown = state.identifier ?? nameOf(account)
  return shown && readable(shown)
}

/** What stands for an account where nothing was typed: its first address, else whatever finds it. */
export const nameOf = (account: Account | undefined): Typed | undefined =>
  account?.identifiers.find(({ kind }) => kind === 'email') ?? account?.identifiers[0]

/** Where things are sent to, as far as that may be told: what was typed, after a proof the account's own; of a number that was not typed its end. */
export function targetsOf({ state: { identifier: typed }, account }: Flow): { email?: string; phone?: string; phoneEnding?: string } {
  const own = (kind: Typed['kind']) => account?.identifiers.find((one) => one.kind === kind && one.verifiedAt !== undefined)
  const email = typed?.kind === 'email' ? typed : own('email')
  const phone = typed?.kind === 'phone' ? typed : undefined
  const ending = phone ? undefined : own('phone')?.value.slice(-2)
  return { ...(email && { email: readable(email) }), ...(phone && { phone: readable(phone) }), ...(ending !== undefined && { phoneEnding: ending }) }
}

/** Whose identifier it is; nobody's costs the same. */
export const findTyped = ({ accounts }: Pick<LoginDeps, 'accounts'>, { kind, value }: Typed): Promise<Account | undefined> => accounts.findByIdentifier({ kind, value })

/** What every login page needs besides its own props. */
export function pageOf(flow: Flow): PageContext {
  const base = baseOf(flow)
  return flow.ctx.state.page({ base, ...ofApp(flow.request.app), csrf: flow.deps.csrf.token(flow.request.uid) })
}

/** What challenges are bound to: this request, and for a creation the account too. */
export const challengeSubject = (flow: Flow, account?: Account): string => (account ? `${flow.request.cid}:${account.id}` : flow.request.cid)
