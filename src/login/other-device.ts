import { sendPage } from '../http/reply.ts'
import { otherDevicePage } from '../../views/login/other-device.ts'
import { pageOf, shownAs, targetsOf, type Flow, type Screen } from './flow.ts'
import { firstToConfirm } from './passkey-first.ts'
import { passkeyOptionsHere } from './passkey-options.ts'
import { guardAsks } from './ways.ts'

/** "Use another device": a passkey on a phone, or a security key. The browser shows its QR code only after a press. */
export const otherDevice: Screen = {
  step: 'other_device',
  async show(flow) {
    const email = shownAs(flow)
    sendPage(flow.ctx, otherDevicePage(pageOf(flow), {
      ...(email !== undefined && { email }),
      to: targetsOf(flow),
      options: await passkeyOptionsHere(flow, { place: 'elsewhere', picked: true }),
      onlyKey: await isOnlyKey(flow),
      stepUp: flow.account !== undefined,
      others: flow.situation.ways.filter((way) => way !== 'other_device'),
    }))
  },
}

/** As far as it may be told, all that the account has is a security key: nobody looks for a phone in vain. */
async function isOnlyKey(flow: Flow): Promise<boolean> {
  const decision = flow.account ? await firstToConfirm(flow, { guard: guardAsks(flow) }) : flow.situation.passkeyFirst
  return decision?.reason === 'security_key'
}
