import { accountClientId } from '../config/schema.ts'
import type { Context } from '../http/context.ts'
import { sendPage } from '../http/reply.ts'
import type { LiveSession } from '../oidc/types.ts'
import { downgradeAction, proofsAt } from '../policy/downgrade.ts'
import type { Proof } from '../policy/types.ts'
import type { Account } from '../storage/types.ts'
import type { AccountPageContext } from '../../views/account/frame.ts'
import { signedOutPage } from '../../views/account/signed-out.ts'
import { AppError } from '../errors.ts'
import type { AccountDeps } from './deps.ts'
import { confirmed, goToSignIn } from './sign-in.ts'
import { userAgentOf } from './here.ts'
import { shownAs } from './shown-as.ts'

/** One request to the account's pages, by somebody who is signed in. */
export interface Visitor {
  readonly ctx: Context
  readonly deps: AccountDeps
  readonly account: Account
  /** the engine's own, with the proofs that still stand: at least one */
  readonly session: { uid: string; proofs: Proof[] }
  readonly deviceHash: string
  /** ms, one reading for the whole request */
  readonly now: number
}

/** A page of the account: what it shows, and what its forms do. */
export interface AccountPage {
  /** below `/account`; may have parameters */
  path: string
  show(visitor: Visitor): Promise<void>
  submit?(visitor: Visitor): Promise<void>
}

export const home = '/account/ways'

/**
 * Looks at the engine's session with each request: no tokens, no session of its own, so that whoever is signed out
 * anywhere has lost the page. undefined: nobody is signed in, and the answer is the way to the sign-in and back.
 */
export async function openVisit(ctx: Context, deps: AccountDeps): Promise<Visitor | undefined> {
  const visitor = await findVisitor(ctx, deps)
  if (visitor) return visitor
  // Whoever pressed something hears that it came to nothing; and coming back signed in to nobody must not go round in circles.
  if (ctx.method === 'POST' || confirmed in ctx.query) sendSignedOut(ctx, ctx.path)
  else goToSignIn(ctx, deps, { path: ctx.path, otherwise: ctx.path })
  return undefined
}

/** Who is signed in here, in a way that these pages take. undefined: nobody is; nothing is answered yet. */
export async function findVisitor(ctx: Context, deps: AccountDeps): Promise<Visitor | undefined> {
  const live = await deps.engine.sessionOf(ctx)
  if (!live || !(await isTaken(ctx, deps, live))) return undefined
  const { account, uid, proofs } = live
  return { ctx, deps, account, session: { uid, proofs }, deviceHash: ctx.state.device.hash, now: deps.storage.clock.now() }
}

/** As every app's request is judged: a session of another app counts here only where the sign-in would let it pass. */
async function isTaken(ctx: Context, { config, sessionStops }: AccountDeps, { account, proofs }: LiveSession): Promise<boolean> {
  const action = downgradeAction(proofsAt(proofs, config.passkeys.crossDevice), config.assurance.downgrade)
  if (action === 'step_up' || action === 'block') return false
  return !(await sessionStops(ctx, { accountId: account.id, clientId: accountClientId, proofs }))
}

/** "You were signed out": with the way back to where they were. `path`: a page of ours. */
export function sendSignedOut(ctx: Context, path: string): void {
  sendPage(ctx, signedOutPage(ctx.state.page({ base: '' }), { url: path }), 401)
}

/** Of the person too: whoever signs in next in this browser must not send what this one began. */
const binding = ({ session, account }: Pick<Visitor, 'session' | 'account'>): string => `account:${session.uid}:${account.id}`

/** @throws AppError `csrf` */
export function checkPost(visitor: Visitor): void {
  const { ctx, deps } = visitor
  try {
    deps.csrf.check(ctx, binding(visitor))
  } catch (error) {
    throw error instanceof AppError ? new AppError(error.code, error.message, { params: { continueUrl: ctx.path } }) : error
  }
}

/** What every page of the account needs besides its own props. */
export async function pageOf(visitor: Visitor): Promise<AccountPageContext> {
  const { ctx, deps, account } = visitor
  const base = '/account'
  const [who, what] = [shownAs(account), await takeStatus(visitor)]
  return {
    ...ctx.state.page({ base, csrf: deps.csrf.token(binding(visitor)) }),
    ...(who !== undefined && { who }),
    signOutUrl: deps.engine.paths.signOut,
    ...(what && { done: what }),
  }
}

/** A text of `account.done.*`. */
export type Status = 'unchanged' | 'identifier_added' | 'identifier_added_first' | 'identifier_taken' | 'identifier_removed' | 'identifier_removed_told' | 'identifier_removed_quietly' | 'identifier_confirmed' | 'identifier_corrected' | 'made_primary' | 'changed_elsewhere' | 'totp_added' | 'totp_removed' | 'recovery_codes_made' | 'passkey_added' | 'passkey_exists' | 'passkey_not_added' | 'passkey_renamed' | 'passkey_default' | 'passkey_removed' | 'passkeys_only_on' | 'passkeys_only_off' | 'app_removed' | 'session_ended' | 'session_ended_silently' | 'sessions_ended' | 'device_forgotten' | 'profile_saved'

type Stored = { status: Status; subject?: string }

/** ms: the next page shows it at once */
const statusLife = 60_000
const statusKey = (visitor: Visitor): string => `account status:${binding(visitor)}`

/** Back to a page of the account, which says what was done. Kept in the store: an address could be made to say anything. */
export async function done(visitor: Visitor, status: Status, { path = home, subject }: { path?: string; subject?: string } = {}): Promise<void> {
  const { ctx, deps, now } = visitor
  await deps.storage.ephemeral.set<Stored>(statusKey(visitor), { status, ...(subject !== undefined && { subject }) }, now + statusLife)
  ctx.status = 303
  ctx.set('Location', `${path}?done`)
}

async function takeStatus(visitor: Visitor): Promise<Stored | undefined> {
  return 'done' in visitor.ctx.query ? visitor.deps.storage.ephemeral.take<Stored>(statusKey(visitor)) : undefined
}

/** What a change says of where it was made. */
export const madeHere = (visitor: Visitor) => ({ deviceHash: visitor.deviceHash, userAgent: userAgentOf(visitor).label })

/** What an entry of the audit log says of who and where. */
export const traces = (visitor: Visitor) => ({ accountId: visitor.account.id, ...madeHere(visitor) })
