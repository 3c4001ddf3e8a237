import type { Reading } from '../accounts/normalise.ts'
import { redirect, sendPage } from '../http/reply.ts'
import { readCapabilities } from '../passkeys/index.ts'
import { identifierPage, type IdentifierProps } from '../../views/login/identifier.ts'
import { identifierKinds } from '../policy/types.ts'
import { insideOf, platformOf } from './browser.ts'
import { startDue } from './code-screen.ts'
import { baseOf, findTyped, pageOf, save, shownAs, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { noteDecision } from './passkey-audit.ts'
import { firstForAnybody } from './passkey-first.ts'
import { asksAgain, discoverableOptions } from './passkey-options.ts'
import { boxOf, boxShown } from './remember.ts'
import { changeSignUp } from './sign-up-state.ts'
import { changeIdentifier, typeIdentifier, type Typed } from './state.ts'
import { offerHere, signInKinds } from './ways.ts'
import { rowsHere, showWelcomeBack } from './welcome-back.ts'

/** "Sign in": one field, the passkey button, and autofill from the first paint; or who was here before. */
export const identifier: Screen = {
  step: 'identifier',
  async show(flow, typed = {}) {
    const rows = rowsHere(flow, typed)
    if (rows.length > 0) return showWelcomeBack(flow, rows)
    await showIdentifier(flow, { value: typed.identifier ?? shownAs(flow) ?? flow.state.typed ?? loginHint(flow), typed })
  },
  async submit(flow, body) {
    if (body.forget !== undefined) return forget(flow, body.forget)
    if (body.another !== undefined) return change(flow, 'sign_in', { change: 'other' })
    if (body.change !== undefined) return change(flow, body.change === 'sign_in' ? 'sign_in' : flow.state.flow, body)
    if (body.sign_up !== undefined) return change(flow, 'sign_up', body)
    const reading = readTyped(flow, body.identifier)
    if (!reading.ok) return showIdentifier(flow, { value: body.identifier, error: errorOf(reading), typed: body })
    const { kind, value } = reading
    const capabilities = readCapabilities(body.capabilities)
    const unknown = await isUnknown(flow, { kind, value })
    const kept = boxOf(flow, body)
    const asked = capabilities.immediate === true && body.row === undefined && insideOf(flow).inApp === undefined
    await save(flow, ({ asked: _, ...state }) => ({ ...typeIdentifier(state, { kind, value }, 'sign_in'), capabilities, ...kept, ...(unknown && { unknown }), ...(asked && { asked }) }))
    const { passkeyFirst } = flow.situation
    await startDue(flow)
    await Promise.all([noteDecision(flow, passkeyFirst), goOn(flow)])
  },
}

/** As whatever people can sign in with at this app. */
export const readTyped = (flow: Flow, text = ''): Reading => flow.deps.normaliser.read(text.slice(0, longest), signInKinds(flow), 'finding')

/** Of names that nobody can have, and names that nobody has, the page says the same. */
function errorOf({ reason, kind }: Extract<Reading, { ok: false }>): NonNullable<IdentifierProps['error']> {
  const told = reason === 'reserved' || reason === 'confusable' ? 'form' : reason
  return { reason: told, ...(kind && { kind }) }
}

/** What was typed goes along, except where another address is wanted. */
async function change(flow: Flow, to: 'sign_in' | 'sign_up', body: Record<string, string>): Promise<void> {
  await save(flow, (state) => {
    if (to === 'sign_up' && state.flow === 'sign_up' && state.signUp) return changeSignUp(state, body.change === 'other' ? state.identifier?.kind : undefined)
    const typed = body.change === 'other' ? undefined : (body.identifier ?? body.email ?? body.phone ?? body.username)?.slice(0, longest) || shownAs(flow)
    return { ...changeIdentifier(state, to), another: true, ...(typed !== undefined && { typed }) }
  })
  await goOn(flow)
}

/** Only from the list of this browser: nothing of an account changes. */
async function forget(flow: Flow, text: string): Promise<void> {
  const reading = flow.deps.normaliser.read(text.slice(0, longest), identifierKinds, 'finding')
  if (reading.ok) flow.deps.remembered.forget(flow.ctx, reading)
  redirect(flow.ctx, `${baseOf(flow)}?forgotten`)
}

async function showIdentifier(flow: Flow, props: { value?: string | undefined; error?: IdentifierProps['error']; typed: Record<string, string> }): Promise<void> {
  const { state, deps: { config } } = flow
  const { lead, show } = await firstForAnybody(flow)
  sendPage(
    flow.ctx,
    identifierPage(pageOf(flow), {
      kinds: signInKinds(flow),
      ...(props.value !== undefined && { value: props.value }),
      ...(props.error && { error: props.error }),
      ...(state.notice && { notice: state.notice }),
      ...(state.keeper !== undefined && { keeper: state.keeper }),
      ...(state.fabric && { fabric: state.fabric }),
      ...(state.unknownPasskey !== undefined && { unknown: { rpId: config.passkeys.rpId, unknown: state.unknownPasskey } }),
      // Autofill has its passkeys from this device.
      passkey: { options: discoverableOptions(flow, { place: 'here' }), freshRetry: asksAgain(flow) },
      knownDevice: show === 'button',
      ...(lead === 'elsewhere' && { elsewhere: discoverableOptions(flow, { place: 'elsewhere' }) }),
      onlyImmediate: !offerHere(flow).button,
      ...platformOf(flow),
      ...insideOf(flow),
      ...boxShown(flow, props.typed),
    }),
    props.error ? 400 : 200,
  )
}

/** `login_hint` only fills the field; it proves nothing and is shown as typed. */
const loginHint = (flow: Flow): string | undefined => flow.request.loginHint?.slice(0, longest)

/** characters of an address (RFC 5321 4.5.3.1.3) */
const longest = 254

/** Looked up only where the operator has decided that people are told. */
async function isUnknown(flow: Flow, identifier: Typed): Promise<true | undefined> {
  if (flow.deps.config.identifiers.enumeration !== 'friendly') return undefined
  await flow.deps.throttle.spend(flow.ctx, 'address_asked')
  return (await findTyped(flow.deps, identifier)) === undefined ? true : undefined
}
