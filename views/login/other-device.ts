import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton, withoutPasskey, type Targets } from '../parts/ways.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface OtherDeviceProps {
  email?: string
  to?: Targets
  options: object
  /** a security key is all there is */
  onlyKey?: boolean
  /** somebody who is signed in already: the address is not up for change */
  stepUp: boolean
  /** the first that needs no passkey stands on the page, the rest behind "Try another way" */
  others: Way[]
}

/** A phone by QR code, or a security key: only here, only after a press. */
export function otherDevicePage(page: PageContext, { email, to, options, onlyKey = false, stepUp, others }: OtherDeviceProps): Html {
  const { t } = page
  const title = t(onlyKey ? 'login.other_device.title_key' : 'login.other_device.title')
  const other = withoutPasskey(others)
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: onlyKey ? 'key' : 'phone' }),
      when(email, (address) => identityRow(page, address, { change: !stepUp })),
      onlyKey ? html`<p>${t('login.other_device.key_only')}</p>` : html`<p>${t('login.other_device.scan')}</p><p>${t('login.other_device.key')}</p>`,
      passkeyForm(page, { options, label: t(onlyKey ? 'login.other_device.use_key' : 'login.other_device.show'), kind: 'primary' }),
      withoutPasskeys(page, other ? 'below' : 'nowhere'),
      when(other, (way) => wayButton(page, way, 'outline', { to }, { label: way === 'email_otp' && to?.email ? t('way.send_code_instead', { email: to.email }) : undefined })),
      status(page),
      waysOut(page, otherWay(page)),
    ],
  })
}
