import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'

export interface LoggedOutProps {
  /** names of apps that could not be told */
  failedApps: string[]
}

/** You are signed out. */
export function loggedOutPage(page: PageContext, { failedApps }: LoggedOutProps): Html {
  const { t, app } = page
  const title = t('login.logged_out.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'done' }),
      html`<p>${t('login.logged_out.text')}</p>`,
      failedApps.map((name) => html`<div class="box warning">${icon('problem')}<p>${t('login.logged_out.failed', { app: name })}</p></div>`),
      linkButton(t('login.logged_out.again'), app?.homeUrl ?? '/account', 'primary'),
    ],
  })
}
