import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import type { IconName } from '../parts/icons.ts'

/** Why a link does nothing (more), or what was done. */
export type LinkMessage = 'used' | 'gone' | 'refused' | 'shown' | 'not_me'

export interface LinkMessageProps {
  message: LinkMessage
  lifeMinutes: number
  /** where a sign-in begins anew, at the app */
  startUrl?: string
}

const icons: Record<LinkMessage, IconName> = { used: 'info', gone: 'clock', refused: 'done', shown: 'info', not_me: 'mail' }

/** One thing said, and the way on where there is one. */
export function linkMessagePage(page: PageContext, { message, lifeMinutes: minutes, startUrl }: LinkMessageProps): Html {
  const { t } = page
  const title = t(`login.link_message.${message}.title`)
  const startsAnew = message === 'used' || message === 'gone' || message === 'not_me'
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: icons[message] }),
      html`<p>${t(`login.link_message.${message}.text`, { minutes })}</p>`,
      startsAnew && startUrl !== undefined
        ? linkButton(t('login.link_message.again'), startUrl, 'primary')
        : html`<p class="next">${t(startsAnew ? 'account.open_app' : 'account.close')}</p>`,
      message === 'used' ? form(page, { action: page.base, body: [hidden('answer', 'not_me'), button(t('login.link_message.not_me_button'))] }) : '',
      when(message === 'not_me' ? page.theme.helpUrl : undefined, (url) => linkButton(t('page.help'), url)),
    ],
  })
}
