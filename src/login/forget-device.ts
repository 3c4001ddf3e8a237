import type { Devices } from '../accounts/devices.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/schema.ts'
import { browserOf, renewDevice } from '../http/device.ts'
import type { ForgetDevice } from '../oidc/types.ts'
import type { Remembered } from './remembered.ts'

/**
 * "Forget this device", at a sign-out: what it says of the account goes, what others left behind can no longer be found,
 * and the browser is a new one to everybody.
 */
export function createForgetDevice({ devices, remembered, audit, config }: {
  devices: Pick<Devices, 'forget'>
  remembered: Pick<Remembered, 'clear'>
  audit: Audit
  config: Pick<Config, 'issuer'>
}): ForgetDevice {
  return async function forgetDevice(ctx, accountId) {
    const deviceHash = browserOf(ctx, config)
    if (deviceHash !== undefined) await Promise.all([devices.forget(deviceHash, accountId), audit.record('device.forgotten', { accountId, deviceHash }, {})])
    remembered.clear(ctx)
    renewDevice(ctx, config)
  }
}
