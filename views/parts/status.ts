import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { attributes } from './form.ts'

/**
 * The page's one live region. Script says its words here; `text` is news from the server, shown at once and spoken by
 * script; `spoken` news is only heard, because the page shows it anyway.
 */
export function status(page: PageContext, text = '', { spoken = false } = {}): Html {
  const { t } = page
  const words = { 'data-slow': t('page.busy_slow'), 'data-offline': t('page.offline'), 'data-waiting': t('passkey.waiting'), 'data-stopped': t('passkey.stopped') }
  return html`<div class="${text ? (spoken ? 'visually-hidden' : 'status good') : 'status'}" role="status"${attributes(words)}>${text}</div><button class="button outline" type="button" data-retry hidden><span>${t('page.try_again')}</span></button>`
}
