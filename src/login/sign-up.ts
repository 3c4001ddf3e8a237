import type { Reading } from '../accounts/normalise.ts'
import { readable } from '../accounts/readable.ts'
import { usualUsernames } from '../config/values.ts'
import { sendPage } from '../http/reply.ts'
import { readCapabilities } from '../passkeys/index.ts'
import { provenFirst, type SignUpValues } from '../policy/strategy.ts'
import { signUpPage, type SignUpError, type SignUpField } from '../../views/login/sign-up.ts'
import { identifierKinds } from '../policy/types.ts'
import { countSend, startDue } from './code-screen.ts'
import { finishSignUp } from './finish-sign-up.ts'
import { findTyped, pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { boxOf, boxShown } from './remember.ts'
import { obeyRules } from './rules.ts'
import { asked, canMakePasskey, strategiesHere, type Asked } from './sign-up-asks.ts'
import { proveAll, typeSignUp } from './sign-up-state.ts'
import { suggestionsFor } from './suggestions.ts'

type Errors = Partial<Record<Asked['kind'], SignUpError>>

/** "Create your account": what config asks for. Whether an address is taken is told after it is proven, not before. */
export const signUp: Screen = {
  step: 'sign_up',
  async show(flow, typed = {}) {
    const held = flow.state.signUp?.form
    await show(flow, typed, held && held !== 'again' ? await takenMeanwhile(flow, held) : {})
  },
  async submit(flow, body) {
    const { values, errors } = read(flow, body)
    if (Object.keys(errors).length > 0 || Object.keys(values).length === 0) return show(flow, body, errors, Object.keys(errors).length === 0)
    const taken = await takenOf(flow, values)
    if (Object.keys(taken).length > 0) return show(flow, body, taken)
    // First, since what rules decide is kept, and anybody can type addresses.
    await countSend(flow)
    await obeyRules(flow, 'sign_up', values.email === undefined ? {} : { email: values.email })
    const capabilities = readCapabilities(body.capabilities)
    await save(flow, (state) => {
      const next = { ...typeSignUp(state, values), capabilities, ...boxOf(flow, body) }
      return canMakePasskey(flow, capabilities) ? next : proveAll(next)
    })
    await finishSignUp(flow)
    await startDue(flow, { counted: true })
    await goOn(flow)
  },
}

/** Each field by itself, so that everything that is wrong is told at once. */
function read(flow: Flow, body: Record<string, string>): { values: SignUpValues; errors: Errors } {
  const values: SignUpValues = {}
  const errors: Errors = {}
  const fields = asked(flow)
  for (const { kind, name, required } of fields) {
    const reading = flow.deps.normaliser.read(body[name] ?? '', [kind])
    if (reading.ok) values[kind] = reading.value
    else if (reading.reason !== 'empty' || required) errors[kind] = errorOf(flow, reading)
  }
  return { values, errors }
}

function errorOf({ deps: { config } }: Flow, { reason, kind }: Extract<Reading, { ok: false }>): SignUpError {
  if (reason === 'reserved' || reason === 'confusable') return { reason: 'unavailable' }
  if (kind === 'username' && reason === 'form') return { reason, usual: config.identifiers.username.pattern === usualUsernames }
  return { reason: reason === 'local_part' && kind !== 'email' ? 'form' : reason }
}

/** A name cannot be chosen without hearing that it is taken; of an address only where the operator has decided that people are told. */
async function takenOf(flow: Flow, values: SignUpValues): Promise<Errors> {
  const { deps, ctx } = flow
  const friendly = deps.config.identifiers.enumeration === 'friendly'
  const told = identifierKinds.filter((kind) => values[kind] !== undefined && (friendly || kind === 'username'))
  const errors: Errors = {}
  for (const kind of told) {
    const value = values[kind]!
    await deps.throttle.spend(ctx, 'address_asked')
    const holder = await findTyped(deps, { kind, value })
    // What was only reserved is nobody's yet.
    const isTheirs = holder?.identifiers.some((one) => one.kind === kind && one.value === value && (kind === 'username' || one.verifiedAt !== undefined))
    if (isTheirs) errors[kind] = kind === 'username' ? { reason: 'taken', suggestions: await suggestionsFor(flow, value) } : { reason: 'taken' }
  }
  return errors
}

/** Somebody has got it since the form was sent, or gave it up a short while ago. */
async function takenMeanwhile(flow: Flow, kind: Asked['kind']): Promise<Errors> {
  const value = flow.state.signUp?.values[kind]
  if (value === undefined) return {}
  if (!(await findTyped(flow.deps, { kind, value }))) return { [kind]: { reason: 'held' } }
  return { [kind]: kind === 'username' ? { reason: 'taken', suggestions: await suggestionsFor(flow, value) } : { reason: 'unavailable' } }
}

async function show(flow: Flow, typed: Record<string, string>, errors: Errors, nothing = false): Promise<void> {
  const { signUp: before, typed: left } = flow.state
  const fields = asked(flow)
  const values = Object.fromEntries(fields.map(({ kind }) => [kind, kind]))
  const proven = provenFirst(values, strategiesHere(flow))
  const reading = left === undefined || before ? undefined : flow.deps.normaliser.read(left, fields.map(({ kind }) => kind))
  const shown = fields.map(({ kind, name, required }, index): SignUpField => {
    const kept = before?.values[kind]
    const theirs = reading && (reading.kind ? reading.kind === kind : index === 0)
    const value = typed[name] ?? (kept === undefined ? (theirs ? left : undefined) : readable({ kind, value: kept }))
    const error = errors[kind]
    return { kind, name, required, proven: kind !== 'username' && proven.includes(kind), ...(value !== undefined && { value }), ...(error && { error }) }
  })
  sendPage(flow.ctx, signUpPage(pageOf(flow), { fields: shown, nothing, ...boxShown(flow, typed) }), nothing || Object.keys(errors).length > 0 ? 400 : 200)
}
