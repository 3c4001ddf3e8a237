import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { attributes } from './form.ts'

/** The box that keeps a sign-in for longer than the browser is open. Off unless somebody ticks it. */
export function keepSignedIn({ t }: PageContext, checked: boolean): Html {
  return html`<div class="check"><input${attributes({ type: 'checkbox', id: 'remember', name: 'remember', value: '1', checked, 'aria-describedby': 'remember-hint' })}><label for="remember">${t('page.remember')}</label><p class="hint" id="remember-hint">${t('page.remember_hint')}</p></div>`
}
