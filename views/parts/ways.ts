import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import type { Html, PageContext } from '../page.ts'
import { breakable } from './breakable.ts'
import { button, type ButtonKind } from './button.ts'
import { attributes, form, hidden } from './form.ts'
import { icon, type IconName } from './icons.ts'
import { passkeyForm } from './passkey.ts'

export interface WayContext {
  email?: string | undefined
  /** the passkey request, where one may be made from this page */
  options?: object | undefined
}

const icons: Record<Way, IconName> = { passkey: 'passkey', other_device: 'phone', email_otp: 'mail' }

/** The list of ways, one 56 px row each; with `lead` the first is the page's filled button. A row that needs script is not there without it. */
export function wayList(page: PageContext, ways: Way[], context: WayContext, { lead = false } = {}): Html {
  return html`<ul class="ways">${ways.map((way, i) => html`<li>${wayRow(page, way, context, lead && i === 0)}</li>`)}</ul>`
}

function wayRow(page: PageContext, way: Way, { email, options }: WayContext, lead: boolean): Html {
  const name = page.t(`way.${way}`)
  const row = html`<button class="row${lead ? ' primary' : ''}" type="submit"${attributes({ 'data-lead-otherwise': !lead && way === 'email_otp' })}>${icon(icons[way])}<span class="row-text"><span class="row-name">${name}</span><span class="hint">${breakable(wayHint(page, way, email))}</span></span>${icon('next')}</button>`
  if (way === 'passkey' && options) return passkeyForm(page, { options, label: name, row })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { class: 'row-form', 'data-needs-passkey': way !== 'email_otp', hidden: way !== 'email_otp' },
    body: [hidden('method', way), row],
  })
}

function wayHint({ t }: PageContext, way: Way, email?: string): string {
  if (way === 'email_otp') return email ? t('way.email_otp.hint', { email }) : t('way.email_otp.hint_plain')
  return t(`way.${way}.hint`)
}

/** One way as a plain button: the best other way after something did not work. */
export function wayButton(page: PageContext, way: Way, kind: ButtonKind, context: WayContext, label = wayLabel(page, way, context)): Html {
  if (way === 'passkey' && context.options) return passkeyForm(page, { options: context.options, label, kind })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { 'data-needs-passkey': way !== 'email_otp', hidden: way !== 'email_otp' },
    body: [hidden('method', way), button(label, { kind, icon: icons[way], attributes: { 'data-lead-otherwise': kind === 'outline' && way === 'email_otp' } })],
  })
}

function wayLabel({ t }: PageContext, way: Way, { email }: WayContext): string {
  if (way === 'passkey') return t('passkey.sign_in')
  if (way === 'other_device') return t('way.use_phone')
  return email ? t('way.send_code', { email }) : t('way.send_code_plain')
}
