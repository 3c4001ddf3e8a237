import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button } from '../parts/button.ts'
import { attributes, form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface WelcomeBackProps {
  /** what was typed here before, as people write it, newest first */
  rows: string[]
  /** a row was just taken off this list */
  forgotten?: boolean
}

/** Welcome back: what this browser was asked to keep, never a name or a picture. */
export function welcomeBackPage(page: PageContext, { rows, forgotten }: WelcomeBackProps): Html {
  const { t } = page
  const title = t('login.welcome_back.title')
  const action = `${page.base}/identifier`
  return layout(page, {
    title,
    body: [
      heading(page, title),
      status(page, forgotten ? t('login.welcome_back.forgotten') : ''),
      html`<ul class="ways remembered">${rows.map((who, index) => html`<li>${form(page, {
        action,
        attributes: { class: 'row-form' },
        body: [
          hidden('capabilities', ''), hidden('identifier', who), hidden('remember', '1'), hidden('row', '1'),
          html`<button${attributes({ class: index === 0 ? 'row primary' : 'row', type: 'submit' })}>${icon('person')}<span class="row-text"><span class="row-name">${t('login.welcome_back.row', { who })}</span></span>${icon('next')}</button>`,
        ],
      })}${form(page, {
        action,
        attributes: { class: 'forget' },
        body: [hidden('forget', who), button(t('login.welcome_back.forget'), { kind: 'link', attributes: { 'aria-label': t('login.welcome_back.forget_who', { who }) } })],
      })}</li>`)}</ul>`,
      form(page, { action, body: [hidden('another', '1'), button(t('login.welcome_back.another'), { kind: 'outline' })] }),
      waysOut(page),
    ],
  })
}
