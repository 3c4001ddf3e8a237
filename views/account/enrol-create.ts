import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { type Choice, creationButton, elsewhereSteps, otherPlace } from '../parts/creation.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'

export interface EnrolCreateProps {
  email?: string
  /** where it can be made; the first leads */
  choices: [Choice, ...Choice[]]
  /** who keeps one that is made here, as a rule */
  keeper?: string
}

/** What a passkey is, and the button that makes it. */
export function enrolCreatePage(page: PageContext, { email, choices, keeper }: EnrolCreateProps): Html {
  const { t } = page
  const title = t('account.enrol_create.title')
  const { place } = choices[0]
  return layout(page, {
    title,
    body: [
      html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div>`,
      heading(page, title, { toApp: false }),
      html`<p>${t('account.enrol_create.text')}</p>`,
      when(email, (address) => identityRow(page, address, { change: false })),
      place === 'elsewhere' ? elsewhereSteps(page) : '',
      passkeyAnswers(page, { place, keeper }),
      html`<div class="buttons">${[creationButton(page, choices[0]), otherPlace(page, choices[1])]}</div>`,
      withoutPasskeys(page, 'nowhere'),
      status(page),
    ],
  })
}
