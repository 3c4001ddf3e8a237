import type { PromptEntry } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import { occasionAfter } from './passkey-offer.ts'

/** What became of an offer, or of the passkey that a new account was to be made with: for the prompt policy, and for operators. */
export async function noteOffer(flow: Flow, ...outcomes: PromptEntry['outcome'][]): Promise<void> {
  const { account, state, request, deps, ctx } = flow
  const last = state.proofs.at(-1)
  const accountId = account?.id ?? state.draft?.accountId
  const event = {
    occasion: (last && occasionAfter(state.created === true, last)) ?? 'sign_up',
    clientId: request.app.id,
    deviceHash: ctx.state.device.hash,
    ...(accountId !== undefined && { accountId }),
  }
  // Side by side, so that they share one commit.
  await Promise.all(outcomes.map((outcome) => deps.offers.record({ outcome, ...event })))
}
