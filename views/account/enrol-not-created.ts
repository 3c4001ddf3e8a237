import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { passkeyCreateForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { type GoOn, wayOn } from './message.ts'

export interface EnrolNotCreatedProps {
  reason: 'closed' | 'exists' | 'failed'
  /** a fresh request: the link is not used up */
  options: object
  next?: GoOn
}

/** No passkey was created, or there is one already. Quiet: it is nobody's fault. */
export function enrolNotCreatedPage(page: PageContext, { reason, options, next }: EnrolNotCreatedProps): Html {
  const { t } = page
  const exists = reason === 'exists'
  const title = t(exists ? 'login.passkey_not_created.exists_title' : 'login.passkey_not_created.closed_title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: exists ? 'done' : 'info' }),
      html`<p data-lead>${t(`account.enrol_not_created.${reason}`)}</p>`,
      exists ? wayOn(page, next, t('account.open_app')) : passkeyCreateForm(page, { options, label: t('page.try_again') }),
      exists ? '' : withoutPasskeys(page, 'nowhere'),
      status(page),
    ],
  })
}
