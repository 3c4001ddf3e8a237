import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import type { Html, PageContext } from '../page.ts'
import { breakable } from './breakable.ts'
import { button, type ButtonKind } from './button.ts'
import { attributes, form, hidden } from './form.ts'
import { icon, type IconName } from './icons.ts'
import { passkeyForm } from './passkey.ts'

/** Where things are sent to, as far as that may be told here. */
export interface Targets {
  email?: string
  /** a number that was typed here */
  phone?: string
  /** … and of one that was not, after a proof, its last digits */
  phoneEnding?: string
}

export interface WayContext {
  to?: Targets | undefined
  /** the passkey request, where one may be made from this page */
  options?: object | undefined
}

const icons: Record<Way, IconName> = {
  passkey: 'passkey', other_device: 'phone', email_otp: 'mail', email_link: 'link', sms_otp: 'message', totp: 'clock', recovery_code: 'key',
}

const needsPasskeys = (way: Way): boolean => way === 'passkey' || way === 'other_device'

/** The first that works in a browser that knows no passkeys. */
export const withoutPasskey = (ways: Way[]): Way | undefined => ways.find((way) => !needsPasskeys(way))

/** The list of ways, one 56 px row each; with `lead` the first is the page's filled button. A row that needs script is not there without it. */
export function wayList(page: PageContext, ways: Way[], context: WayContext, { lead = false } = {}): Html {
  const [first] = lead ? ways : []
  const otherwise = first && needsPasskeys(first) ? withoutPasskey(ways) : undefined
  return html`<ul class="ways">${ways.map((way) => html`<li>${wayRow(page, way, context, { lead: way === first, leadOtherwise: way === otherwise })}</li>`)}</ul>`
}

function wayRow(page: PageContext, way: Way, context: WayContext, { lead, leadOtherwise }: { lead: boolean; leadOtherwise: boolean }): Html {
  const { options } = context
  const name = page.t(`way.${way}`)
  const row = html`<button class="row${lead ? ' primary' : ''}" type="submit"${attributes({ 'data-lead-otherwise': leadOtherwise })}>${icon(icons[way])}<span class="row-text"><span class="row-name">${name}</span><span class="hint">${breakable(wayHint(page, way, context))}</span></span>${icon('next')}</button>`
  if (way === 'passkey' && options) return passkeyForm(page, { options, label: name, row })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { class: 'row-form', 'data-needs-passkey': needsPasskeys(way), hidden: needsPasskeys(way) },
    body: [hidden('method', way), row],
  })
}

function wayHint({ t }: PageContext, way: Way, { to: { email, phone, phoneEnding } = {} }: WayContext): string {
  switch (way) {
    case 'email_otp':
    case 'email_link':
      return email ? t(`way.${way}.hint`, { email }) : t(`way.${way}.hint_plain`)
    case 'sms_otp':
      if (phone) return t('way.sms_otp.hint', { phone })
      return phoneEnding ? t('way.sms_otp.hint_ending', { ending: phoneEnding }) : t('way.sms_otp.hint_plain')
    default:
      return t(`way.${way}.hint`)
  }
}

/** One way as a plain button: the best other way after something did not work. */
export function wayButton(page: PageContext, way: Way, kind: ButtonKind, context: WayContext, { label = wayLabel(page, way, context), leadOtherwise = kind === 'outline' && !needsPasskeys(way) }: { label?: string | undefined; leadOtherwise?: boolean } = {}): Html {
  if (way === 'passkey' && context.options) return passkeyForm(page, { options: context.options, label, kind })
  return form(page, {
    action: `${page.base}/methods`,
    attributes: { 'data-needs-passkey': needsPasskeys(way), hidden: needsPasskeys(way) },
    body: [hidden('method', way), button(label, { kind, icon: icons[way], attributes: { 'data-lead-otherwise': leadOtherwise } })],
  })
}

/** What a press on it does, in words. */
export function wayLabel({ t }: PageContext, way: Way, { to: { email, phone } = {} }: WayContext): string {
  switch (way) {
    case 'passkey':
      return t('passkey.sign_in')
    case 'other_device':
      return t('way.use_phone')
    case 'email_otp':
      return email ? t('way.send_code', { email }) : t('way.send_code_plain')
    case 'email_link':
      return email ? t('way.send_link', { email }) : t('way.send_link_plain')
    case 'sms_otp':
      return phone ? t('way.send_text', { phone }) : t('way.send_text_plain')
    case 'totp':
      return t('way.use_app')
    case 'recovery_code':
      return t('way.use_recovery_code')
  }
}
