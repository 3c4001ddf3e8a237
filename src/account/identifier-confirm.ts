import { readable } from '../accounts/readable.ts'
import { idOf } from '../accounts/reservations.ts'
import { sendPage } from '../http/reply.ts'
import { hasProven, isBare } from '../policy/strategy.ts'
import { identifierConfirmPage, type IdentifierConfirmProps } from '../../views/account/identifier-confirm.ts'
import { codeErrorOf, sendErrorOf } from '../../views/parts/code.ts'
import { codesFor } from './confirm-code.ts'
import { goTo } from './go-to.ts'
import { guarded } from './guard.ts'
import { announceAdded, announceConfirmed, tellsSomebody } from './identifier-change.ts'
import { entryAt, isUnproven, since } from './identifiers.ts'
import { keepPending, type Pending, readPending, startPending, takePending } from './pending.ts'
import { done, home, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

export const confirmUrl = '/account/identifier-confirm'

/** The code that shows that an address or number is theirs: one that is added, one that waits since the sign-up, or its correction. */
export const identifierConfirm: AccountPage = {
  path: '/identifier-confirm',
  async show(visitor) {
    const pending = await readPending(visitor)
    if (!pending) return goTo(visitor, home)
    // Asked for with a proof that was too old: coming back from a young one sends it.
    if (pending.unsent) return ask(visitor, pending)
    await show(visitor, pending)
  },
  async submit(visitor) {
    const { send, resend, code = '' } = visitor.ctx.state.body
    if (send !== undefined) return start(visitor, send)
    const pending = await readPending(visitor)
    if (!pending) return done(visitor, 'changed_elsewhere')
    if (pending.unsent) return goTo(visitor, confirmUrl)
    if (resend !== undefined) return again(visitor, pending)
    if (code.trim() === '') return show(visitor, pending, { error: { kind: 'empty' } })
    await check(visitor, pending, code)
  },
}

/** One that the account has: once it is proven it opens the account, so that it takes what adding one takes. */
async function start(visitor: Visitor, ref: string): Promise<void> {
  const entry = await entryAt(visitor, ref)
  if (!entry) return
  const { kind, value, verifiedAt } = entry
  if (kind === 'username' || verifiedAt !== undefined) return done(visitor, 'changed_elsewhere')
  const pending = { do: 'confirm', kind, value, at: visitor.now } as const
  await keepPending(visitor, { ...pending, unsent: true })
  await ask(visitor, pending)
}

async function ask(visitor: Visitor, { unsent: _, ...pending }: Pending): Promise<void> {
  const asked = { ...pending, at: visitor.now }
  if (!(await mayGoOn(visitor, asked))) return
  await startPending(visitor, asked)
  goTo(visitor, confirmUrl)
}

async function again(visitor: Visitor, pending: Pending): Promise<void> {
  const answer = await codesFor(visitor, pending).send()
  await show(visitor, pending, answer.ok ? { status: 'resent' } : { error: sendErrorOf(answer) })
}

async function check(visitor: Visitor, pending: Pending, code: string): Promise<void> {
  // Asked again before the code is spent: the account may have been frozen meanwhile.
  if (!(await mayGoOn(visitor, pending))) return
  const answer = await codesFor(visitor, pending).check(code)
  if (!answer.ok) return show(visitor, pending, { error: codeErrorOf(answer) })
  if (!(await takePending(visitor))) return done(visitor, 'changed_elsewhere')
  if (pending.do === 'confirm') return confirm(visitor, pending)
  return pending.do === 'add' ? add(visitor, pending) : correct(visitor, pending)
}

/** As the guard was asked when it began: a mail may take longer than a proof is young. */
async function mayGoOn(visitor: Visitor, pending: Pending): Promise<boolean> {
  if (pending.do === 'confirm' && mayCorrectFreely(visitor)) return true
  const asAsked = { ...visitor, now: Math.min(visitor.now, pending.at) }
  if (pending.do !== 'correct') return (await guarded(asAsked, { do: 'add_identifier' })) !== undefined
  const entry = visitor.account.identifiers.find(({ kind, value }) => kind === pending.from.kind && value === pending.from.value)
  return entry === undefined || mayCorrectFreely(visitor) || (await guarded(asAsked, { do: 'replace_identifier', createdAt: since(entry, visitor.account) })) !== undefined
}

/** Nothing of the account was ever proven, and this is who signed it up: there is nothing to guard it with. */
export const mayCorrectFreely = ({ account, session, deviceHash }: Visitor): boolean =>
  isBare(account, deviceHash) && session.proofs.every(({ method }) => method === 'sign_up')

async function confirm(visitor: Visitor, pending: Pending): Promise<void> {
  const { deps, account, now } = visitor
  if (hasProven(account)) await announceConfirmed(visitor, pending)
  if (!(await deps.identifiers.markProven(account.id, pending, now))) return done(visitor, 'changed_elsewhere')
  await deps.audit.record('identifier.confirmed', traces(visitor), { kind: pending.kind })
  await done(visitor, 'identifier_confirmed', { subject: readable(pending) })
}

async function add(visitor: Visitor, pending: Pending): Promise<void> {
  const { deps, account, now } = visitor
  const subject = readable(pending)
  const { kind, value } = pending
  const holder = await deps.accounts.findByIdentifier({ kind, value })
  // Who has it without ever having shown that it is theirs loses it to who just did.
  if (holder?.identifiers.some((entry) => idOf(entry) === idOf(pending) && !isUnproven(entry))) return done(visitor, 'identifier_taken', { subject })
  await announceAdded(visitor, pending)
  const outcome = await deps.identifiers.add(account, { kind, value, verifiedAt: now })
  if (outcome === 'taken') return done(visitor, 'identifier_taken', { subject })
  if (outcome === 'too_many') return done(visitor, 'changed_elsewhere')
  await done(visitor, tellsSomebody(visitor) ? 'identifier_added' : 'identifier_added_first', { subject })
}

async function correct(visitor: Visitor, pending: Extract<Pending, { do: 'correct' }>): Promise<void> {
  const { deps, account, now } = visitor
  const subject = readable(pending)
  const { kind, value, from } = pending
  if (await deps.accounts.findByIdentifier({ kind, value })) return done(visitor, 'identifier_taken', { subject })
  const entry = account.identifiers.find((listed) => listed.kind === from.kind && listed.value === from.value)
  if (!entry || !isUnproven(entry)) return done(visitor, 'changed_elsewhere')
  await announceAdded(visitor, pending)
  if ((await deps.identifiers.correct(account, from, { kind, value })) === 'taken') return done(visitor, 'identifier_taken', { subject })
  await deps.identifiers.markProven(account.id, { kind, value }, now)
  await deps.audit.record('identifier.corrected', traces(visitor), { kind })
  await done(visitor, 'identifier_corrected', { subject })
}

async function show(visitor: Visitor, pending: Pending, more: Pick<IdentifierConfirmProps, 'error' | 'status'> = {}): Promise<void> {
  const { ctx, deps } = visitor
  const { code } = deps.config.verification
  const status = await codesFor(visitor, pending).status()
  const { error } = more
  if (error && 'retryAfter' in error) ctx.set('Retry-After', String(error.retryAfter))
  sendPage(
    ctx,
    identifierConfirmPage(await pageOf(visitor), {
      kind: pending.kind,
      value: readable(pending),
      length: status?.digits ?? code.digits,
      letters: code.alphabet === 'letters',
      lifeMinutes: Math.round(code.life / 60_000),
      resendInSeconds: status ? Math.max(0, Math.ceil((status.resendAt - deps.storage.clock.now()) / 1000)) : 0,
      ...more,
    }),
    error === undefined ? 200 : 'retryAfter' in error ? 429 : 400,
  )
}
