import html from 'escape-html-template-tag'
import type { EnrolmentDecision } from '../../src/policy/enrolment.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { localTime } from '../parts/local-time.ts'
import { rich } from '../parts/rich.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface GuardProps {
  way: Extract<EnrolmentDecision, { allow: false }>['way']
  /** ms: from then on what was used may do it */
  until?: number
  frozen?: boolean
  /** asks for another proof */
  againUrl: string
  backUrl: string
}

/** Why this cannot be changed now, and what makes it possible. */
export function guardPage(page: AccountPageContext, { way, until, frozen = false, againUrl, backUrl }: GuardProps): Html {
  const { t } = page
  const title = t('account.guard.title')
  const again = way !== 'recovery'
  return accountLayout(page, {
    title,
    current: 'ways',
    icon: 'lock',
    body: [
      html`<p>${frozen ? t('account.guard.frozen') : t(`account.guard.${way}`)}</p>`,
      when(until, (at) => html`<p>${rich(t('account.guard.until'), { time: () => localTime(page, at) })}</p>`),
      html`<div class="buttons">${again || frozen ? linkButton(t(frozen ? 'account.guard.again_older' : 'account.guard.again'), againUrl, 'primary') : linkButton(t('account.guard.recover'), againUrl, 'primary')}${linkButton(t('account.guard.back'), backUrl)}</div>`,
    ],
  })
}
