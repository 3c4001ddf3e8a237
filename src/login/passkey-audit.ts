import type { Decision } from '../passkeys/index.ts'
import type { Flow } from './flow.ts'
import { traces } from './traces.ts'

/** An operator can see why somebody was asked for a passkey first, or for something else. */
export async function noteDecision(flow: Flow, decision: Decision | undefined): Promise<void> {
  if (!decision) return
  const { show, crossDevice, reason, words } = decision
  await flow.deps.audit.record('passkey.decision', traces(flow), { show, crossDevice, reason, words })
}

/** The same of a page that can be loaded again: once in a sign-in. */
export async function noteDecisionOnce(flow: Flow, decision: Decision | undefined): Promise<void> {
  const { request, deps } = flow
  if (decision && (await deps.storage.ephemeral.claim(`passkey decision:${request.cid}`, request.expiresAt))) await noteDecision(flow, decision)
}
