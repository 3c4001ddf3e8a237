import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import type { NotCreated } from '../../src/passkeys/index.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { type Choice, creationButton, otherPlace } from '../parts/creation.ts'
import { heading } from '../parts/heading.ts'
import { notCreated } from '../parts/not-created.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'
import { type GoOn, wayOn } from './message.ts'

export interface EnrolNotCreatedProps {
  reason: NotCreated
  /** where it was to be kept */
  place?: Place
  /** where trying again may work, best first: the link is not used up */
  choices: Choice[]
  next?: GoOn
  signal?: Signal
}

/** No passkey was created, or there is one already. Quiet: it is nobody's fault. */
export function enrolNotCreatedPage(page: PageContext, { next, signal: news, ...props }: EnrolNotCreatedProps): Html {
  const { t } = page
  const { reason, choices: [first, second] } = props
  const { title, text, again } = notCreated(page, props)
  const own = reason === 'exists' || reason === 'closed' || reason === 'failed'
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: reason === 'exists' ? 'done' : 'info' }),
      html`<p>${own ? t(`account.enrol_not_created.${reason}`) : `${text} ${t('account.enrol_not_created.still')}`}</p>`,
      first ? html`<div class="buttons">${[creationButton(page, first, { label: again ?? t('page.try_again') }), otherPlace(page, second, reason === 'key_refused' ? t('creation.another_key') : undefined)]}</div>` : wayOn(page, next, t(reason === 'exists' ? 'account.open_app' : 'account.close')),
      first ? withoutPasskeys(page, 'nowhere') : '',
      when(news, (what) => signal(page, what)),
      status(page),
    ],
  })
}
