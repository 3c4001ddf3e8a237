import type { PromptEntry } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import { occasionAfter } from './passkey-offer.ts'

/** What became of an offer, or of the passkey that a new account was to be made with: for the prompt policy, and for operators. */
export async function noteOffer(flow: Flow, ...outcomes: PromptEntry['outcome'][]): Promise<void> {
  const { account, state, request, deps, ctx } = flow
  const last = state.proofs.at(-1)
  const event = {
    occasion: (last && occasionAfter(state.created === true, last)) ?? 'sign_up',
    clientId: request.app.id,
    deviceHash: ctx.state.device.hash,
  }
  // Side by side, so that they share one commit.
  await Promise.all(outcomes.map((outcome) => {
    // What an account was offered is kept for good: not for one that is never made.
    const accountId = account?.id ?? (outcome === 'created' || outcome === 'failed' ? state.draft?.accountId : undefined)
    return deps.offers.record({ outcome, ...event, ...(accountId !== undefined && { accountId }) })
  }))
}
