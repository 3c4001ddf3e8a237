import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { scopeInWords } from '../parts/scopes.ts'
import { listed } from '../parts/sentences.ts'
import { readableDate } from '../parts/time.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface ListedApp {
  /** names it in addresses */
  ref: string
  name: string
  /** of its home page */
  host?: string
  /** ms */
  since: number
  scopes: string[]
}

/** Every app that may see something, what that is, and since when. */
export function appsPage(page: AccountPageContext, { apps }: { apps: ListedApp[] }): Html {
  const { t } = page
  return accountLayout(page, {
    title: t('account.apps.title'),
    current: 'apps',
    body: [
      html`<p class="lead">${t(apps.length > 0 ? 'account.apps.text' : 'account.apps.none')}</p>`,
      when(apps.length > 0, () => html`<ul class="cards">${apps.map((app) => card(page, app))}</ul>`),
    ],
  })
}

function card({ t, base, locale }: AccountPageContext, { ref, name, host, since, scopes }: ListedApp): Html {
  return html`<li class="card">${icon('link')}<div><h2 class="card-title">${name}</h2>${when(host, (address) => html`<p class="hint">${address}</p>`)}<ul class="sees">${scopes.map((scope) => html`<li>${scopeInWords(t, scope)}</li>`)}</ul><p class="hint">${t('account.apps.since', { date: readableDate(since, locale) })}</p><div class="entry-actions"><a class="link" href="${base}/app-remove/${ref}">${t('account.apps.remove')}<span class="visually-hidden"> ${name}</span></a></div></div></li>`
}

export interface AppRemoveProps {
  name: string
  /** it asks before it is connected again; else the next sign-in there does it */
  asksAgain: boolean
  /** minutes: what it holds already may work so much longer */
  minutes: number
}

/** What ends with it, and what does not end at once. */
export function appRemovePage(page: AccountPageContext, { name, asksAgain, minutes }: AppRemoveProps): Html {
  const { t, path, base } = page
  return accountLayout(page, {
    title: t('account.app_remove.title', { name }),
    current: 'apps',
    body: [
      html`<p>${t('account.app_remove.text', { name })}</p>`,
      listed([t('account.app_remove.late', { minutes }), t(asksAgain ? 'account.app_remove.asks' : 'account.app_remove.again')]),
      html`<div class="buttons">${form(page, { action: path, body: [hidden('remove', '1'), button(t('account.apps.remove'), { kind: 'danger' })] })}${linkButton(t('account.app_remove.keep'), `${base}/apps`)}</div>`,
    ],
  })
}
