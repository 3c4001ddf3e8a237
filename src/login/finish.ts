import { accountMayAuthenticate } from '../accounts/may-authenticate.ts'
import { AppError } from '../errors.ts'
import { handOver, redirect } from '../http/reply.ts'
import { describeUserAgent } from '../passkeys/index.ts'
import { assess } from '../policy/assurance.ts'
import { downgradeAction } from '../policy/downgrade.ts'
import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { handOverPage } from '../../views/login/hand-over.ts'
import { pageOf, type Flow } from './flow.ts'
import { deviceOf, proofsOf } from './proofs.ts'
import { offers } from './situation.ts'

/**
 * The end of a login at our pages: this browser is remembered, the proofs go to the engine, and the person to the
 * engine's resume route. Doing it twice does it once: the engine's interaction keeps one result.
 */
export async function finish(flow: Flow): Promise<void> {
  const { account, deps, request, state } = flow
  if (!accountMayAuthenticate(account)) throw new AppError('account_off', 'the account may not sign in', { params: { clientId: request.app.id } })
  const proofs = proofsOf(flow)
  const last = state.proofs.at(-1)
  // Written side by side, so that they share one commit.
  const [url] = await Promise.all([
    deps.interactions.finishLogin(request, { accountId: account.id, proofs }),
    last && signedIn(flow, account, last),
  ])
  leave(flow, url)
}

/** What is kept and told of a sign-in: this browser's record, the audit entry, and a mail when it is worth one. */
async function signedIn(flow: Flow, account: Account, last: Proof): Promise<void> {
  const { deps, state } = flow
  const credentialId = last.credentialId ?? state.createdCredentialId
  const known = deviceOf(flow, account.id)
  const firstTime = known === undefined
  const news = firstTime && state.created !== true
  const weaker = state.proofs.some((proof) => downgradeAction(proof, deps.config.assurance.downgrade) === 'finish_and_notify')
  deps.metrics.login(last.method)
  await Promise.all([
    deps.devices.recordSignIn({
      deviceHash: flow.ctx.state.device.hash,
      accountId: account.id,
      ...(credentialId && { credentialId }),
      userAgent: userAgentOf(flow).label,
    }, known),
    deps.audit.record('sign_in', traces(flow), {
      method: last.method,
      acr: assess(state.proofs)?.acr ?? '',
      firstTimeOnDevice: firstTime,
      ...(last.credentialId && { passkeyId: last.credentialId }),
    }),
    weaker && deps.audit.record('downgrade.notified', traces(flow), { method: last.method }),
    notOffered(flow, last),
    (news || weaker) && deps.notices.newDevice(account, { ...noticeContext(flow), method: last.method === 'passkey' ? 'passkey' : 'email_otp', firstTime: news }),
  ])
}

/** An operator can see why somebody without a passkey was not asked to make one. */
async function notOffered(flow: Flow, { method }: Proof): Promise<void> {
  if (method === 'passkey' || flow.state.offer) return
  const reason = flow.deps.config.passkeys.creation === 'off' ? 'offers are switched off' : (await offers(flow)).reason
  await flow.deps.audit.record('passkey.offer', traces(flow), { offered: false, reason })
}

/** A POST never redirects on to the engine's resume route (browsers check `form-action` along the whole chain). */
export function leave(flow: Flow, url: string): void {
  if (flow.ctx.method === 'POST') return handOver(flow.ctx, { url, page: handOverPage(pageOf(flow), { url }) })
  redirect(flow.ctx, url)
}

export const userAgentOf = (flow: Flow) => describeUserAgent(flow.ctx.get('user-agent'))

/** What an audit record says of where it happened. */
export const traces = (flow: Flow) => ({
  ...(flow.account && { accountId: flow.account.id }),
  clientId: flow.request.app.id,
  deviceHash: flow.ctx.state.device.hash,
  userAgent: userAgentOf(flow).label,
})

/** What a notice says of where it happened. */
export const noticeContext = (flow: Flow) => ({ at: flow.now, device: userAgentOf(flow).label })
