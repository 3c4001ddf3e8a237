import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { status } from '../parts/status.ts'

export interface LinkCodeProps {
  code: string
  lifeMinutes: number
}

/** The code of a link that was opened elsewhere. It is good in the window that asked, and nowhere else. */
export function linkCodePage(page: PageContext, { code, lifeMinutes: minutes }: LinkCodeProps): Html {
  const { t } = page
  const title = t('login.link_code.title')
  return layout(page, {
    title,
    // A page fetched anew would have no code to show.
    languages: false,
    body: [
      heading(page, title, { toApp: false }),
      html`<div class="shown-code"><output class="big-code">${code}</output><button class="button primary" type="button" data-copy="${code}" data-copied="${t('page.copied')}" hidden><span>${t('page.copy')}</span></button></div>`,
      html`<p>${t('login.link_code.life', { minutes })}</p>`,
      html`<div class="box warning">${icon('problem')}<div><h2>${t('login.link_code.warning_title')}</h2><p>${t('login.link_code.warning')}</p></div></div>`,
      status(page),
      form(page, { action: page.base, body: [hidden('answer', 'refuse'), button(t('login.link_elsewhere.not_me'))] }),
    ],
  })
}
