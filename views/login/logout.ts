import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { status } from '../parts/status.ts'

export interface LogoutProps {
  /** the engine's address, and its own token against foreign posts */
  action: string
  xsrf: string
  /** names of the apps that are signed out too */
  apps: string[]
}

/** Sign out? */
export function logoutPage(page: PageContext, { action, xsrf, apps }: LogoutProps): Html {
  const { t, theme, app } = page
  const title = t('login.logout.title', { brand: theme.name })
  const list = new Intl.ListFormat(page.locale, { type: 'conjunction' })
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'out' }),
      when(app, ({ name }) => html`<p class="wrap">${t('login.logout.why', { app: name, brand: theme.name })}</p>`),
      apps.length > 0 ? html`<p class="wrap">${t('login.logout.apps', { apps: list.format(apps) })}</p>` : '',
      html`<form method="post" action="${action}">${hidden('xsrf', xsrf)}<div class="check"><input type="checkbox" id="forget" name="forget" value="1" aria-describedby="forget-hint"><label for="forget">${t('login.logout.forget')}</label><p class="hint" id="forget-hint">${t('login.logout.forget_hint')}</p></div><div class="buttons">${button(t('login.logout.sign_out'), {
        kind: 'primary',
        attributes: { name: 'logout', value: 'yes' },
      })}${button(t('login.logout.stay'))}</div></form>`,
      status(page),
    ],
  })
}
