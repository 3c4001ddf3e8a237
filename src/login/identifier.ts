import { normaliseEmail } from '../accounts/normalise-email.ts'
import { sendPage } from '../http/reply.ts'
import { identifierPage, type IdentifierProps } from '../../views/login/identifier.ts'
import { insideOf, platformOf, readCapabilities } from './browser.ts'
import { startEmailCode } from './email-otp.ts'
import { shownAs, pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { asksAgain, discoverableOptions } from './passkey-options.ts'
import { boxOf, boxShown } from './remember.ts'
import { changeIdentifier, typeIdentifier } from './state.ts'

/** "Sign in": one field, the passkey button, and autofill from the first paint. */
export const identifier: Screen = {
  step: 'identifier',
  async show(flow, typed = {}) {
    await showIdentifier(flow, { value: typed.identifier ?? shownAs(flow) ?? flow.state.typed ?? loginHint(flow), typed })
  },
  async submit(flow, body) {
    if (body.change !== undefined) return change(flow, body.change === 'sign_in' ? 'sign_in' : flow.state.flow, body)
    if (body.sign_up !== undefined) return change(flow, 'sign_up', body)
    const email = normaliseEmail(body.identifier ?? '')
    if (!email.ok) return showIdentifier(flow, { value: body.identifier, error: email.reason, typed: body })
    const capabilities = readCapabilities(body.capabilities)
    const unknown = await isUnknown(flow, email.value)
    const kept = boxOf(flow, body)
    await save(flow, (state) => ({ ...typeIdentifier(state, { kind: 'email', value: email.value }, 'sign_in'), capabilities, ...kept, ...(unknown && { unknown }) }))
    if (flow.plan.due === 'email_otp') await startEmailCode(flow)
    await goOn(flow)
  },
}

/** What was typed goes along, except where another address is wanted. */
async function change(flow: Flow, to: 'sign_in' | 'sign_up', body: Record<string, string>): Promise<void> {
  await save(flow, (state) => {
    const typed = body.change === 'other' ? undefined : body.identifier?.slice(0, longest) || shownAs(flow)
    return { ...changeIdentifier(state, to), ...(typed !== undefined && { typed }) }
  })
  await goOn(flow)
}

async function showIdentifier(flow: Flow, props: { value?: string | undefined; error?: IdentifierProps['error']; typed: Record<string, string> }): Promise<void> {
  const { state } = flow
  sendPage(
    flow.ctx,
    identifierPage(pageOf(flow), {
      ...(props.value !== undefined && { value: props.value }),
      ...(props.error && { error: props.error }),
      ...(state.notice && { notice: state.notice }),
      ...(state.keeper !== undefined && { keeper: state.keeper }),
      passkey: { options: discoverableOptions(flow), freshRetry: asksAgain(flow) },
      knownDevice: flow.devices.some((device) => device.credentialIds.length > 0),
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
async function isUnknown(flow: Flow, email: string): Promise<true | undefined> {
  if (flow.deps.config.identifiers.enumeration !== 'friendly') return undefined
  await flow.deps.throttle.spend(flow.ctx, 'address_asked')
  return (await flow.deps.accounts.findByEmail(email)) === undefined ? true : undefined
}
