import { AppError } from '../errors.ts'
import { sendFile, sendPage } from '../http/reply.ts'
import { makeCodesPage, saveCodesPage } from '../../views/account/recovery-codes.ts'
import { recoveryCodesFile } from '../../views/parts/recovery-codes.ts'
import { guarded } from './guard.ts'
import { noticeContext } from './here.ts'
import { done, home, madeHere, pageOf, traces, type AccountPage, type Visitor } from './session.ts'
import { shownAs } from './shown-as.ts'

/**
 * Recovery codes: made by a press, and shown in the answer to it alone. Neither a reload nor a second press shows them
 * again or makes new ones: a form names the codes that there were when it was shown. What the page was given comes back
 * with its own forms, so that the codes are in no address and kept nowhere.
 */
export const recoveryCodes: AccountPage = {
  path: '/recovery-codes',
  async show(visitor) {
    if (await mayMake(visitor)) await showMake(visitor)
  },
  async submit(visitor) {
    const { make, download, done: finish } = visitor.ctx.state.body
    if (make !== undefined) return makeThem(visitor)
    if (download === undefined && finish === undefined) throw new AppError('bad_request', 'a form of ours has one of its buttons')
    await visitor.deps.throttle.spend(visitor.ctx, 'code_typed')
    const codes = (visitor.ctx.state.body['codes'] ?? '').split(' ')
    // Nobody else's words are put into a file or on a page.
    if (!(await visitor.deps.verification.recoveryCodes.areCurrent(visitor.account, codes))) return done(visitor, 'changed_elsewhere')
    if (download !== undefined) return sendCodes(visitor, codes)
    if (visitor.ctx.state.body['saved'] === undefined) return showCodes(visitor, { codes, replaced: false, notSaved: true }, 400)
    await done(visitor, 'recovery_codes_made')
  },
}

const listed = ({ account }: Visitor) => account.factors?.recovery_codes

/** The first ones are a way in that is added; new ones end others. @throws AppError `not_found`: there are none here */
async function mayMake(visitor: Visitor) {
  if (!visitor.deps.config.verification.methods.includes('recovery_code')) throw new AppError('not_found', 'no recovery codes here', { params: { continueUrl: home } })
  return guarded(visitor, { do: listed(visitor) ? 'new_recovery_codes' : 'add_method' })
}

/** Names the codes that there are. */
const current = (visitor: Visitor): string => String(listed(visitor)?.since ?? 'none')

async function showMake(visitor: Visitor, shown = false): Promise<void> {
  const left = listed(visitor)?.left
  sendPage(visitor.ctx, makeCodesPage(await pageOf(visitor), { current: current(visitor), shown, ...(left !== undefined && { left }) }), shown ? 409 : 200)
}

/** The change, the mail with which it can be disowned, then the codes. */
async function makeThem(visitor: Visitor): Promise<void> {
  const { account, deps, ctx } = visitor
  if (ctx.state.body['current'] !== current(visitor)) return showMake(visitor, true)
  const granted = await mayMake(visitor)
  if (!granted) return
  const replaced = listed(visitor) !== undefined
  const change = await deps.changes.record({ ...madeHere(visitor), accountId: account.id, kind: 'recovery_codes_made', subject: `recovery_codes:${account.id}` })
  await deps.notices.detailsChanged(account, { ...noticeContext(visitor), change, what: replaced ? 'new_recovery_codes' : 'recovery_codes_made' })
  const { codes } = await deps.verification.recoveryCodes.make(account)
  await deps.audit.record('method.added', traces(visitor), { method: 'recovery_codes', cooling: granted.cooling })
  await showCodes(visitor, { codes, replaced })
}

async function showCodes(visitor: Visitor, props: Parameters<typeof saveCodesPage>[1], status = 200): Promise<void> {
  sendPage(visitor.ctx, saveCodesPage(await pageOf(visitor), props), status)
}

async function sendCodes(visitor: Visitor, codes: string[]): Promise<void> {
  const { account, ctx, now } = visitor
  const who = shownAs(account)
  sendFile(ctx, 'recovery-codes.txt', recoveryCodesFile(await pageOf(visitor), { codes, at: listed(visitor)?.since ?? now, ...(who !== undefined && { who }) }))
}
