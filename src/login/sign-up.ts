import { normaliseEmail } from '../accounts/normalise-email.ts'
import { sendPage } from '../http/reply.ts'
import { signUpPage, type SignUpError } from '../../views/login/sign-up.ts'
import { readCapabilities } from './browser.ts'
import { countSend, startEmailCode } from './email-otp.ts'
import { pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { boxOf, boxShown } from './remember.ts'
import { obeyRules } from './rules.ts'
import { typeIdentifier } from './state.ts'

/** "Create your account": the address for a new account. Whether it is taken is told after the mailbox is proven, not before. */
export const signUp: Screen = {
  step: 'sign_up',
  async show(flow, typed = {}) {
    show(flow, typed)
  },
  async submit(flow, body) {
    const email = normaliseEmail(body.identifier ?? '')
    if (!email.ok) return show(flow, body, email.reason)
    if (await isTaken(flow, email.value)) return show(flow, body, 'taken')
    // First, since what rules decide is kept, and anybody can type addresses.
    await countSend(flow)
    await obeyRules(flow, 'sign_up', { email: email.value })
    const capabilities = readCapabilities(body.capabilities)
    await save(flow, (state) => ({ ...typeIdentifier(state, { kind: 'email', value: email.value }, 'sign_up'), capabilities, ...boxOf(flow, body) }))
    if (flow.plan.due === 'email_otp') await startEmailCode(flow, { counted: true })
    await goOn(flow)
  },
}

/** Told only where the operator has decided that people are told. */
async function isTaken(flow: Flow, email: string): Promise<boolean> {
  if (flow.deps.config.identifiers.enumeration !== 'friendly') return false
  await flow.deps.throttle.spend(flow.ctx, 'address_asked')
  return (await flow.deps.accounts.findByEmail(email)) !== undefined
}

function show(flow: Flow, typed: Record<string, string>, reason?: SignUpError['reason']): void {
  const { identifier: value = flow.state.typed } = typed
  const email = { kind: 'email' as const, name: 'identifier', required: true, proven: true, ...(value !== undefined && { value }), ...(reason && { error: { reason } }) }
  sendPage(flow.ctx, signUpPage(pageOf(flow), { fields: [email], ...boxShown(flow, typed) }), reason ? 400 : 200)
}
