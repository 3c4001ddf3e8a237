import { readable } from '../accounts/readable.ts'
import { sendPage } from '../http/reply.ts'
import { confirmPage, type ConfirmProps } from '../../views/login/confirm.ts'
import { startMethod } from './code-screen.ts'
import { pageOf, save, urlOf, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { mayCorrect } from './guard.ts'
import { obeyRules } from './rules.ts'
import { unprovenHere } from './sign-up-asks.ts'
import { same, type Typed } from './state.ts'
import { traces } from './traces.ts'

type Problem = NonNullable<NonNullable<ConfirmProps['correct']>['error']>

/** "Confirm your email": what a sign-up left unproven, before anything is handed out; and the way to put a typing mistake right. */
export const confirm: Screen = {
  step: 'confirm',
  async show(flow) {
    const { confirm: waiting } = flow.situation
    if (!waiting) return goOn(flow)
    show(flow, waiting, flow.ctx.query.correct !== undefined && mayCorrect(flow) ? { value: readable(waiting) } : undefined)
  },
  async submit(flow, body) {
    const { confirm: waiting, proves } = flow.situation
    if (!waiting || !proves) return goOn(flow)
    if (body.correct === undefined) return startMethod(flow, proves)
    await correct(flow, waiting, body.identifier ?? '')
  },
}

/** The right one takes its place as soon as it is proven; until then nothing of the account has changed. */
async function correct(flow: Flow, waiting: Typed, typed: string): Promise<void> {
  const { deps, account, now } = flow
  const from = unprovenHere(flow)
  if (!account || !from || !mayCorrect(flow)) {
    await deps.audit.record('change.refused_by_guard', traces(flow), { change: 'replace_identifier', way: 'sign_in' })
    return show(flow, waiting, undefined, 403)
  }
  const reading = deps.normaliser.read(typed, [waiting.kind])
  if (!reading.ok) return show(flow, waiting, { value: typed, error: problemOf(reading.reason) }, 400)
  const to = { kind: reading.kind, value: reading.value }
  if (account.identifiers.some((one) => same(one, to) && !same(one, from))) return show(flow, waiting, { value: typed, error: 'unavailable' }, 400)
  await deps.throttle.spend(flow.ctx, 'address_asked')
  await obeyRules(flow, 'change', { change: 'replace_identifier', ...(to.kind === 'email' && { email: to.value }) })
  await save(flow, ({ correction: _, ...state }) => (same(to, from) ? state : { ...state, correction: { from, to, at: now } }))
  const { proves } = flow.situation
  if (!proves) return goOn(flow)
  await startMethod(flow, proves)
}

const problemOf = (reason: string): Problem => (reason === 'empty' || reason === 'local_part' || reason === 'country' || reason === 'no_such_number' ? reason : 'form')

function show(flow: Flow, { kind, value }: Typed, correct?: ConfirmProps['correct'], status = 200): void {
  const props = { kind: kind === 'phone' ? ('phone' as const) : ('email' as const), who: readable({ kind, value }), canCorrect: mayCorrect(flow) }
  sendPage(flow.ctx, confirmPage(pageOf(flow), { ...props, ...(correct && { correct }) }), status)
}

/** Where it is confirmed, for a link from the page of its code. */
export const confirmUrl = (flow: Flow): string | undefined => (flow.situation.confirm ? urlOf(flow, 'confirm') : undefined)
