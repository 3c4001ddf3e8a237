import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { breakable } from './breakable.ts'
import { button } from './button.ts'
import { form, hidden } from './form.ts'
import { icon } from './icons.ts'

/** What was typed, never a name or a picture before a proof; with the way to change it where there is one. */
export function identityRow(page: PageContext, email: string, { change = true } = {}): Html {
  return html`<div class="identity">${icon('person')}<span class="address">${breakable(email)}</span>${
    change
      ? form(page, {
          action: `${page.base}/identifier`,
          body: [
            hidden('change', 'address'),
            button(page.t('page.change'), { kind: 'link', attributes: { 'aria-label': changeLabel(page, email) } }),
          ],
        })
      : ''
  }</div>`
}

/** "Change email, now maya@example.com": of what kind it is, shows in how it is written. */
export function changeLabel({ t }: PageContext, who: string): string {
  return t(who.includes('@') ? 'page.change_email' : who.startsWith('+') ? 'page.change_phone' : 'page.change_username', { email: who })
}
