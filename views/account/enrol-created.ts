import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { heading } from '../parts/heading.ts'
import { passkeyCard, type PasskeyCardProps, passkeyReach } from '../parts/passkey-card.ts'
import { status } from '../parts/status.ts'
import { type GoOn, wayOn } from './message.ts'

export interface EnrolCreatedProps extends PasskeyCardProps {
  synced: boolean
  /** `here` by default */
  place?: Place
  next?: GoOn
}

/** Your passkey is ready: now it can be used. */
export function enrolCreatedPage(page: PageContext, { next, ...made }: EnrolCreatedProps): Html {
  const { t } = page
  const title = t('login.passkey_created.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      passkeyCard(page, made),
      html`<p>${passkeyReach(page, made) ?? t(made.place === 'elsewhere' ? 'login.passkey_created.elsewhere' : 'account.enrol_created.device_only')} ${t('account.enrol_created.sign_in')}</p>`,
      html`<p class="small">${t('account.enrol_created.cooling')}</p>`,
      status(page, t('login.passkey_created.status'), { spoken: true }),
      wayOn(page, next, t('account.open_app')),
    ],
  })
}
