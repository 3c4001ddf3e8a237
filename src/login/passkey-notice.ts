import { authenticatorFor, carriesTo, type AuthenticationFailure } from '../passkeys/index.ts'
import type { Passkey } from '../storage/types.ts'
import { userAgentOf } from './browser.ts'
import type { Flow } from './flow.ts'
import { idsHere } from './passkey-first.ts'
import { deviceOf } from './proofs.ts'
import type { OfPasskey, PasskeyNotice } from './state.ts'

/** The server's own reason why an answer proves nothing. */
export interface Refusal {
  reason: AuthenticationFailure | 'not_elsewhere' | 'not_here'
  detail?: string
  aaguid?: string
  /** its id, where no account has it */
  unknown?: string
}

/** What the page may say of a passkey that was refused. */
export function ofRefused({ aaguid, unknown }: Refusal): OfPasskey {
  const keeper = authenticatorFor(aaguid ?? '')?.name
  return { ...(keeper !== undefined && { keeper }), ...(unknown !== undefined && { unknownPasskey: unknown }) }
}

/**
 * A browser that has no passkey to show, where its own record names one: who keeps it, and what keeps it from showing.
 * Without a record of whoever is named nothing is looked up.
 */
export async function noticeHere(flow: Flow, notice: PasskeyNotice): Promise<{ notice: PasskeyNotice; of: OfPasskey }> {
  const passkey = notice === 'none_here' ? await usedHere(flow) : undefined
  const authenticator = passkey && authenticatorFor(passkey.aaguid)
  if (!authenticator) return { notice, of: {} }
  const { name: keeper, fabric } = authenticator
  if (fabric === 'manager') return { notice: 'locked', of: { keeper } }
  const { browser: family, platform } = userAgentOf(flow)
  const isSynced = (fabric === 'icloud' || fabric === 'google' || fabric === 'microsoft') && carriesTo(fabric, { family, platform })
  const isBound = platform === 'Windows' && keeper.startsWith('Windows')
  return isSynced || isBound ? { notice: 'not_shown', of: { keeper, ...(isSynced && { fabric }) } } : { notice, of: {} }
}

/** The newest that was used in this browser itself, by whoever is named, or by anybody where nobody is. */
async function usedHere(flow: Flow): Promise<Passkey | undefined> {
  const { account, typedDevice, state, devices, deps } = flow
  const newest = devices.filter((device) => idsHere(device).length > 0).toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)[0]
  const device = account ? deviceOf(flow, account.id) : state.identifier ? typedDevice : newest
  const [id] = idsHere(device)
  const owner = device && id !== undefined ? (account ?? (await deps.accounts.get(device.accountId))) : undefined
  return owner && (await deps.passkeys.listFor(owner)).find((passkey) => passkey.id === id)
}
