import { sendPage } from '../http/reply.ts'
import { otherDevicePage } from '../../views/login/other-device.ts'
import { pageOf, type Screen } from './flow.ts'
import { passkeyOptionsHere } from './passkey-options.ts'

/** "Use another device": a passkey on a phone, or a security key. The browser shows its QR code only after a press. */
export const otherDevice: Screen = {
  step: 'other_device',
  async show(flow) {
    sendPage(flow.ctx, otherDevicePage(pageOf(flow), {
      options: await passkeyOptionsHere(flow, ['hybrid', 'security-key']),
      hasOther: flow.situation.ways.some((way) => way !== 'passkey' && way !== 'other_device'),
    }))
  },
}
