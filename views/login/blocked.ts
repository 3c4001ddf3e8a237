import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { wayButton, withoutPasskey, type Targets } from '../parts/ways.ts'
import { lostPasskeys, waysOut } from '../parts/ways-out.ts'

export interface BlockedProps {
  email: string
  /** what there was besides codes was disowned, and nobody has decided about it */
  stopped: boolean
  /** the request for a passkey of this account, where this browser can use one */
  options?: object
  to?: Targets
  /** what else leads on: a passkey on a phone or a security key, a recovery code */
  others: Way[]
}

/** A code does not sign in to this account, since it has a passkey, or had one until it was stopped: that one, or the way back for who has lost it. */
export function blockedPage(page: PageContext, { email, to, stopped, options, others }: BlockedProps): Html {
  const { t } = page
  const leads = options !== undefined || others.length > 0
  const otherwise = withoutPasskey(others)
  const title = t(stopped ? 'login.blocked.stopped_title' : 'login.blocked.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'lock' }),
      html`<p>${t(stopped ? 'login.blocked.stopped' : 'login.blocked.text')}</p>`,
      identityRow(page, email, { change: false }),
      when(options, (request) => html`${passkeyForm(page, { options: request, label: t('passkey.continue'), kind: 'primary' })}${withoutPasskeys(page, withoutPasskey(others) ? 'below' : 'nowhere')}`),
      others.map((way, index) => wayButton(page, way, !options && index === 0 ? 'primary' : 'outline', { to }, { leadOtherwise: way === otherwise })),
      leads ? '' : linkButton(t('login.recovery.lost'), `${page.base}/recovery`, 'primary'),
      status(page),
      waysOut(page, leads ? lostPasskeys(page) : ''),
    ],
  })
}
