import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'

export interface EmailLinkUsedProps {
  /** nothing is left to be done in the other tab */
  finished: boolean
}

/** For the tab that waited: the link was pressed in another one, which goes on. */
export function emailLinkUsedPage(page: PageContext, { finished }: EmailLinkUsedProps): Html {
  const { t, app, base } = page
  const title = t(finished ? 'login.email_link_used.title' : 'login.email_link_used.title_open')
  const home = app?.homeUrl
  const wayOn = finished
    ? home === undefined || !app ? html`<p class="next">${t('account.close')}</p>` : linkButton(t('login.email_link_used.open', { app: app.name }), home, 'primary')
    : linkButton(t('page.continue'), `${base}?due`, 'primary')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      html`<p>${t(finished ? 'login.email_link_used.text' : 'login.email_link_used.text_open')}</p>`,
      wayOn,
      status(page),
    ],
  })
}
