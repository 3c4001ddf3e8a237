import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { localTime } from '../parts/local-time.ts'
import { listed } from '../parts/sentences.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface ListedSession {
  /** names it in a form */
  ref: string
  /** the one of this very page */
  here: boolean
  /** "Chrome on Windows" */
  device: string
  /** ms */
  since: number
  /** ms: when somebody last signed in to something there */
  lastSeenAt?: number
  /** "United Kingdom" */
  place?: string
  /** names */
  apps: string[]
}

/** Each browser that is signed in, with what it is signed in to. `more`: apps go on where nobody is signed in any more. */
export function sessionsPage(page: AccountPageContext, { sessions, more = false }: { sessions: ListedSession[]; more?: boolean }): Html {
  const { t, base } = page
  return accountLayout(page, {
    title: t('account.sessions.title'),
    current: 'sessions',
    body: [
      html`<p class="lead">${t('account.sessions.text')}</p>`,
      html`<ul class="cards">${sessions.map((session) => card(page, session))}</ul>`,
      html`<div class="buttons">${when(sessions.length > 1 || more, () => linkButton(t('account.sessions.end_all'), `${base}/sessions-end`))}${linkButton(t('account.sessions.forget'), `${base}/device-forget`)}</div>`,
    ],
  })
}

function card(page: AccountPageContext, { ref, here, device, since, lastSeenAt, place, apps }: ListedSession): Html {
  const { t, path, signOutUrl } = page
  const name = deviceName(page, device)
  return html`<li class="card">${icon(/ on (?:iPhone|iPad|Android)$/.test(device) ? 'phone' : 'laptop')}<div><h2 class="card-title">${name}</h2>${here ? html`<p class="tags"><span class="tag">${t('account.passkeys.this_device')}</span></p>` : ''}${when(place, (where) => html`<p class="hint">${where}</p>`)}<p class="hint">${t('account.sessions.since')} ${localTime(page, since)}</p>${when(lastSeenAt, (at) => html`<p class="hint">${t('account.sessions.last_seen')} ${localTime(page, at)}</p>`)}${when(apps.length > 0, () => html`<p class="hint">${t('account.sessions.apps', { apps: apps.join(', ') })}</p>`)}<div class="entry-actions">${
    here
      ? html`<a class="link" href="${signOutUrl}">${t('account.sign_out')}<span class="visually-hidden"> ${name}</span></a>`
      : form(page, { action: path, body: [hidden('end', ref), button(t('account.sign_out'), { kind: 'link', attributes: { 'aria-label': `${t('account.sign_out')}: ${name}` } })] })
  }</div></div></li>`
}

/** What ends with it. `left`: names of apps that go on where nobody is signed in any more. */
export function sessionsEndPage(page: AccountPageContext, { others, left }: { others: number; left?: string }): Html {
  const { t, base, path } = page
  return accountLayout(page, {
    title: t('account.sessions_end.title'),
    current: 'sessions',
    body: [
      when(others > 0, () => html`<p>${t('account.sessions_end.text', { n: others })}</p>`),
      listed([...(others > 0 ? [t('account.sessions_end.apps')] : []), ...(left === undefined ? [] : [t('account.sessions_end.left', { apps: left })]), t('account.sessions_end.stays')]),
      html`<div class="buttons">${form(page, { action: path, body: [hidden('end', 'all'), button(t('account.sessions.end_all'), { kind: 'danger' })] })}${linkButton(t('account.sessions_end.keep'), `${base}/sessions`)}</div>`,
    ],
  })
}

/** What it means to be new here. */
export function deviceForgetPage(page: AccountPageContext): Html {
  const { t, base, path } = page
  return accountLayout(page, {
    title: t('account.device_forget.title'),
    current: 'sessions',
    body: [
      html`<p>${t('account.device_forget.text')}</p>`,
      listed([t('account.device_forget.list'), t('account.device_forget.passkeys')]),
      html`<div class="buttons">${form(page, { action: path, body: [hidden('forget', '1'), button(t('account.sessions.forget'), { kind: 'danger' })] })}${linkButton(t('account.device_forget.keep'), `${base}/sessions`)}</div>`,
    ],
  })
}
