import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from './breakable.ts'
import { icon, type IconName } from './icons.ts'

/** The one h1, focusable for script, and under it where the sign-in goes on to. */
export function heading(page: PageContext, title: string, options: { toApp?: boolean; icon?: IconName } = {}): Html {
  const { toApp = true } = options
  return html`<div class="heading">${when(options.icon, (name) => html`<div class="badge${name === 'done' ? ' good' : ''}">${icon(name)}</div>`)}<h1 tabindex="-1">${breakable(title)}</h1>${when(
    toApp && page.app,
    (app) => html`<p class="to-app">${app.own ? page.t('page.to_account') : page.t('page.to_app', { app: app.name })}</p>`,
  )}</div>`
}
