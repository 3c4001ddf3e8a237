import { endedUntil } from '../accounts/ended.ts'
import { proofStands } from '../accounts/may-authenticate.ts'
import { passkeysAt } from '../config/for-client.ts'
import { proofsAt } from '../policy/downgrade.ts'
import type { Proof, ProofMethod } from '../policy/types.ts'
import type { Account, Device } from '../storage/types.ts'
import { hereOf } from './browser.ts'
import type { Flow } from './flow.ts'

/**
 * Every proof that counts for the account, those of the session first. What was frozen or removed meanwhile proves
 * nothing, nor does what was proven for this login in another browser, or before all others were signed out.
 */
export function proofsOf({ account, request: { session, client }, state, ctx, deps: { config } }: Flow): Proof[] {
  const earlier = session && session.accountId === account?.id ? proofsAt(session.proofs, passkeysAt(config, client).crossDevice) : []
  const here = state.proofs.filter(({ deviceHash }) => deviceHash === ctx.state.device.hash)
  if (!account) return [...earlier, ...here]
  const until = endedUntil(account, session?.uid)
  return [...earlier, ...here.filter(({ at }) => at > until)].filter((proof) => proofStands(account, proof))
}

/** The device record that says this account signed in here, if any. */
export const deviceOf = (flow: Flow, accountId: string | undefined): Device | undefined =>
  flow.devices.find((device) => device.accountId === accountId && device.disownedAt === undefined)

/** The device hash when guess budgets of its own belong to it. */
export function recognisedDevice(flow: Flow, accountId: string | undefined): string | undefined {
  const device = deviceOf(flow, accountId)
  return device && flow.deps.devices.isRecognised(device, hereOf(flow), flow.now, flow.request.startedAt) ? device.deviceHash : undefined
}

/**
 * The record of one success. `at` (ms): when it was, where that is before now, as at a sign-up whose account is made
 * later; `identifier`: what was proven with it, `email:a@b.c`. `usablePasskey`: where not just any passkey would do.
 */
export const proofBy = (flow: Flow, account: Account, method: ProofMethod, more: Partial<Pick<Proof, 'identifier' | 'at' | 'credentialId' | 'place' | 'usablePasskey' | 'passkeyElsewhere'>> = {}): Proof => ({
  method,
  at: flow.now,
  accountId: account.id,
  deviceHash: flow.ctx.state.device.hash,
  usablePasskey: method === 'passkey' || hasPasskey(account),
  ...more,
})

/** One that was frozen counts too: whoever freezes somebody's only passkey must not find an account that never had one. */
export const hasPasskey = ({ credentialIds, frozen }: Account): boolean => credentialIds.length > 0 || frozen?.passkey === true
