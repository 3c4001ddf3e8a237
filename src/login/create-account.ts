import { sendPage } from '../http/reply.ts'
import type { Proof } from '../policy/types.ts'
import { createAccountPage } from '../../views/login/create-account.ts'
import { startEmailCode } from './email-otp.ts'
import { traces } from './finish.ts'
import { pageOf, save, type Flow, type Screen } from './flow.ts'
import { goOn } from './go-on.ts'
import { prove, typeEmail } from './state.ts'

/** "Create an account for …?": nobody has an account with this address. Proven already, or (`enumeration: friendly`) to be proven next. */
export const createAccount: Screen = {
  step: 'create_account',
  async show(flow) {
    sendPage(flow.ctx, createAccountPage(pageOf(flow), { email: flow.state.email ?? '' }))
  },
  async submit(flow) {
    const { email = '', mailboxProvenAt } = flow.state
    if (mailboxProvenAt !== undefined) await finishSignUp(flow, email)
    else {
      await save(flow, (state) => typeEmail(state, email, 'sign_up'))
      await startEmailCode(flow)
    }
    await goOn(flow)
  },
}

/**
 * Makes the account of a proven mailbox. Of two browsers that prove it at once, one makes it and the other has simply
 * signed in to it.
 */
export async function finishSignUp(flow: Flow, email: string): Promise<void> {
  const { deps, ctx, now } = flow
  const { account, created } = await deps.accounts.createWithEmail({ email, verifiedAt: now, locale: ctx.state.locale })
  const proof: Proof = {
    method: 'email_otp',
    at: flow.state.mailboxProvenAt ?? now,
    accountId: account.id,
    identifier: `email:${email}`,
    deviceHash: ctx.state.device.hash,
    usablePasskey: account.credentialIds.length > 0,
  }
  if (created) {
    deps.metrics.signUp()
    await deps.audit.record('account.created', { ...traces(flow), accountId: account.id }, { method: 'email_otp' })
  }
  await save(flow, (state) => (state.email === email ? { ...prove(state, proof), ...(created && { created }) } : undefined))
}
