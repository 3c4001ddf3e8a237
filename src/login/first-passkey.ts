import { readable } from '../accounts/readable.ts'
import { sendPage } from '../http/reply.ts'
import type { RegistrationFailure } from '../passkeys/index.ts'
import type { Account } from '../storage/types.ts'
import { passkeyCreatePage } from '../../views/login/passkey-create.ts'
import { passkeyNotCreatedPage } from '../../views/login/passkey-not-created.ts'
import { userAgentOf } from './browser.ts'
import { noteCeremony } from './ceremony.ts'
import { startDue } from './code-screen.ts'
import { finishSignUp, insertAccount } from './finish-sign-up.ts'
import { challengeSubject, pageOf, save, type Flow } from './flow.ts'
import { proofBy } from './proofs.ts'
import { judgeByRules } from './rules.ts'
import { identifiersOf, proveAll } from './sign-up-state.ts'
import { prove, type Typed } from './state.ts'
import { traces } from './traces.ts'

/**
 * The passkey that an account is made together with, where nothing else of it is proven: without one nobody could come
 * back. It has its ids before there is an account, which is written only after the passkey has been checked.
 */
export function draftOf({ state: { draft, signUp }, now }: Flow): Account | undefined {
  if (!draft || !signUp) return undefined
  return { id: draft.accountId, userHandle: draft.userHandle, createdAt: now, credentialIds: [], identifiers: identifiersOf(signUp) }
}

/** Of this device: a phone or a key beside it would not be at hand next time. */
export async function firstPasskeyOptions(flow: Flow, account: Account) {
  const { deps, request, now } = flow
  const [first] = account.identifiers as [Typed, ...Typed[]]
  return deps.passkeys.registrationOptions({
    subject: challengeSubject(flow, account), life: request.expiresAt - now, account, label: readable(first), existing: [],
    attachment: 'platform', hints: ['client-device'],
  })
}

export async function showFirstPasskey(flow: Flow, draft: Account): Promise<void> {
  const { offer } = flow.state
  const options = await firstPasskeyOptions(flow, draft)
  const page = offer?.outcome === 'failed'
    ? passkeyNotCreatedPage(pageOf(flow), { reason: offer.reason, options, signUp: true })
    : passkeyCreatePage(pageOf(flow), { options, neverButton: false, notNow: false })
  sendPage(flow.ctx, page)
}

/** "Use a code instead": the sign-up goes on as one that proves everything first. */
export async function withoutPasskey(flow: Flow): Promise<void> {
  await save(flow, proveAll)
  await finishSignUp(flow)
  await startDue(flow)
}

/** Account and passkey, together or not at all. A refusal comes back as its reason; undefined: it is done, or goes on by a code. */
export async function makeWithPasskey(flow: Flow, draft: Account, response: string): Promise<RegistrationFailure | undefined> {
  const { deps, now } = flow
  // The operator's rules may allow accounts, and no passkeys from here.
  const { outcome, challenge } = await judgeByRules(flow, 'enrolment')
  if (outcome === 'deny' || challenge) {
    await withoutPasskey(flow)
    return undefined
  }
  let made: Account | undefined
  const result = await deps.passkeys.register({
    subject: challengeSubject(flow, draft), response, account: draft, enrolledAcr: '', userAgent: userAgentOf(flow).label, signUp: true,
    spend: async () => (made = await insertAccount(flow)) !== undefined,
  })
  // Somebody has got one of the identifiers meanwhile: the state says what comes next.
  if (!result.ok && result.reason === 'not_allowed' && !made) {
    await startDue(flow)
    return undefined
  }
  if (!result.ok) {
    await noteCeremony(flow, { ceremony: 'create', outcome: result.reason, ...(result.detail !== undefined && { detail: result.detail }) })
    return result.reason
  }
  const { passkey } = result
  await noteCeremony(flow, { ceremony: 'create', outcome: 'ok', accountId: draft.id, aaguid: passkey.aaguid })
  await deps.audit.record('passkey.created', { ...traces(flow), accountId: draft.id }, { passkeyId: passkey.id, aaguid: passkey.aaguid, synced: passkey.backupEligible, enrolledAcr: passkey.enrolledAcr, cooling: false })
  const proof = { ...proofBy(flow, draft, 'passkey', { credentialId: passkey.id, at: now }), signUp: true }
  await save(flow, (state) => ({ ...prove(state, proof), created: true, offer: { outcome: 'created', credentialId: passkey.id }, createdCredentialId: passkey.id }))
  return undefined
}
