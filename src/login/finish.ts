import { accountMayAuthenticate } from '../accounts/may-authenticate.ts'
import { AppError } from '../errors.ts'
import { assess } from '../policy/assurance.ts'
import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import { hereOf, userAgentOf } from './browser.ts'
import type { Flow } from './flow.ts'
import { leave } from './leave.ts'
import { recentFailures } from './passkey-failures.ts'
import { offers } from './passkey-offer.ts'
import { deviceOf, proofsOf } from './proofs.ts'
import type { LoginState } from './state.ts'
import { madeHere, noticeContext, traces } from './traces.ts'
import { downgrade } from './ways.ts'

/**
 * The end of a login at our pages: this browser is remembered, the proofs go to the engine, and the person to the
 * engine's resume route. Doing it twice does it once: the engine's interaction keeps one result.
 */
export async function finish(flow: Flow, { notify }: { notify: boolean }): Promise<void> {
  const { account, deps, request, state } = flow
  if (!accountMayAuthenticate(account)) throw new AppError('account_off', 'the account may not sign in', { params: { clientId: request.app.id } })
  const proofs = proofsOf(flow)
  const asksToStay = deps.config.sessions.keepSignedIn === 'ask'
  if (state.remember && state.identifier) deps.remembered.add(flow.ctx, state.identifier)
  const last = state.proofs.at(-1)
  // Written side by side, so that they share one commit.
  const [url] = await Promise.all([
    deps.interactions.finishLogin(request, { accountId: account.id, proofs, ...(asksToStay && state.remember !== undefined && { remember: state.remember }) }),
    last && signedIn(flow, account, last, notify),
  ])
  leave(flow, url)
}

/** What is kept and told of a sign-in: this browser's record, the audit entry, and a mail when it is worth one. */
async function signedIn(flow: Flow, account: Account, last: Proof, notify: boolean): Promise<void> {
  const { deps, state } = flow
  const passkey = passkeyOf(state)
  const known = deviceOf(flow, account.id)
  const byPasskey = state.proofs.some(({ method, signUp }) => method === 'passkey' && signUp !== true)
  const here = hereOf(flow)
  // A cookie that turns up elsewhere was copied, unless a passkey says that the owner took it there.
  const firstTime = known === undefined || (!byPasskey && deps.devices.isElsewhere(known, here))
  const news = firstTime && state.created !== true
  const weaker = downgrade(flow) === 'finish_and_notify'
  deps.metrics.login(last.method)
  await Promise.all([
    deps.devices.recordSignIn({
      deviceHash: flow.ctx.state.device.hash,
      accountId: account.id,
      ...passkey,
      userAgent: userAgentOf(flow).label,
      here,
      byPasskey,
      ...(byPasskey && { failedBefore: async () => (await recentFailures(flow)) > 0 }),
    }, known),
    deps.audit.record('sign_in', traces(flow), {
      method: last.method,
      acr: assess(state.proofs)?.acr ?? '',
      firstTimeOnDevice: firstTime,
      ...(last.credentialId && { passkeyId: last.credentialId }),
    }),
    weaker && deps.audit.record('downgrade.notified', traces(flow), { method: last.method }),
    notOffered(flow, last),
    // Who may be a stranger does not choose the language in which the owner is warned.
    (!firstTime || byPasskey) && deps.accounts.rememberLocale(account, flow.ctx.state.locale),
    (news || weaker || notify) && tell(flow, account, last, news),
  ])
}

/** What this browser's record names: a passkey of this very device, made or used, before one that was used from elsewhere. */
function passkeyOf({ proofs, createdCredentialId: made, createdElsewhere }: LoginState): { credentialId: string; elsewhere: boolean } | undefined {
  const all = proofs.toReversed().map(({ credentialId, place }) => ({ credentialId, elsewhere: place === 'elsewhere' }))
  const known = [...all, { credentialId: made, elsewhere: createdElsewhere === true }].flatMap(({ credentialId, elsewhere }) => (credentialId === undefined ? [] : [{ credentialId, elsewhere }]))
  return known.find(({ elsewhere }) => !elsewhere) ?? known[0]
}

/** A device that is new can be disowned from the mail; one that is known did nothing that could be taken back. */
async function tell(flow: Flow, account: Account, { method }: Proof, firstTime: boolean): Promise<void> {
  const { deps } = flow
  const here = madeHere(flow)
  const subject = `${here.deviceHash}:${account.id}`
  // Before its first proof nothing of the account can be changed.
  const began = Math.min(...flow.state.proofs.map(({ at }) => at))
  const change = firstTime ? await deps.changes.record({ ...here, accountId: account.id, kind: 'new_device', subject, began }) : undefined
  await deps.notices.newDevice(account, { ...noticeContext(flow), method, firstTime, ...(change && { change }) })
}

/** An operator can see why somebody without a passkey of this device was not asked to make one. */
async function notOffered(flow: Flow, { method, place }: Proof): Promise<void> {
  if ((method === 'passkey' && place !== 'elsewhere') || flow.state.offer) return
  const { reason } = await offers(flow)
  await flow.deps.audit.record('passkey.offer', traces(flow), { offered: false, reason })
}
