import { maskedEmail, readableEmail } from '../accounts/readable-email.ts'
import { browserOf } from '../http/device.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { authenticatorFor } from '../passkeys/index.ts'
import type { Change } from '../storage/types.ts'
import { notMePage } from '../../views/account/not-me.ts'
import { notMeStoppedPage } from '../../views/account/not-me-stopped.ts'
import { noticeContext, userAgentOf } from './here.ts'
import { checkPost, nameOf, nextApp, pageOf, sendMessage, type Visit, wellFormed } from './link.ts'

/** No sign-in is needed, and every browser may press: whoever reads the mail can stop a change, and do no more. */
const binding = (visit: Visit): string => `not-me:${nameOf(visit)}`

/** The change that the link names. */
async function changeOf(visit: Visit): Promise<Change | undefined> {
  const { tickets, changes } = visit.deps
  const link = wellFormed(visit) ? await tickets.look('not_me', visit.ticket) : undefined
  const change = link?.changeId === undefined ? undefined : await changes.get(link.changeId)
  return change?.accountId === link?.accountId ? change : undefined
}

/** "Was this you?" Mail scanners follow links, so looking changes nothing. */
export async function showNotMe(visit: Visit): Promise<void> {
  const change = await changeOf(visit)
  if (!change) return sendMessage(visit, 'not_me_gone', 410)
  if (change.settled) return sendMessage(visit, 'not_me_decided', 200)
  if (change.frozenAt !== undefined) return showStopped(visit, change)
  const [subject, account] = await Promise.all([subjectOf(visit, change), accountOf(visit, change)])
  sendPage(
    visit.ctx,
    notMePage(pageOf(visit, binding(visit)), { kind: change.kind, at: change.at, device: change.userAgent, ...(subject !== undefined && { subject }), ...(account !== undefined && { account }) }),
  )
}

/** Stops the change, or leaves it. Pressing again does no more. */
export async function answerNotMe(visit: Visit): Promise<void> {
  checkPost(visit, binding(visit))
  const change = await changeOf(visit)
  if (!change) return sendMessage(visit, 'not_me_gone', 410)
  const { answer } = visit.ctx.state.body
  if (answer === 'yes' && change.frozenAt === undefined && !change.settled) return sendMessage(visit, 'not_me_fine', 200)
  if (answer === 'no') await stop(visit, change)
  redirect(visit.ctx, visit.base)
}

async function stop(visit: Visit, { id }: Change): Promise<void> {
  const { ctx, deps, now } = visit
  const deviceHash = browserOf(ctx, deps.config)
  const frozen = await deps.changes.freeze(id, deviceHash === undefined ? undefined : { deviceHash, userAgent: userAgentOf(visit).label })
  if (!frozen || frozen.change.settled) return
  const stopped = await deps.changes.listStopped(frozen.change)
  const claims = await Promise.all(stopped.map((one) => deps.storage.ephemeral.claim(`not-me-told:${one.id}`, Math.max(one.until, now + 1))))
  // Of many presses one tells everybody of all that was stopped; a crash before it leaves that to the next press.
  if (!claims[stopped.findIndex((one) => one.id === id)]) return
  await deps.notices.detailsChanged(frozen.account, { ...noticeContext(visit), what: 'frozen', stopped: stopped.map(({ kind }) => kind) })
}

async function showStopped(visit: Visit, change: Change): Promise<void> {
  const { app, next } = await nextApp(visit)
  const stopped = (await visit.deps.changes.listStopped(change)).map(({ kind, at, userAgent: device }) => ({ kind, at, device }))
  sendPage(visit.ctx, notMeStoppedPage(pageOf(visit, binding(visit), { ...(app && { app }) }), { stopped, ...(next && { next }) }))
}

/** Enough of its address to tell which account it is. */
async function accountOf({ deps }: Visit, { accountId }: Change): Promise<string | undefined> {
  const account = await deps.accounts.get(accountId)
  const email = account && (deps.accounts.provenEmails(account)[0] ?? account.identifiers.find(({ kind }) => kind === 'email')?.value)
  return email === undefined ? undefined : maskedEmail(email)
}

/** What the change was about, as people know it: a passkey by its name or keeper, an identifier by itself, an app as one. */
async function subjectOf({ ctx, deps }: Visit, { kind, subject, accountId }: Change): Promise<string | undefined> {
  if (subject === undefined) return undefined
  if (kind === 'identifier_added' || kind === 'identifier_removed') return readableEmail(subject.slice(subject.indexOf(':') + 1))
  if (kind === 'method_added' || kind === 'method_removed') return subject.startsWith('totp:') ? ctx.state.page().t('way.totp') : undefined
  if (kind !== 'passkey_added' && kind !== 'passkey_removed') return undefined
  const account = await deps.accounts.get(accountId)
  const passkey = account && (await deps.passkeys.listFor(account, 'all')).find(({ id }) => id === subject)
  return passkey && (passkey.name ?? authenticatorFor(passkey.aaguid)?.name)
}
