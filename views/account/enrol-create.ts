import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { passkeyCreateForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'

export interface EnrolCreateProps {
  email?: string
  options: object
}

/** What a passkey is, and the button that makes it. */
export function enrolCreatePage(page: PageContext, { email, options }: EnrolCreateProps): Html {
  const { t } = page
  const title = t('account.enrol_create.title')
  return layout(page, {
    title,
    body: [
      html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div>`,
      heading(page, title, { toApp: false }),
      html`<p data-lead>${t('account.enrol_create.text')}</p>`,
      when(email, (address) => identityRow(page, address, { change: false })),
      passkeyAnswers(page),
      passkeyCreateForm(page, { options, label: t('login.passkey_create.create') }),
      withoutPasskeys(page, 'nowhere'),
      status(page),
    ],
  })
}
