import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface AccountExistsProps {
  email: string
}

/** Sign-up, after the proof: the address has an account, and the code opens it. */
export function accountExistsPage(page: PageContext, { email }: AccountExistsProps): Html {
  const { t } = page
  const title = t('login.account_exists.title')
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: 'info' }),
      html`<p class="wrap">${t('login.account_exists.text', { email })}</p>`,
      form(page, { action: `${page.base}/account-exists`, body: button(t('page.continue'), { kind: 'primary' }) }),
      status(page),
      waysOut(page),
    ],
  })
}
