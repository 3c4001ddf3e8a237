import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import { askedPlace, authenticatorFor, createdRecord, type Failure, namesOf, type NotCreated, reasonOfError, reasonOfRefusal, type RegistrationFailure, worthTrying } from '../passkeys/index.ts'
import { assess } from '../policy/assurance.ts'
import { creationAt, judgeAnswer, type Place } from '../policy/cross-device.ts'
import { coolingTime } from '../policy/enrolment.ts'
import type { Passkey } from '../storage/types.ts'
import { passkeyCreatePage, type PasskeyCreateProps } from '../../views/account/passkey-create.ts'
import { noteCreation } from './ceremony.ts'
import { allowedHere, guarded, type Granted } from './guard.ts'
import { isOnPhone, noticeContext, userAgentOf } from './here.ts'
import { isFull, passkeysPath, places } from './passkeys.ts'
import { done, madeHere, pageOf, traces, type AccountPage, type Visitor } from './session.ts'
import { shownAs } from './shown-as.ts'

const adds = { do: 'add_passkey' } as const
const elsewhere = '/elsewhere'

/** "Add a passkey": on this device, or at `…/elsewhere` on a phone or a security key. Every creation goes through the enrolment guard. */
export const passkeyCreate: AccountPage = {
  path: '/passkey-create',
  async show(visitor) {
    if (await mayAdd(visitor)) await show(visitor, placesHere(visitor))
  },
  async submit(visitor) {
    const granted = await mayAdd(visitor)
    if (!granted) return
    const { body } = visitor.ctx.state
    if (body['response']) return create(visitor, granted, body['response'])
    await failed(visitor, reasonOfError(body['error'], askedPlace(body)))
  },
}

/** The same, with the other place first: an address of its own, which survives the way to a proof and back. */
export const passkeyCreateElsewhere: AccountPage = { ...passkeyCreate, path: `${passkeyCreate.path}${elsewhere}` }

/** For a page that stood open long. @throws AppError `step_done` */
export async function renewPasskeyCreate(visitor: Visitor): Promise<void> {
  const ends = await allowedHere(visitor, adds)
  if (ends === undefined) throw new AppError('step_done', 'the enrolment guard says no', { params: { continueUrl: `/account${passkeyCreate.path}` } })
  const [lead] = placesHere(visitor)
  const { challenge, timeout } = await optionsFor(visitor, lead, ends)
  visitor.ctx.body = { options: { challenge, timeout } }
}

/** @throws AppError `not_found`: none are made here */
async function mayAdd(visitor: Visitor): Promise<Granted | undefined> {
  if (places(visitor).length === 0) throw new AppError('not_found', 'no passkeys are made here', { params: { continueUrl: passkeysPath } })
  const granted = await guarded(visitor, adds, passkeysPath)
  // Who comes by a recovery has lost those that would have to go first.
  if (!granted || granted.cooling || !(await isFull(visitor))) return granted
  await done(visitor, 'passkey_not_added', { path: passkeysPath })
  return undefined
}

/** Where one may be made: first the place that the address names, as far as the operator lets it. */
function placesHere(visitor: Visitor): [Place, ...Place[]] {
  const wanted: Place = visitor.ctx.path.endsWith(elsewhere) ? 'elsewhere' : 'here'
  const [first, ...others] = places(visitor).toSorted((a, b) => Number(b === wanted) - Number(a === wanted))
  return [first ?? wanted, ...others]
}

const subjectOf = ({ session }: Visitor): string => `account:${session.uid}`

async function optionsFor(visitor: Visitor, place: Place, ends: number) {
  const { deps, account, now } = visitor
  return deps.passkeys.registrationOptions({
    subject: subjectOf(visitor),
    life: ends - now,
    account,
    label: shownAs(account) ?? deps.config.passkeys.rpName,
    existing: await deps.passkeys.listFor(account, 'all'),
    ...creationAt(place),
  })
}

async function show(visitor: Visitor, [place, ...others]: [Place, ...Place[]], failure: Pick<PasskeyCreateProps, 'failed' | 'signal'> = {}, status = 200): Promise<void> {
  const ends = (await allowedHere(visitor, adds)) ?? visitor.now
  const [page, options] = await Promise.all([pageOf(visitor), optionsFor(visitor, place, ends)])
  sendPage(visitor.ctx, passkeyCreatePage(page, { choice: { place, options }, other: others.length > 0, ...failure }), status)
}

async function create(visitor: Visitor, granted: Granted, response: string): Promise<void> {
  const { deps, account, session, now } = visitor
  const recovery = granted.by === 'recovery' ? account.recovery : undefined
  const result = await deps.passkeys.register({
    subject: subjectOf(visitor),
    response,
    account,
    enrolledAcr: recovery ? 'urn:latchkey:acr:recovery' : (assess(session.proofs)?.acr ?? ''),
    userAgent: userAgentOf(visitor).label,
    ...(granted.cooling && { coolingUntil: now + coolingTime }),
    ...(recovery && { spend: () => deps.recoveries.use(account.id, recovery.id) }),
    judge: (made) => judgeAnswer(deps.config.passkeys.crossDevice, 'adding', made, { phone: isOnPhone(visitor) }),
    announce: (passkey) => tell(visitor, passkey, recovery !== undefined),
  })
  // Of a button that was pressed twice the first press made it.
  if (!result.ok && result.reason === 'challenge_spent') return done(visitor, 'changed_elsewhere', { path: passkeysPath })
  if (!result.ok) return failed(visitor, reasonOfRefusal(result.reason), result)
  const { passkey, place } = result
  await noteCreation(visitor, account, { outcome: 'ok', aaguid: passkey.aaguid, ...(place && { place }) })
  await deps.audit.record('passkey.created', traces(visitor), createdRecord(result))
  // A finished recovery decides about what was disowned, now that there is a passkey to sign in with.
  if (recovery && account.frozen) {
    await deps.changes.settle(account.id, 'undone', madeHere(visitor))
    await deps.notices.detailsChanged(account, { ...noticeContext(visitor), what: 'restored' })
  }
  // As on the list that is shown next.
  const all = (await deps.passkeys.listFor(account, 'all')).filter(({ removedAt }) => removedAt === undefined)
  await done(visitor, 'passkey_added', { path: passkeysPath, subject: namesOf(all).get(passkey.id) ?? '' })
}

/** The change, and the mail to all addresses with which it can be disowned. */
async function tell(visitor: Visitor, passkey: Passkey, byRecovery: boolean): Promise<void> {
  const { deps, account } = visitor
  const change = await deps.changes.record({ ...madeHere(visitor), accountId: account.id, kind: 'passkey_added', subject: passkey.id })
  const context = { ...noticeContext(visitor), change }
  if (byRecovery) return deps.notices.recoveryUsed(account, context)
  const keeper = authenticatorFor(passkey.aaguid)
  await deps.notices.passkeyAdded(account, passkey, { ...context, ...(keeper && { storedIn: keeper.name }) })
}

/** `refusal`: the server's own reason; without it the browser said that there is no answer. */
async function failed(visitor: Visitor, reason: NotCreated, refusal?: Failure<RegistrationFailure>): Promise<void> {
  const { ctx, deps, account } = visitor
  const place = askedPlace(ctx.state.body)
  const outcome = refusal?.reason ?? reason
  await deps.throttle.spend(ctx, 'passkey_refused')
  await noteCreation(visitor, account, { outcome, ...(place && { place }), ...(refusal?.detail !== undefined && { detail: refusal.detail }) })
  await deps.audit.record('passkey.not_created', traces(visitor), { reason: outcome })
  if (reason === 'exists') return done(visitor, 'passkey_exists', { path: passkeysPath, subject: place ?? 'here' })
  const [lead, ...others] = worthTrying(placesHere(visitor), reason, place)
  const unknown = refusal?.unknown
  await show(
    visitor,
    lead ? [lead, ...others] : placesHere(visitor),
    { failed: { reason, ...(place && { place }) }, ...(unknown !== undefined && { signal: { rpId: deps.config.passkeys.rpId, unknown } }) },
    refusal ? 400 : 200,
  )
}
