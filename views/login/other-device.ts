import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface OtherDeviceProps {
  options: object
  /** a way that needs no passkey is behind "Try another way" */
  hasOther: boolean
}

/** A phone by QR code, or a security key: only here, only after a press. */
export function otherDevicePage(page: PageContext, { options, hasOther }: OtherDeviceProps): Html {
  const { t } = page
  const title = t('login.other_device.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'phone' }),
      html`<p>${t('login.other_device.scan')}</p><p>${t('login.other_device.key')}</p>`,
      passkeyForm(page, { options, label: t('login.other_device.show'), kind: 'primary' }),
      withoutPasskeys(page, hasOther ? 'below' : 'nowhere'),
      status(page),
      waysOut(page, otherWay(page)),
    ],
  })
}
