import { passkeysAt } from '../config/for-client.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { createdRecord, likelyKeeper, type Failure, type RegistrationFailure } from '../passkeys/index.ts'
import type { Account } from '../storage/types.ts'
import { passkeyCreatePage } from '../../views/login/passkey-create.ts'
import { userAgentOf } from './browser.ts'
import { noteCeremony } from './ceremony.ts'
import { startDue } from './code-screen.ts'
import { choicesIn, judgeHere, placesNow } from './creation.ts'
import { finishSignUp, insertAccount } from './finish-sign-up.ts'
import { challengeSubject, pageOf, save, urlOf, type Flow } from './flow.ts'
import { noteOffer } from './offer-events.ts'
import { proofBy } from './proofs.ts'
import { judgeByRules } from './rules.ts'
import { proveAll } from './sign-up-state.ts'
import { madeIn, prove } from './state.ts'
import { traces } from './traces.ts'

/** "Create your passkey": the account is made together with it. */
export async function showFirstPasskey(flow: Flow): Promise<void> {
  const first = flow.state.offer === undefined
  if (first) {
    await save(flow, (state) => ({ ...state, offer: { outcome: 'open', neverButton: false } }))
    await noteOffer(flow, 'eligible', 'shown')
  }
  const [lead, ...others] = await choicesIn(flow, placesNow(flow))
  if (!lead) {
    await withoutPasskey(flow)
    return redirect(flow.ctx, urlOf(flow))
  }
  const keeper = likelyKeeper(userAgentOf(flow))
  const { creation } = passkeysAt(flow.deps.config, flow.request.client)
  // The QR code of a phone is shown to nobody who has not pressed for it.
  const opens = first && creation === 'automatic' && lead.place === 'here'
  sendPage(
    flow.ctx,
    passkeyCreatePage(pageOf(flow), {
      choices: [lead, ...others],
      ...(keeper !== undefined && { keeper }),
      ...(opens && { auto: urlOf(flow, 'passkey_create') }),
      neverButton: false,
      notNow: false,
    }),
  )
}

/** "Use a code instead": the sign-up goes on as one that proves everything first. */
export async function withoutPasskey(flow: Flow): Promise<void> {
  await save(flow, proveAll)
  await finishSignUp(flow)
  await startDue(flow)
}

/** Account and passkey, together or not at all. A refusal comes back as its reason; undefined: it is done, or goes on by a code. */
export async function makeWithPasskey(flow: Flow, draft: Account, response: string): Promise<Failure<RegistrationFailure> | undefined> {
  const { deps, now } = flow
  // The operator's rules may allow accounts, and no passkeys from here.
  const { outcome, challenge } = await judgeByRules(flow, 'enrolment')
  if (outcome === 'deny' || challenge) {
    await withoutPasskey(flow)
    return undefined
  }
  let made: Account | undefined
  const result = await deps.passkeys.register({
    subject: challengeSubject(flow, draft), response, account: draft, judge: judgeHere(flow), enrolledAcr: '', userAgent: userAgentOf(flow).label, signUp: true,
    spend: async () => (made = await insertAccount(flow)) !== undefined,
  })
  // Somebody has got one of the identifiers meanwhile: the state says what comes next.
  if (!result.ok && result.reason === 'not_allowed' && !made) {
    await startDue(flow)
    return undefined
  }
  if (!result.ok) {
    await noteCeremony(flow, { ceremony: 'create', outcome: result.reason, ...(result.detail !== undefined && { detail: result.detail }) })
    return result
  }
  const { passkey, place } = result
  await noteCeremony(flow, { ceremony: 'create', outcome: 'ok', accountId: draft.id, aaguid: passkey.aaguid, ...(place && { place }) })
  await deps.audit.record('passkey.created', { ...traces(flow), accountId: draft.id }, createdRecord(result))
  await (flow.state.offer?.outcome === 'failed' ? noteOffer(flow, 'created') : noteOffer(flow, 'started', 'created'))
  const proof = { ...proofBy(flow, draft, 'passkey', { credentialId: passkey.id, at: now, ...(place && { place }) }), signUp: true }
  await save(flow, (state) => ({ ...madeIn(prove(state, proof), passkey.id, place), created: true }))
  return undefined
}
