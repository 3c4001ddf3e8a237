import { sendPage } from '../http/reply.ts'
import { authenticatorFor, type RegistrationFailure } from '../passkeys/index.ts'
import { assess } from '../policy/assurance.ts'
import { coolingTime } from '../policy/enrolment.ts'
import type { Account, Passkey, PromptEntry } from '../storage/types.ts'
import { guardPage } from '../../views/login/guard.ts'
import { passkeyCreatePage } from '../../views/login/passkey-create.ts'
import { passkeyCreatedPage } from '../../views/login/passkey-created.ts'
import { passkeyNotCreatedPage } from '../../views/login/passkey-not-created.ts'
import { besides } from './besides.ts'
import { userAgentOf } from './browser.ts'
import { noteCeremony } from './ceremony.ts'
import { draftOf, firstPasskeyOptions, makeWithPasskey, showFirstPasskey, withoutPasskey } from './first-passkey.ts'
import { challengeSubject, pageOf, save, shownAs, targetsOf, type Flow, type Screen } from './flow.ts'
import { proofsOf } from './proofs.ts'
import { goOn } from './go-on.ts'
import { offers } from './passkey-offer.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import { proofBy } from './proofs.ts'
import { guard, mayCreateUntil } from './guard.ts'
import { judgeByRules, obeyRules } from './rules.ts'
import { choose, prove, type LoginState } from './state.ts'
import { madeHere, noticeContext, traces } from './traces.ts'

type Offer = NonNullable<LoginState['offer']>

/** "Sign in faster next time": the offer to create a passkey, and how it ended. Every creation goes through the enrolment guard. */
export const passkeyCreate: Screen = {
  step: 'passkey_create',
  async show(flow) {
    const { offer } = flow.state
    const draft = draftOf(flow)
    if (draft) return showFirstPasskey(flow, draft)
    if (offer?.outcome === 'created') return showCreated(flow, offer.credentialId)
    if (offer?.outcome === 'failed') return showNotCreated(flow, offer.reason)
    if (!flow.situation.mayCreate) return showGuard(flow)
    await showOffer(flow)
  },
  async submit(flow, body) {
    const draft = draftOf(flow)
    if (draft) await submitFirst(flow, draft, body)
    else if (body.start !== undefined) await save(flow, (state) => choose(state, 'passkey_create'))
    else if (body.continue !== undefined) await end(flow)
    else if (body.not_now !== undefined) await end(flow, 'not_now')
    else if (body.never !== undefined) await end(flow, 'never')
    else if (body.response) return create(flow, body.response)
    else await failed(flow, reasonOfError(body.error))
    await goOn(flow)
  },
}

async function submitFirst(flow: Flow, draft: Account, body: Record<string, string>): Promise<void> {
  if (body.use_code !== undefined) return withoutPasskey(flow)
  if (!body.response) return failed(flow, reasonOfError(body.error))
  const reason = await makeWithPasskey(flow, draft, body.response)
  if (reason) await failed(flow, reason === 'already_registered' ? 'exists' : 'failed', reason)
}

/** What the browser asks its authenticator for; bound to this request and this account. */
export async function creationOptions(flow: Flow) {
  const { account, deps, request, state, now } = flow
  const draft = draftOf(flow)
  if (draft) return firstPasskeyOptions(flow, draft)
  if (!account) return undefined
  return deps.passkeys.registrationOptions({
    subject: challengeSubject(flow, account),
    life: Math.min(request.expiresAt, mayCreateUntil(flow)) - now,
    account,
    label: shownAs(flow) ?? deps.config.passkeys.rpName,
    existing: (await deps.passkeys.listFor(account, 'all')).filter(({ removedAt }) => removedAt === undefined),
    // The first passkey is one of this device: a phone or a key beside it would not be at hand next time.
    ...(state.created && { attachment: 'platform' as const, hints: ['client-device'] }),
  })
}

async function showOffer(flow: Flow): Promise<void> {
  if (!flow.state.offer && !(await open(flow))) return goOn(flow)
  const { offer } = flow.state
  const forLevel = !flow.situation.met
  const options = await creationOptions(flow)
  if (!options) return goOn(flow)
  sendPage(
    flow.ctx,
    passkeyCreatePage(pageOf(flow), {
      options,
      neverButton: offer?.outcome === 'open' && offer.neverButton,
      notNow: !forLevel,
      stepUp: forLevel,
      recovery: flow.situation.recovering,
      besides: besides(flow),
    }),
  )
}

/** Whether the offer stands: the operator's rules have a say, and their no to what nobody asked for is a silent one. */
async function open(flow: Flow): Promise<boolean> {
  const { situation: { recovering, met }, deps } = flow
  if (recovering || !met) {
    const { challenge } = await obeyRules(flow, 'enrolment')
    if (challenge) await save(flow, (state) => ({ ...state, enrolmentChallenge: challenge }))
    else if (recovering) await save(flow, (state) => ({ ...state, offer: { outcome: 'open', neverButton: false } }))
    return challenge === undefined
  }
  const { neverButton, reason } = await offers(flow)
  const [prompt, enrolment] = [await judgeByRules(flow, 'prompt'), await judgeByRules(flow, 'enrolment')]
  const stopped = prompt.suppressPrompt || prompt.outcome === 'deny' || enrolment.outcome === 'deny' || enrolment.challenge !== undefined
  await save(flow, (state) => ({ ...state, offer: stopped ? { outcome: 'over' } : { outcome: 'open', neverButton } }))
  if (!stopped) await remember(flow, 'shown')
  const because = [...prompt.rules, ...enrolment.rules].join(', ')
  await deps.audit.record('passkey.offer', traces(flow), { offered: !stopped, reason: stopped ? `rules: ${because}` : reason })
  return !stopped
}

async function create(flow: Flow, response: string): Promise<void> {
  const { account, deps, state, now } = flow
  const decision = guard(flow)
  // Of a button that was pressed twice the first press made the passkey, and may have spent the right to it.
  if (state.offer?.outcome === 'created' && !decision.allow) return goOn(flow)
  if (!account || !decision.allow) {
    await deps.audit.record('passkey.refused_by_guard', traces(flow), { way: decision.allow ? 'sign_in' : decision.way })
    return showGuard(flow, 403)
  }
  const { challenge, notify } = await obeyRules(flow, 'enrolment')
  if (challenge) {
    await deps.audit.record('passkey.refused_by_guard', traces(flow), { way: 'rule' })
    await save(flow, (current) => ({ ...current, enrolmentChallenge: challenge }))
    return showGuard(flow, 403)
  }
  const recovery = decision.by === 'recovery' ? account.recovery : undefined
  const result = await deps.passkeys.register({
    subject: challengeSubject(flow, account),
    response,
    account,
    enrolledAcr: recovery ? 'urn:latchkey:acr:recovery' : (assess(proofsOf(flow))?.acr ?? ''),
    userAgent: userAgentOf(flow).label,
    ...(decision.cooling && { coolingUntil: now + coolingTime }),
    ...(state.created && { signUp: true }),
    ...(recovery && { spend: () => deps.recoveries.use(account.id, recovery.id) }),
    ...((decision.notice || notify) && { announce: (passkey) => tell(flow, account, passkey, recovery !== undefined) }),
  })
  // The same answer twice, of a button that was pressed twice: the first one made the passkey.
  if (!result.ok && result.reason === 'challenge_spent' && state.offer?.outcome === 'created') return goOn(flow)
  if (!result.ok) {
    await noteCeremony(flow, { ceremony: 'create', outcome: result.reason, ...(result.detail !== undefined && { detail: result.detail }) })
    await failed(flow, result.reason === 'already_registered' ? 'exists' : 'failed', result.reason)
    return goOn(flow)
  }
  const { passkey } = result
  await noteCeremony(flow, { ceremony: 'create', outcome: 'ok', aaguid: passkey.aaguid })
  await deps.audit.record('passkey.created', traces(flow), {
    passkeyId: passkey.id,
    aaguid: passkey.aaguid,
    synced: passkey.backupEligible,
    enrolledAcr: passkey.enrolledAcr,
    cooling: decision.cooling,
  })
  // A finished recovery decides about what was disowned, now that there is a passkey to sign in with.
  if (recovery && account.frozen) {
    await deps.changes.settle(account.id, 'undone', madeHere(flow))
    await deps.notices.detailsChanged(account, { ...noticeContext(flow), what: 'restored' })
  }
  await remember(flow, 'created')
  const made: Offer = { outcome: 'created', credentialId: passkey.id }
  // In the interaction that made the account the user-verified creation is a passkey proof; elsewhere it proves nothing.
  const proof = state.created ? { ...proofBy(flow, account, 'passkey', { credentialId: passkey.id }), signUp: true } : undefined
  flow.account = undefined
  await save(flow, ({ recover: _, ...current }) => ({ ...(proof ? prove(current, proof) : current), offer: made, createdCredentialId: passkey.id }))
  await goOn(flow)
}

/** The change, and the mail to all addresses with which it can be disowned. */
async function tell(flow: Flow, account: Account, passkey: Passkey, byRecovery: boolean): Promise<void> {
  const { deps } = flow
  const change = await deps.changes.record({ ...madeHere(flow), accountId: account.id, kind: 'passkey_added', subject: passkey.id })
  if (byRecovery) return deps.notices.recoveryUsed(account, { ...noticeContext(flow), change })
  const keeper = authenticatorFor(passkey.aaguid)
  await deps.notices.passkeyAdded(account, passkey, { ...noticeContext(flow), change, ...(keeper && { storedIn: keeper.name }) })
}

/** A passkey may not be added at this moment: why, and the way after which it may. */
async function showGuard(flow: Flow, status = 200): Promise<void> {
  const { account, state, situation: { met, ways, recovery } } = flow
  const decision = guard(flow)
  sendPage(
    flow.ctx,
    guardPage(pageOf(flow), {
      email: shownAs(flow) ?? '',
      way: decision.allow ? 'other_kind' : decision.way,
      ...(!decision.allow && decision.until !== undefined && { until: decision.until }),
      frozen: account?.frozen !== undefined,
      ...(ways.includes('passkey') && { options: await passkeyOptionsHere(flow) }),
      to: targetsOf(flow),
      others: ways.filter((way) => way !== 'passkey' && way !== 'other_device'),
      canContinue: met,
      canRecover: state.created !== true && recovery !== undefined && recovery !== 'none',
    }),
    status,
  )
}

type NotCreated = 'closed' | 'exists' | 'failed'

/** What the browser's error means: the authenticator has one of this account already, or the dialog was closed. */
function reasonOfError(error: string | undefined): NotCreated {
  if (error === 'InvalidStateError') return 'exists'
  return error === 'NotAllowedError' || error === 'AbortError' ? 'closed' : 'failed'
}

async function failed(flow: Flow, reason: NotCreated, detail: NotCreated | RegistrationFailure = reason): Promise<void> {
  // What a script reports can be posted without end: it leaves one trace of an offer, and so many in the log.
  await flow.deps.throttle.spend(flow.ctx, 'passkey_refused')
  // Where the server refused an answer it has noted why.
  if (!flow.ctx.state.body.response) await noteCeremony(flow, { ceremony: 'create', outcome: detail })
  await flow.deps.audit.record('passkey.not_created', traces(flow), { reason: detail })
  if (flow.state.offer?.outcome !== 'failed') await remember(flow, 'failed')
  await save(flow, (state) => ({ ...state, offer: { outcome: 'failed', reason } }))
}

/** The offer is over, taken or not. */
async function end(flow: Flow, outcome?: 'not_now' | 'never'): Promise<void> {
  if (outcome) await remember(flow, outcome)
  await save(flow, ({ choice: _, other: __, ...state }) => ({ ...state, offer: { outcome: 'over' } }))
}

function remember(flow: Flow, outcome: PromptEntry['outcome']): Promise<void> {
  const { account, state, request, deps, ctx } = flow
  const { method } = state.proofs.at(-1) ?? {}
  const occasion = state.created || method === undefined ? 'sign_up' : method === 'passkey' ? 'cross_device' : method
  return deps.offers.record({ outcome, occasion, clientId: request.app.id, deviceHash: ctx.state.device.hash, ...(account && { accountId: account.id }) })
}

async function showCreated(flow: Flow, credentialId: string): Promise<void> {
  const made = flow.account && (await flow.deps.passkeys.listFor(flow.account)).find((passkey) => passkey.id === credentialId)
  const keeper = made && authenticatorFor(made.aaguid)
  sendPage(
    flow.ctx,
    passkeyCreatedPage(pageOf(flow), {
      name: keeper?.name ?? userAgentOf(flow).label,
      ...(keeper && { storedIn: keeper.name, icon: keeper.icon, picture: keeper.picture }),
      synced: made?.backupEligible === true,
      besides: besides(flow),
    }),
  )
}

async function showNotCreated(flow: Flow, reason: NotCreated): Promise<void> {
  const options = reason !== 'exists' && flow.situation.mayCreate ? await creationOptions(flow) : undefined
  const here = reason === 'exists' ? await passkeyHere(flow) : undefined
  sendPage(flow.ctx, passkeyNotCreatedPage(pageOf(flow), { reason, ...here, ...(options && { options }), required: !flow.situation.met }))
}

/** The passkey that stopped another one, where there is only one that it can be. */
async function passkeyHere(flow: Flow): Promise<{ name: string; createdAt: string } | undefined> {
  const [only, another] = flow.account ? await flow.deps.passkeys.listFor(flow.account) : []
  if (!only || another) return undefined
  const createdAt = new Intl.DateTimeFormat(flow.ctx.state.locale, { dateStyle: 'medium' }).format(only.createdAt)
  return { name: authenticatorFor(only.aaguid)?.name ?? only.enrolledUserAgent, createdAt }
}
