import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { otherWay, waysOut } from '../parts/ways-out.ts'

export interface WrongAccountProps {
  /** what was typed, or who is confirming */
  email: string
  /** whose passkey it was: proven by it */
  otherEmail: string
  /** false when this is about the account that is signed in */
  canSwitch: boolean
  /** what leads on for the one who is named, and is no passkey */
  stay?: Way
}

/** Another account's passkey was used than the one typed. */
export function wrongAccountPage(page: PageContext, { email, otherEmail: other, canSwitch, stay }: WrongAccountProps): Html {
  const { t } = page
  const title = t('login.wrong_account.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'info' }),
      html`<p class="wrap">${t(canSwitch ? 'login.wrong_account.text' : 'login.wrong_account.step_up', { email, other })}</p>`,
      canSwitch
        ? form(page, {
            action: `${page.base}/passkey`,
            body: [hidden('use_other', '1'), button(t('login.wrong_account.switch', { other }), { kind: 'primary' })],
          })
        : '',
      stay
        ? form(page, {
            action: `${page.base}/methods`,
            body: [hidden('method', stay), button(t('login.wrong_account.stay', { email }), { kind: canSwitch ? 'outline' : 'primary' })],
          })
        : '',
      canSwitch || stay ? '' : linkButton(t('page.other_way'), `${page.base}/methods`, 'primary'),
      status(page),
      waysOut(page, canSwitch || stay ? otherWay(page) : ''),
    ],
  })
}
