import { domainOf, emailsOf, throttleKeys } from '../accounts/emails.ts'
import { browserOf } from '../http/device.ts'
import type { SessionStops } from '../oidc/types.ts'
import { isReady } from '../policy/recovery.ts'
import type { Storage } from '../storage/types.ts'
import { hereOf, userAgentOf } from './browser.ts'
import type { LoginDeps } from './flow.ts'
import { reachOf } from './rules.ts'

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
    const here = hereOf({ ctx })
    const known = deviceHash === undefined ? [] : await devices.listHere(deviceHash)
    const device = known.find((record) => record.accountId === accountId)
    const [email] = emailsOf(account)
    return risk.liveSession.stops({
      event: 'sign_in',
      now,
      occasion: clientId,
      clientId,
      browser: userAgentOf({ ctx }),
      addresses: throttleKeys(emailsOf(account)),
      createdHere: false,
      recovering: deviceHash !== undefined && isReady(account.recovery, now, deviceHash),
      proofs,
      recognised: devices.isRecognised(device, here, now, now),
      ...(email !== undefined && { domain: domainOf(email) }),
      ...(here.country !== undefined && { country: here.country }),
      ...(here.network !== undefined && { network: here.network }),
      ...(device && !devices.isElsewhere(device, here) && { device }),
      account,
      ...reachOf({ config }, account),
    })
  }
}
