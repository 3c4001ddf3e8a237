import { accountMayAuthenticate } from '../accounts/may-authenticate.ts'
import { readableEmail } from '../accounts/readable-email.ts'
import type { Ticket } from '../accounts/tickets.ts'
import { AppError } from '../errors.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { askedPlace, authenticatorFor, createdRecord, type Failure, likelyKeeper, type NotCreated, reasonOfError, reasonOfRefusal, type RegistrationFailure, type RegistrationResult, worthTrying } from '../passkeys/index.ts'
import { placeOf, type Place } from '../policy/cross-device.ts'
import { coolingTime, factsOf, mayAddPasskey } from '../policy/enrolment.ts'
import type { Acr, Proof } from '../policy/types.ts'
import type { Account, Passkey } from '../storage/types.ts'
import { enrolPage } from '../../views/account/enrol.ts'
import { enrolCreatePage } from '../../views/account/enrol-create.ts'
import { enrolCreatedPage } from '../../views/account/enrol-created.ts'
import { enrolNotCreatedPage } from '../../views/account/enrol-not-created.ts'
import type { Message } from '../../views/account/message.ts'
import type { Choice } from '../../views/parts/creation.ts'
import { noteCreation } from './ceremony.ts'
import { enrolChoices, enrolPlaces, heardPlaces, judgeEnrol } from './enrol-places.ts'
import { noticeContext, userAgentOf } from './here.ts'
import { checkPost, nameOf, nextApp, pageOf, sendMessage, type Visit, wellFormed } from './link.ts'
import { obeyEnrolmentRules } from './rules.ts'

/** A link that works in this browser, and whose account may have a passkey by it. */
interface Open {
  link: Ticket
  account: Account
}

/** What was made by a link that is used up, so that a second press and a reload show it. */
type Made = { deviceHash: string; accountId: string; passkeyId: string }

/** The browser proves by its cookie that it is the one the page was made for; without cookies nothing is bound. */
const binding = (visit: Visit): string => `enrol:${nameOf(visit)}:${visit.ctx.state.device.hash}`
const madeKey = (visit: Visit): string => `enrolled:${nameOf(visit)}`
const recoveryAcr: Acr = 'urn:latchkey:acr:recovery'
/** ms: a page that stands open longer asks for fresh options */
const challengeLife = 2 * 60 * 60 * 1000

/** Whose account it is, the offer to make a passkey, or why there is none. Looking binds and changes nothing. */
export async function showEnrol(visit: Visit): Promise<void> {
  const open = await openOrAnswer(visit)
  if (!open) return
  const { link, account } = open
  if (link.boundTo !== undefined) return showCreate(visit, open)
  const { inApp, platform } = userAgentOf(visit)
  sendPage(
    visit.ctx,
    enrolPage(pageOf(visit, binding(visit)), {
      until: link.expiresAt,
      ...emailOf(visit, account),
      ...(inApp && { inApp: platform === 'Android' ? 'android' : 'ios' }),
    }),
  )
}

/** The first press: from here on the link works in this browser only. */
export async function bindEnrol(visit: Visit): Promise<void> {
  checkPost(visit, binding(visit))
  const open = await openOrAnswer(visit)
  if (!open) return
  const { places, keep } = heardPlaces(visit)
  // The link stays good for a device that can keep one.
  if (places.length === 0 && open.link.boundTo === undefined) return sendMessage(visit, 'enrol_not_here', 200)
  const bound = await visit.deps.tickets.bind('enrol', visit.ticket, visit.ctx.state.device.hash)
  if (bound !== undefined && bound !== 'elsewhere' && open.link.boundTo === undefined) {
    await Promise.all([keep(open.link.expiresAt), visit.deps.audit.record('help_link.bound', traces(visit, open.account), {})])
  }
  redirect(visit.ctx, visit.base)
}

/** What the browser's dialog came to. */
export async function submitEnrol(visit: Visit): Promise<void> {
  checkPost(visit, binding(visit))
  const open = await openOrAnswer(visit)
  if (!open) return
  if (open.link.boundTo === undefined) return redirect(visit.ctx, visit.base)
  const { response, error } = visit.ctx.state.body
  if (response) return create(visit, open, response)
  return notCreated(visit, open, reasonOfError(error, askedPlace(visit.ctx.state.body)))
}

/** For a page that stood open long. */
export async function renewEnrol(visit: Visit): Promise<void> {
  checkPost(visit, binding(visit))
  const found = await findLink(visit)
  if (!('link' in found) || found.link.boundTo === undefined) {
    throw new AppError('step_done', 'no passkey is to be made here', { params: { continueUrl: visit.base } })
  }
  const [choice] = await choicesIn(visit, found, (await enrolPlaces(visit)).slice(0, 1))
  if (!choice) throw new AppError('step_done', 'this device can keep no passkey', { params: { continueUrl: visit.base } })
  const { challenge, timeout } = choice.options
  visit.ctx.body = { options: { challenge, timeout } }
}

async function openOrAnswer(visit: Visit): Promise<Open | undefined> {
  const found = await findLink(visit)
  if ('link' in found) return found
  if ('made' in found) await showMade(visit, found.made)
  else await sendMessage(visit, found.refused, found.refused === 'enrol_gone' || found.refused === 'enrol_used' ? 410 : 403)
  return undefined
}

/** The link as this browser may use it; what it made here, once it is used up; or why it does nothing. */
async function findLink(visit: Visit): Promise<Open | { made: Made } | { refused: Message }> {
  const { ctx, deps } = visit
  if (!wellFormed(visit)) return { refused: 'enrol_gone' }
  const here = ctx.state.device.hash
  const link = await deps.tickets.look('enrol', visit.ticket)
  if (!link) {
    const made = await deps.storage.ephemeral.get<Made>(madeKey(visit))
    return made?.deviceHash === here ? { made } : { refused: made ? 'enrol_used' : 'enrol_gone' }
  }
  const account = await deps.accounts.get(link.accountId)
  if (!account || !accountMayAuthenticate(account)) throw new AppError('account_off', 'a help link of an account that may not sign in')
  if (link.boundTo !== undefined && link.boundTo !== here) return { refused: 'enrol_elsewhere' }
  const decision = guard(visit, account)
  if (decision.allow) {
    // Asked before anything is bound, offered or made; a mail scanner that only looks asks nothing.
    if (link.boundTo !== undefined || ctx.method === 'POST') await obeyEnrolmentRules(visit, account, [helpProof(visit, account)])
    return { link, account }
  }
  if (ctx.method === 'POST') await deps.audit.record('passkey.refused_by_guard', traces(visit, account), { way: decision.way })
  return { refused: 'enrol_frozen' }
}

/** The operator's word weighs what a recovery code weighs: one passkey, which has to cool. */
const helpProof = ({ now }: Visit, { id: accountId }: Account): Proof => ({ method: 'recovery_code', at: now, accountId, usablePasskey: false })

function guard(visit: Visit, account: Account) {
  return mayAddPasskey({
    ...factsOf(account),
    now: visit.now,
    proofs: [helpProof(visit, account)],
    passkeys: [],
    recoveryReady: false,
    deviceRecognised: false,
    otherKindsHere: [],
  })
}

async function create(visit: Visit, open: Open, response: string): Promise<void> {
  const { ctx, deps, now, ticket } = visit
  const { account } = open
  const result = await deps.passkeys.register({
    subject: subjectOf(visit),
    response,
    account,
    judge: judgeEnrol(visit),
    enrolledAcr: recoveryAcr,
    userAgent: userAgentOf(visit).label,
    coolingUntil: now + coolingTime,
    spend: async () => (await mayStill(visit, account)) && (await deps.tickets.spend('enrol', ticket, ctx.state.device.hash)) !== undefined,
    announce: (passkey) => tell(visit, account, passkey),
  })
  if (result.ok) {
    await made(visit, open, result)
    return redirect(ctx, visit.base)
  }
  // Another answer was quicker, or the account has changed in between: the page says which.
  if (result.reason === 'not_allowed') return showEnrol(visit)
  await noteCreation(visit, account, { outcome: result.reason, ...(result.detail !== undefined && { detail: result.detail }) })
  return notCreated(visit, open, reasonOfRefusal(result.reason), result)
}

/** Nobody has stopped changes or switched the account off since it was read. */
async function mayStill(visit: Visit, { id }: Account): Promise<boolean> {
  const account = await visit.deps.accounts.get(id)
  return account !== undefined && accountMayAuthenticate(account) && guard(visit, account).allow
}

/** The change, and the mails to all addresses with which it can be disowned. */
async function tell(visit: Visit, account: Account, passkey: Passkey): Promise<void> {
  const { ctx, deps } = visit
  const where = { deviceHash: ctx.state.device.hash, userAgent: userAgentOf(visit).label }
  const change = await deps.changes.record({ ...where, accountId: account.id, kind: 'passkey_added', subject: passkey.id })
  const keeper = authenticatorFor(passkey.aaguid)
  const context = { ...noticeContext(visit), change }
  await deps.notices.passkeyAdded(account, passkey, { ...context, ...(keeper && { storedIn: keeper.name }) })
  await deps.notices.detailsChanged(account, { ...context, what: 'help_link_used' })
}

async function made(visit: Visit, { link, account }: Open, result: Extract<RegistrationResult, { ok: true }>): Promise<void> {
  const { ctx, deps } = visit
  const { passkey: { id: passkeyId, aaguid }, place } = result
  await deps.storage.ephemeral.set<Made>(madeKey(visit), { deviceHash: ctx.state.device.hash, accountId: account.id, passkeyId }, link.expiresAt)
  await noteCreation(visit, account, { outcome: 'ok', aaguid, ...(place && { place }) })
  await deps.audit.record('passkey.created', traces(visit, account), createdRecord(result))
}

async function showCreate(visit: Visit, open: Open): Promise<void> {
  const [lead, ...others] = await choicesIn(visit, open, await enrolPlaces(visit))
  if (!lead) return sendMessage(visit, 'enrol_not_here', 200)
  const keeper = likelyKeeper(userAgentOf(visit))
  sendPage(visit.ctx, enrolCreatePage(pageOf(visit, binding(visit)), { choices: [lead, ...others], ...(keeper !== undefined && { keeper }), ...emailOf(visit, open.account) }))
}

async function showMade(visit: Visit, { accountId, passkeyId }: Made): Promise<void> {
  const { deps, ctx } = visit
  const account = await deps.accounts.get(accountId)
  const passkey = account && (await deps.passkeys.listFor(account)).find(({ id }) => id === passkeyId)
  if (!passkey) return sendMessage(visit, 'enrol_used', 410)
  const keeper = authenticatorFor(passkey.aaguid)
  const { app, next } = await nextApp(visit, accountId)
  sendPage(
    ctx,
    enrolCreatedPage(pageOf(visit, binding(visit), { ...(app && { app }) }), {
      name: keeper?.name ?? userAgentOf(visit).label,
      ...(keeper && { storedIn: keeper.name, icon: keeper.icon, picture: keeper.picture }),
      synced: passkey.backupEligible,
      place: placeOf(passkey) ?? 'here',
      ...(next && { next }),
    }),
  )
}

async function notCreated(visit: Visit, open: Open, reason: NotCreated, refusal?: Failure<RegistrationFailure>): Promise<void> {
  const { ctx, deps } = visit
  const place = askedPlace(ctx.state.body)
  const detail = refusal?.reason ?? reason
  if (!refusal) await noteCreation(visit, open.account, { outcome: detail, ...(place && { place }) })
  await deps.audit.record('passkey.not_created', traces(visit, open.account), { reason: detail })
  const { app, next } = reason === 'exists' ? await nextApp(visit, open.account.id) : {}
  const choices = await choicesIn(visit, open, worthTrying(await enrolPlaces(visit), reason, place))
  const { rpId } = deps.config.passkeys
  sendPage(ctx, enrolNotCreatedPage(pageOf(visit, binding(visit), { ...(app && { app }) }), {
    reason,
    choices,
    ...(place && { place }),
    ...(refusal?.unknown !== undefined && { signal: { rpId, unknown: refusal.unknown } }),
    ...(next && { next }),
  }))
}

const choicesIn = (visit: Visit, { link, account }: Open, places: Place[]): Promise<Choice[]> =>
  enrolChoices(visit, places, {
    subject: subjectOf(visit),
    life: Math.min(link.expiresAt - visit.now, challengeLife),
    account,
    label: emailOf(visit, account).email ?? visit.deps.config.passkeys.rpName,
  })

/** What creation challenges are bound to, besides the account. */
const subjectOf = (visit: Visit): string => `enrol:${nameOf(visit)}`

function emailOf({ deps }: Visit, account: Account): { email?: string } {
  const email = deps.accounts.provenEmails(account)[0] ?? account.identifiers[0]?.value
  return email === undefined ? {} : { email: readableEmail(email) }
}

const traces = (visit: Visit, { id: accountId }: Account) => ({
  accountId,
  deviceHash: visit.ctx.state.device.hash,
  userAgent: userAgentOf(visit).label,
})
