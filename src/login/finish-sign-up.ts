import { save, type Flow } from './flow.ts'
import { idOf, proofBy } from './proofs.ts'
import { obeyRules } from './rules.ts'
import { prove, same } from './state.ts'
import { traces } from './traces.ts'

/**
 * Makes the account of a proven mailbox. Of two browsers that prove it at once, one makes it and the other has simply
 * proven its mailbox: that signs in as far as a code does now, by what the account has got meanwhile.
 */
export async function finishSignUp(flow: Flow, email: string): Promise<void> {
  const { deps, ctx, now } = flow
  await obeyRules(flow, 'sign_up', { email })
  const { account, created } = await deps.accounts.createWithEmail({ email, verifiedAt: now, locale: ctx.state.locale })
  const identifier = { kind: 'email' as const, value: email }
  const proof = proofBy(flow, account, 'email_otp', { identifier: idOf(identifier), at: flow.state.unownedProof?.at ?? now })
  if (created) {
    deps.metrics.signUp()
    await deps.audit.record('account.created', { ...traces(flow), accountId: account.id }, { method: 'email_otp' })
  }
  await save(flow, (state) => (same(state.identifier, identifier) ? { ...prove(state, proof), ...(created && { created }) } : undefined))
}
