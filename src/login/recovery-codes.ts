import { AppError } from '../errors.ts'
import { sendFile, sendPage } from '../http/reply.ts'
import { recoveryCodesPage, type RecoveryCodesPageProps } from '../../views/login/recovery-codes.ts'
import { recoveryCodesFile } from '../../views/parts/recovery-codes.ts'
import { pageOf, save, shownAs, urlOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { guardChange } from './guard.ts'
import { traces } from './traces.ts'

/**
 * "Save your recovery codes": of a new account that nothing can be sent to. They are made by a press and shown in the
 * answer to it alone; who has lost that page makes new ones.
 */
export const recoveryCodes: Screen = {
  step: 'recovery_codes',
  async show(flow) {
    await show(flow, { again: flow.account?.factors?.recovery_codes !== undefined })
  },
  async submit(flow, body) {
    if (body.make !== undefined) return make(flow, body.current)
    await flow.deps.throttle.spend(flow.ctx, 'code_typed')
    const codes = (body.codes ?? '').split(' ')
    // Nobody else's words are put into a file or on a page.
    if (!flow.account || !(await flow.deps.verification.recoveryCodes.areCurrent(flow.account, codes))) return show(flow, { again: true }, 409)
    if (body.download !== undefined) return download(flow, codes)
    if (body.saved === undefined) return show(flow, { codes, notSaved: true }, 400)
    await save(flow, (state) => ({ ...state, codesSaved: true }))
    await goOn(flow)
  },
}

/** Names the codes that there are: a button that is pressed twice makes new ones once. */
const current = ({ account }: Flow): string => String(account?.factors?.recovery_codes?.since ?? 'none')

async function make(flow: Flow, named: string | undefined): Promise<void> {
  const { account, deps } = flow
  if (!account || named !== current(flow)) return show(flow, { again: true }, 409)
  // As when it was made, however long the page stood open: nothing else opens the account, so that no other proof could follow.
  const asMade = Math.min(flow.now, account.createdAt)
  const decision = guardChange(flow, { do: account.factors?.recovery_codes ? 'new_recovery_codes' : 'add_method' }, asMade)
  if (!decision.allow) throw new AppError('step_done', 'the guard is against it', { params: { continueUrl: urlOf(flow) } })
  const { codes } = await deps.verification.recoveryCodes.make(account)
  await deps.audit.record('method.added', traces(flow), { method: 'recovery_codes', cooling: decision.cooling })
  await show(flow, { codes })
}

async function show(flow: Flow, props: Pick<RecoveryCodesPageProps, 'codes' | 'notSaved' | 'again'>, status = 200): Promise<void> {
  sendPage(flow.ctx, recoveryCodesPage(pageOf(flow), { ...props, current: current(flow) }), status)
}

async function download(flow: Flow, codes: string[]): Promise<void> {
  const who = shownAs(flow)
  const at = flow.account?.factors?.recovery_codes?.since ?? flow.now
  sendFile(flow.ctx, 'recovery-codes.txt', recoveryCodesFile(pageOf(flow), { codes, at, ...(who !== undefined && { who }) }))
}
