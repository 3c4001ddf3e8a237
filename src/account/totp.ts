import { hasWayIn } from '../accounts/way-in.ts'
import { AppError } from '../errors.ts'
import { sendPage } from '../http/reply.ts'
import { methodsOf } from '../policy/strategy.ts'
import type { Account } from '../storage/types.ts'
import { totpPage, totpRemovePage, type TotpProps } from '../../views/account/totp.ts'
import { guarded, type Granted } from './guard.ts'
import { isOnPhone, noticeContext } from './here.ts'
import { qrImage } from './qr-image.ts'
import { done, home, madeHere, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

/** The authenticator app: set up where there is none, else removed. One at a time: who changes phones removes the old one. */
export const totp: AccountPage = {
  path: '/totp',
  async show(visitor) {
    const since = sinceOf(visitor)
    if (since === undefined) {
      if (await mayAdd(visitor)) await showSetUp(visitor)
    } else if (isLastWayIn(visitor) || (await mayRemove(visitor, since))) await showRemove(visitor, since)
  },
  async submit(visitor) {
    const since = sinceOf(visitor)
    const { remove, code } = visitor.ctx.state.body
    // Of a form that was sent twice the first press did it; and what was set up since is not what was to be removed.
    if (remove === undefined ? since !== undefined : remove !== String(since)) return done(visitor, 'changed_elsewhere')
    if (since !== undefined) return removeIt(visitor, since)
    const granted = await mayAdd(visitor)
    if (granted) await setUp(visitor, granted, code ?? '')
  },
}

const sinceOf = ({ account }: Visitor): number | undefined => account.factors?.totp?.since

/** @throws AppError `not_found`: there are none here */
async function mayAdd(visitor: Visitor): Promise<Granted | undefined> {
  if (!visitor.deps.config.verification.methods.includes('totp')) throw new AppError('not_found', 'no authenticator apps here', { params: { continueUrl: home } })
  return guarded(visitor, { do: 'add_method' })
}

const mayRemove = (visitor: Visitor, since: number): Promise<Granted | undefined> => guarded(visitor, { do: 'remove_method', createdAt: since })

/** Names the set-up under way: the same key for as long as it waits, in this session alone. */
const setUpId = ({ session }: Visitor): string => `account:${session.uid}`

async function showSetUp(visitor: Visitor, error?: TotpProps['error']): Promise<void> {
  const { ctx, deps, account } = visitor
  const [page, { key, uri }] = await Promise.all([pageOf(visitor), deps.verification.totp.begin(account, setUpId(visitor))])
  sendPage(ctx, totpPage(page, { key, uri, qr: qrImage(uri), onPhone: isOnPhone(visitor), ...(error && { error }) }), error ? 400 : 200)
}

async function setUp(visitor: Visitor, { cooling }: Granted, code: string): Promise<void> {
  const { account, deps } = visitor
  if (code.trim() === '') return showSetUp(visitor, 'empty')
  const result = await deps.verification.totp.confirm(account, setUpId(visitor), code, (factorId) => announce(visitor, factorId))
  if (!result.ok) return showSetUp(visitor, result.reason)
  await deps.audit.record('method.added', traces(visitor), { method: 'totp', cooling })
  await done(visitor, 'totp_added')
}

/** Before it is added: who dies in between has told of what never came. */
async function announce(visitor: Visitor, factorId: string): Promise<void> {
  const { account, deps } = visitor
  const change = await deps.changes.record({ ...madeHere(visitor), accountId: account.id, kind: 'method_added', subject: factorId })
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: 'method_added', subject: 'totp' })
}

function without({ factors, ...account }: Account): Account {
  const { totp: _, ...others } = factors ?? {}
  return { ...account, factors: others }
}

/** What would open the account without it. */
const left = ({ account, deps }: Visitor) => methodsOf(without(account), deps.config.verification.methods)

const isLastWayIn = ({ account, deps }: Visitor): boolean => !hasWayIn(without(account), deps.config)

async function showRemove(visitor: Visitor, since: number): Promise<void> {
  const { ctx, session, deps, account } = visitor
  const last = isLastWayIn(visitor)
  sendPage(
    ctx,
    totpRemovePage(await pageOf(visitor), {
      since,
      last,
      left: left(visitor).filter((method) => method !== 'email_link'),
      usedHere: session.proofs.every(({ method }) => method === 'totp'),
      told: deps.accounts.provenEmails(account).length > 0,
    }),
    last && ctx.method === 'POST' ? 409 : 200,
  )
}

async function removeIt(visitor: Visitor, since: number): Promise<void> {
  const { account, deps } = visitor
  if (isLastWayIn(visitor)) return showRemove(visitor, since)
  if (!(await mayRemove(visitor, since))) return
  const change = await deps.changes.removeFactor(account, `totp:${account.id}`, madeHere(visitor), (current) => hasWayIn(current, deps.config))
  // Another window has removed the other ways meanwhile.
  if (!change) return done(visitor, 'changed_elsewhere')
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: 'method_removed', subject: 'totp' })
  await done(visitor, 'totp_removed')
}
