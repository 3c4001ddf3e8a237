import { sendPage } from '../http/reply.ts'
import { askedPlace, authenticatorFor, createdRecord, likelyKeeper, reasonOfError, reasonOfRefusal } from '../passkeys/index.ts'
import { assess } from '../policy/assurance.ts'
import { coolingTime } from '../policy/enrolment.ts'
import { kindOfPasskey } from '../policy/passkeys.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { guardPage } from '../../views/login/guard.ts'
import type { Choice } from '../../views/parts/creation.ts'
import { passkeyCreatePage } from '../../views/login/passkey-create.ts'
import { besides } from './besides.ts'
import { heard, userAgentOf } from './browser.ts'
import { noteCeremony } from './ceremony.ts'
import { choicesIn, draftOf, judgeHere, placesNow, signalOf } from './creation.ts'
import { makeWithPasskey, showFirstPasskey, withoutPasskey } from './first-passkey.ts'
import { challengeSubject, pageOf, save, shownAs, targetsOf, urlOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { guard } from './guard.ts'
import { noteOffer } from './offer-events.ts'
import { failed } from './passkey-not-made.ts'
import { secondPlace, showCreated, showNotCreated } from './passkey-made.ts'
import { offers, occasionAfter } from './passkey-offer.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import { proofBy, proofsOf } from './proofs.ts'
import { judgeByRules, obeyRules } from './rules.ts'
import { choose, madeIn, prove, type OpenOffer } from './state.ts'
import { madeHere, noticeContext, traces } from './traces.ts'

/** "Sign in faster next time": the offer to create a passkey, and how it ended. Every creation goes through the enrolment guard. */
export const passkeyCreate: Screen = {
  step: 'passkey_create',
  async show(flow) {
    const { offer } = flow.state
    const draft = draftOf(flow)
    if (offer?.outcome === 'failed') return showNotCreated(flow, offer)
    if (draft) return showFirstPasskey(flow)
    if (offer?.outcome === 'created') return showCreated(flow, offer.credentialId)
    if (!flow.situation.mayCreate) return showGuard(flow)
    await showOffer(flow)
  },
  async submit(flow, body) {
    const draft = draftOf(flow)
    if (draft) await submitFirst(flow, draft, body)
    else if (body.start !== undefined) await save(flow, (state) => choose({ ...state, ...heard(body) }, 'passkey_create'))
    else if (body.another !== undefined) await another(flow)
    else if (body.continue !== undefined) await end(flow)
    else if (body.not_now !== undefined) await end(flow, 'not_now')
    else if (body.never !== undefined) await end(flow, 'never')
    else if (body.response) return create(flow, body)
    else await failed(flow, reasonOfError(body.error, askedPlace(body)), { place: askedPlace(body) })
    await goOn(flow)
  },
}

async function submitFirst(flow: Flow, draft: Account, body: Record<string, string>): Promise<void> {
  if (body.use_code !== undefined) return withoutPasskey(flow)
  const place = askedPlace(body)
  const refusal = body.response ? await makeWithPasskey(flow, draft, body.response) : undefined
  if (body.response && !refusal) return
  const reason = refusal ? reasonOfRefusal(refusal.reason) : reasonOfError(body.error, place)
  // There is no account yet that could have one already.
  await failed(flow, reason === 'exists' ? 'failed' : reason, { place, ...(refusal && { refusal }) })
}

/** What the browser asks its authenticator for in the place that leads; bound to this request and this account. */
export async function creationOptions(flow: Flow): Promise<Choice['options'] | undefined> {
  const [choice] = await choicesIn(flow, placesNow(flow).slice(0, 1))
  return choice?.options
}

async function showOffer(flow: Flow): Promise<void> {
  const opened = flow.state.offer ? { explain: true } : await open(flow)
  if (!opened) return goOn(flow)
  const { state: { offer }, situation: { met, recovering } } = flow
  const { neverButton = false, second, tried, unknown } = offer?.outcome === 'open' ? offer : {} as Partial<OpenOffer>
  const [lead, ...others] = await choicesIn(flow, second ? [second] : placesNow(flow))
  // Somebody came for one, and this device can keep none: that is said, and is no dead end.
  if (!lead) return showNotCreated(flow, { reason: 'nowhere' })
  const after = met && lead.place === 'here' ? usedElsewhere(flow) : undefined
  const keeper = likelyKeeper(userAgentOf(flow))
  const prompted = met && !recovering && !second
  sendPage(
    flow.ctx,
    passkeyCreatePage(pageOf(flow), {
      choices: [lead, ...others],
      ...(keeper !== undefined && { keeper }),
      neverButton,
      notNow: met,
      stepUp: !met,
      recovery: recovering,
      second: second !== undefined,
      ...(after && !second && { after }),
      ...(!opened.explain && { auto: urlOf(flow, 'passkey_create') }),
      conditional: prompted && opened.explain && !tried,
      besides: besides(flow),
      signal: await signalOf(flow, unknown),
    }),
  )
}

/** The passkey of a phone, or a security key, signed in: the next sign-in can do without. */
function usedElsewhere({ state: { proofs, created }, passkeys }: Flow): 'phone' | 'key' | undefined {
  const last = proofs.at(-1)
  if (!last || occasionAfter(created === true, last) !== 'cross_device') return undefined
  const used = passkeys.find(({ id }) => id === last.credentialId)
  return used && kindOfPasskey(used) === 'security_key' ? 'key' : 'phone'
}

/** One more, where the only passkey there is stays on one device. */
async function another(flow: Flow): Promise<void> {
  const { account, state: { offer }, deps } = flow
  const second = account && offer?.outcome === 'created' ? secondPlace(flow, await deps.passkeys.listFor(account)) : undefined
  if (second) await save(flow, (state) => ({ ...state, offer: { outcome: 'open', neverButton: false, second } }))
}

/**
 * Whether the offer stands: the operator's rules have a say, and their no to what nobody asked for is a silent one.
 * `explain` false: the dialog opens by itself, once.
 */
async function open(flow: Flow): Promise<{ explain: boolean } | undefined> {
  const { situation: { recovering, met }, deps } = flow
  if (recovering || !met) {
    const { challenge } = await obeyRules(flow, 'enrolment')
    if (challenge) await save(flow, (state) => ({ ...state, enrolmentChallenge: challenge }))
    else if (recovering) await save(flow, (state) => ({ ...state, offer: { outcome: 'open', neverButton: false } }))
    return challenge === undefined ? { explain: true } : undefined
  }
  const { neverButton, explain, reason } = await offers(flow)
  const [prompt, enrolment] = [await judgeByRules(flow, 'prompt'), await judgeByRules(flow, 'enrolment')]
  const stopped = prompt.suppressPrompt || prompt.outcome === 'deny' || enrolment.outcome === 'deny' || enrolment.challenge !== undefined
  await save(flow, (state) => ({ ...state, offer: stopped ? { outcome: 'over' } : { outcome: 'open', neverButton } }))
  await (stopped ? noteOffer(flow, 'eligible') : noteOffer(flow, 'eligible', 'shown'))
  const because = [...prompt.rules, ...enrolment.rules].join(', ')
  await deps.audit.record('passkey.offer', traces(flow), { offered: !stopped, reason: stopped ? `rules: ${because}` : reason })
  return stopped ? undefined : { explain }
}

async function create(flow: Flow, body: Record<string, string>): Promise<void> {
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
    response: body.response,
    account,
    judge: judgeHere(flow),
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
    const { reason, detail, unknown } = result
    await noteCeremony(flow, { ceremony: 'create', outcome: reason, ...(detail !== undefined && { detail }) })
    // Nobody saw a dialog, so that nobody hears of it either.
    if (body.mediation === 'conditional' && state.offer?.outcome === 'open') {
      await save(flow, (current) => (current.offer?.outcome === 'open' ? { ...current, offer: { ...current.offer, tried: true, ...(unknown !== undefined && { unknown }) } } : current))
    } else await failed(flow, reasonOfRefusal(reason), { place: askedPlace(body), refusal: result })
    return goOn(flow)
  }
  const { passkey, place } = result
  await noteCeremony(flow, { ceremony: 'create', outcome: 'ok', aaguid: passkey.aaguid, ...(place && { place }) })
  await deps.audit.record('passkey.created', traces(flow), createdRecord(result))
  // A finished recovery decides about what was disowned, now that there is a passkey to sign in with.
  if (recovery && account.frozen) {
    await deps.changes.settle(account.id, 'undone', madeHere(flow))
    await deps.notices.detailsChanged(account, { ...noticeContext(flow), what: 'restored' })
  }
  await (state.offer?.outcome === 'failed' ? noteOffer(flow, 'created') : noteOffer(flow, 'started', 'created'))
  // In the interaction that made the account the user-verified creation is a passkey proof; elsewhere it proves nothing.
  const proof = state.created ? { ...proofBy(flow, account, 'passkey', { credentialId: passkey.id, ...(place && { place }) }), signUp: true } : undefined
  flow.account = undefined
  await save(flow, ({ recover: _, ...current }) => madeIn(proof ? prove(current, proof) : current, passkey.id, place))
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

/** The offer is over, taken or not. */
async function end(flow: Flow, outcome?: 'not_now' | 'never'): Promise<void> {
  if (outcome) await noteOffer(flow, outcome)
  await save(flow, ({ choice: _, other: __, ...state }) => ({ ...state, offer: { outcome: 'over' } }))
}
