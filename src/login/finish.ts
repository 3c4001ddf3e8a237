import { accountMayAuthenticate } from '../accounts/may-authenticate.ts'
import { AppError } from '../errors.ts'
import { handOver } from '../http/reply.ts'
import { describeUserAgent } from '../passkeys/user-agent.ts'
import { assess } from '../policy/assurance.ts'
import { downgradeAction } from '../policy/downgrade.ts'
import { handOverPage } from '../../views/login/hand-over.ts'
import { pageOf, proofsOf, type Flow } from './flow.ts'

/**
 * The end of a login at our pages: this browser is remembered, the proofs go to the engine, and the person to the
 * engine's resume route. Doing it twice does it once: the engine's interaction keeps one result.
 */
export async function finish(flow: Flow): Promise<void> {
  const { account, deps, request, state } = flow
  if (!accountMayAuthenticate(account)) throw new AppError('account_off', 'the account may not sign in', { params: { clientId: request.app.id } })
  const proofs = proofsOf(flow)
  const last = state.proofs.at(-1)
  const [url, seen] = await Promise.all([
    deps.interactions.finishLogin(flow.ctx, request, { accountId: account.id, proofs }),
    last && rememberBrowser(flow, account.id, last.credentialId ?? createdHere(flow)),
  ])
  if (last) {
    deps.metrics.login(last.method)
    await deps.audit.record('sign_in', { ...traces(flow), accountId: account.id }, {
      method: last.method,
      acr: assess(proofs)?.acr ?? '',
      firstTimeOnDevice: seen?.firstTime === true,
      ...(last.credentialId && { passkeyId: last.credentialId }),
    })
    const news = seen?.firstTime === true && state.created !== true
    const weaker = state.proofs.some((proof) => downgradeAction(proof, deps.config.assurance.downgrade) === 'finish_and_notify')
    if (news || weaker) await deps.notices.newDevice(account, { ...noticeContext(flow), method: last.method === 'passkey' ? 'passkey' : 'email_otp', firstTime: news })
  }
  leave(flow, url)
}

/** A POST never redirects on to the engine's resume route (browsers check `form-action` along the whole chain). */
export function leave(flow: Flow, url: string): void {
  if (flow.ctx.method === 'POST') return handOver(flow.ctx, { url, page: handOverPage(pageOf(flow), { url }) })
  flow.ctx.status = 303
  flow.ctx.redirect(url)
}

/** A passkey that was made on the way here belongs to this browser as well. */
const createdHere = ({ state }: Flow): string | undefined => state.createdCredentialId

function rememberBrowser(flow: Flow, accountId: string, credentialId: string | undefined) {
  return flow.deps.devices.recordSignIn({
    deviceHash: flow.ctx.state.device.hash,
    accountId,
    ...(credentialId && { credentialId }),
    userAgent: userAgentOf(flow).label,
  })
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
