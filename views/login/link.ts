import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { status } from '../parts/status.ts'

export interface LinkProps {
  purpose: 'sign_in' | 'sign_up' | 'confirm'
  /** as people write it */
  email: string
  /** absent: the account's own pages */
  app?: string
  /** the sign-in that the press goes on with: its address, and the token of its forms */
  interaction: { base: string; csrf: string }
  ticket: string
  /** somebody else is signed in in this browser */
  other?: string
}

/** A link of a mail, in the browser that asked for it: one press goes on. Looking changes nothing. */
export function linkPage(page: PageContext, { purpose, email, app, interaction, ticket, other }: LinkProps): Html {
  const { t } = page
  const signsIn = purpose === 'sign_in'
  const title = t(signsIn ? 'login.link.title' : 'login.link.title_sign_up')
  const text = () => {
    if (purpose === 'confirm') return t('login.link.text_confirm', { email })
    if (app === undefined) return t(signsIn ? 'login.link.text_account' : 'login.link.text_sign_up_account', { email })
    return t(signsIn ? 'login.link.text' : 'login.link.text_sign_up', { app, email })
  }
  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: 'link' }),
      html`<p class="wrap">${breakable(text())}</p>`,
      when(other, (name) => html`<div class="box info">${icon('info')}<p class="wrap">${breakable(t('login.link.switches', { other: name, email }))}</p></div>`),
      html`<div class="buttons">${form({ ...page, csrf: interaction.csrf }, {
        action: `${interaction.base}/email-link`,
        body: [hidden('ticket', ticket), button(t(signsIn ? 'login.link.sign_in' : 'page.continue'), { kind: 'primary' })],
      })}${form(page, { action: page.base, body: [hidden('answer', 'refuse'), button(t('login.link.not_me'))] })}</div>`,
      status(page),
    ],
  })
}
