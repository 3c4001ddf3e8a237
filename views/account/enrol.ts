import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { localTime } from '../parts/local-time.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'

export interface EnrolProps {
  /** the account's address; absent where it has none */
  email?: string
  /** ms since 1970 */
  until: number
  /** inside another app, where passkeys often do not work */
  inApp?: 'ios' | 'android'
}

/** The operator's link, before anybody has pressed: whose account, and what a press means. */
export function enrolPage(page: PageContext, { email, until, inApp }: EnrolProps): Html {
  const { t } = page
  const title = t('account.enrol.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'passkey' }),
      html`<p>${t('account.enrol.text')}</p>`,
      when(email, (address) => identityRow(page, address, { change: false })),
      html`<p>${rich(t('account.enrol.once'), { time: () => localTime(page, until) })}</p>`,
      when(inApp, (platform) => html`<p class="note">${t(`passkey.in_app_${platform}`)}</p>`),
      // Hidden until script has seen that a passkey can be made here: the press binds the link to this browser.
      form(page, { action: page.base, attributes: { 'data-needs-passkey': true, hidden: true }, body: [hidden('capabilities', ''), button(t('page.continue'), { kind: 'primary' })] }),
      withoutPasskeys(page, 'nowhere'),
      status(page),
    ],
  })
}
