import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { button, type ButtonKind } from './button.ts'
import { attributes, form, hidden } from './form.ts'
import { icon, type IconName } from './icons.ts'
import { passkeyForm } from './passkey.ts'

/** A way to sign in that the person may pick now. */
export interface Way {
  method: 'passkey' | 'other_device' | 'email_otp'
}

export interface WayContext {
  email?: string | undefined
  /** the passkey request, where one may be made from this page */
  options?: object | undefined
}

const icons: Record<Way['method'], IconName> = { passkey: 'passkey', other_device: 'phone', email_otp: 'mail' }

/** The list of ways, one 56 px row each; with `lead` the first is the page's filled button. A row that needs script is not there without it. */
export function wayList(page: PageContext, ways: Way[], context: WayContext, { lead = false } = {}): Html {
  return html`<ul class="ways">${ways.map((way, i) => html`<li>${wayRow(page, way, context, lead && i === 0)}</li>`)}</ul>`
}

function wayRow(page: PageContext, { method }: Way, { email, options }: WayContext, lead: boolean): Html {
  const name = page.t(`way.${method}`)
  const row = html`<button class="row${lead ? ' primary' : ''}" type="submit"${attributes({ 'data-lead-otherwise': !lead && method === 'email_otp' })}>${icon(icons[method])}<span class="row-text"><span class="row-name">${name}</span><span class="hint">${wayHint(page, method, email)}</span></span>${icon('next')}</button>`
  if (method === 'passkey' && options) return passkeyForm(page, { options, label: name, row })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { class: 'row-form', 'data-needs-passkey': method !== 'email_otp', hidden: method !== 'email_otp' },
    body: [hidden('method', method), row],
  })
}

function wayHint({ t }: PageContext, method: Way['method'], email?: string): string {
  if (method === 'email_otp') return email ? t('way.email_otp.hint', { email }) : t('way.email_otp.hint_plain')
  return t(`way.${method}.hint`)
}

/** One way as a plain button: the best other way after something did not work. */
export function wayButton(page: PageContext, way: Way, kind: ButtonKind, context: WayContext, label = wayLabel(page, way, context)): Html {
  if (way.method === 'passkey' && context.options) return passkeyForm(page, { options: context.options, label, kind })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { 'data-needs-passkey': way.method !== 'email_otp', hidden: way.method !== 'email_otp' },
    body: [hidden('method', way.method), button(label, { kind, icon: icons[way.method], attributes: { 'data-lead-otherwise': kind === 'outline' && way.method === 'email_otp' } })],
  })
}

function wayLabel({ t }: PageContext, { method }: Way, { email }: WayContext): string {
  if (method === 'passkey') return t('passkey.sign_in')
  if (method === 'other_device') return t('way.use_phone')
  return email ? t('way.send_code', { email }) : t('way.send_code_plain')
}
