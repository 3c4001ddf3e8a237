import { proofStands } from '../accounts/may-authenticate.ts'
import type { Proof, ProofMethod } from '../policy/types.ts'
import type { Account, Device } from '../storage/types.ts'
import { hereOf } from './browser.ts'
import type { Flow } from './flow.ts'

/**
 * Every proof that counts for the account, those of the session first. What was frozen or removed meanwhile proves
 * nothing, nor does what was proven for this login in another browser.
 */
export function proofsOf({ account, request: { session }, state, ctx }: Flow): Proof[] {
  const earlier = session && session.accountId === account?.id ? session.proofs : []
  const here = state.proofs.filter(({ deviceHash }) => deviceHash === ctx.state.device.hash)
  return [...earlier, ...here].filter((proof) => account === undefined || proofStands(account, proof))
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
 * later; `identifier`: what was proven with it, `email:a@b.c`.
 */
export const proofBy = (flow: Flow, account: Account, method: ProofMethod, more: Partial<Pick<Proof, 'identifier' | 'at' | 'credentialId' | 'place'>> = {}): Proof => ({
  method,
  at: flow.now,
  accountId: account.id,
  deviceHash: flow.ctx.state.device.hash,
  // One that was frozen counts too: whoever freezes somebody's only passkey must not find an account that never had one.
  usablePasskey: method === 'passkey' || account.credentialIds.length > 0 || account.frozen?.passkey === true,
  ...more,
})
