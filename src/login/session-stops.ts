import { browserOf } from '../http/device.ts'
import type { SessionStops } from '../oidc/types.ts'
import { isReady } from '../policy/recovery.ts'
import type { Storage } from '../storage/types.ts'
import { userAgentOf } from './browser.ts'
import type { LoginDeps } from './flow.ts'

type Deps = Pick<LoginDeps, 'risk' | 'devices' | 'accounts' | 'config'> & { storage: Pick<Storage, 'clock'> }

/**
 * Whether rules about apps keep a live session out of the one that asks for it now: it was proven for another app, whose
 * rules were asked then. Costs nothing where no rule is about that app.
 */
export function createSessionStops({ risk, devices, accounts, storage, config }: Deps): SessionStops {
  return async function sessionStops(ctx, { accountId, clientId, proofs }) {
    if (!risk.liveSession.concerns(clientId)) return false
    const account = await accounts.get(accountId)
    if (!account) return true
    const now = storage.clock.now()
    const deviceHash = browserOf(ctx, config)
    const known = deviceHash === undefined ? [] : await devices.listHere(deviceHash)
    return risk.liveSession.stops({
      event: 'sign_in',
      now,
      occasion: clientId,
      clientId,
      browser: userAgentOf({ ctx }),
      seenFrom: ctx.state.place?.seenFrom,
      account,
      createdHere: false,
      recovering: deviceHash !== undefined && isReady(account.recovery, now, deviceHash),
      proofs,
      device: known.find((record) => record.accountId === accountId),
      since: now,
    })
  }
}
