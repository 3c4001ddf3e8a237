import { passkeysAt } from '../config/for-client.ts'
import { isUsableHere } from '../policy/cross-device.ts'
import { isUsable } from '../policy/passkeys.ts'
import type { Account } from '../storage/types.ts'
import type { Flow } from './flow.ts'
import { idsHere } from './passkey-first.ts'
import { deviceOf, hasPasskey, proofBy } from './proofs.ts'
import type { Proof, ProofMethod } from '../policy/types.ts'

/**
 * Whether the account has a passkey that policy allows on this device. Which ones it has matters under `minimize` alone,
 * and is not read where one was used: in this sign-in, or in this browser before.
 */
async function hasUsablePasskey(flow: Flow, account: Account): Promise<boolean> {
  const { deps, request, state } = flow
  const { crossDevice } = passkeysAt(deps.config, request.client)
  if (crossDevice !== 'minimize' || !hasPasskey(account)) return hasPasskey(account)
  if (state.proofs.some(({ method, accountId }) => method === 'passkey' && accountId === account.id)) return true
  if (idsHere(deviceOf(flow, account.id)).some((id) => account.credentialIds.includes(id))) return true
  const passkeys = await deps.passkeys.listFor(account, 'all')
  // What was disowned counts: a freeze must not make an account of one that never had a passkey.
  return passkeys.some((passkey) => (isUsable(passkey) || account.frozen?.passkey === true) && isUsableHere(crossDevice, passkey))
}

/** For what is asked of an account several times in one request. Before a proof only of one that may be looked at. */
export async function readUsablePasskey(flow: Flow): Promise<void> {
  const account = flow.account ?? flow.typedAccount
  if (account) flow.passkeyWorks = await hasUsablePasskey(flow, account)
  else delete flow.passkeyWorks
}

/** The record of one success by something else than a passkey, of an account that may have one. */
export async function proofBeside(flow: Flow, account: Account, method: ProofMethod, more: Parameters<typeof proofBy>[3] = {}): Promise<Proof> {
  const usablePasskey = await hasUsablePasskey(flow, account)
  return proofBy(flow, account, method, { ...more, usablePasskey, ...(!usablePasskey && hasPasskey(account) && { passkeyElsewhere: true }) })
}
