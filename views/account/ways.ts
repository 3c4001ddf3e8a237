import html from 'escape-html-template-tag'
import type { IdentifierKind } from '../../src/storage/types.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { icon, type IconName } from '../parts/icons.ts'
import { few } from '../parts/recovery-codes.ts'
import { readableDate } from '../parts/time.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface ListedIdentifier {
  /** names it in addresses */
  ref: string
  /** as people write it */
  value: string
  /** absent where there is nothing to be confirmed */
  confirmed?: boolean
  /** the first of several */
  main: boolean
  mayBeMain: boolean
}

export interface IdentifierGroup {
  kind: IdentifierKind
  listed: ListedIdentifier[]
  /** one more may be added; a username is changed instead */
  canAdd: boolean
  max: number
}

export interface WaysProps {
  groups: IdentifierGroup[]
  /** nothing phishable signs in */
  passkeysOnly?: boolean
  passkeys: { name: string; icon?: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key' }[]
  /** absent: not used here. `since` in ms */
  totp?: { since?: number }
  /** absent: not used here */
  recoveryCodes?: { left?: number }
  /** would keep its owner out next time */
  toConfirm?: { kind: 'email' | 'phone'; ref: string }
}

const icons: Record<IdentifierKind, IconName> = { email: 'mail', phone: 'phone', username: 'person' }

/** Everything that opens the account, each with its state and what can be done about it. */
export function waysToSignInPage(page: AccountPageContext, { groups, passkeysOnly = false, passkeys, totp, recoveryCodes, toConfirm }: WaysProps): Html {
  const { t } = page
  return accountLayout(page, {
    title: t('account.ways.title'),
    current: 'ways',
    body: [
      when(toConfirm, (entry) => confirmBar(page, entry)),
      when(recoveryCodes?.left !== undefined && recoveryCodes.left <= few && recoveryCodes, ({ left = 0 }) => fewCodesBar(page, left)),
      html`<p class="lead">${t(passkeysOnly ? 'account.ways.text_passkeys_only' : 'account.ways.text')}</p>`,
      html`<div class="settings">${[
        ...groups.map((group) => identifierGroup(page, group)),
        setting(page, { id: 'passkeys', name: 'passkey', body: passkeyList(page, passkeys), action: action(page, t('account.ways.see_passkeys'), 'passkeys', t('account.ways.passkeys')) }),
        when(totp, (state) => totpSetting(page, state)),
        when(recoveryCodes, (state) => recoveryCodesSetting(page, state)),
      ]}</div>`,
    ],
  })
}

/** "Confirm your email, so that you can sign in next time. Send me a code" */
function confirmBar(page: PageContext, { kind, ref }: NonNullable<WaysProps['toConfirm']>): Html {
  const send = form(page, { action: `${page.base}/identifier-confirm`, body: [hidden('send', ref), button(page.t('account.ways.send_me_code'), { kind: 'primary' })] })
  return html`<div class="box warning bar">${icon('info')}<div><p>${page.t(`account.ways.confirm_${kind}`)}</p>${send}</div></div>`
}

/** "You have 3 codes left. Make new codes" */
function fewCodesBar({ t, base }: PageContext, n: number): Html {
  return html`<div class="box warning bar">${icon('info')}<div><p>${t('account.recovery_codes.left', { n })}</p>${linkButton(t('account.ways.make_new_codes'), `${base}/recovery-codes`)}</div></div>`
}

type Setting = 'email' | 'phone' | 'username' | 'passkeys' | 'totp' | 'recovery_codes'

function setting({ t }: PageContext, { id, name, body, action = '' }: { id: Setting; name: IconName; body: unknown; action?: unknown }): Html {
  return html`<section class="setting" aria-labelledby="${id}">${icon(name)}<div class="setting-body"><h2 id="${id}">${t(`account.ways.${id}`)}</h2>${body}</div>${action}</section>`
}

const action = (page: PageContext, text: string, path: string, more = ''): Html =>
  html`<div class="setting-action">${linkButton(text, `${page.base}/${path}`, 'outline', more ? { 'aria-label': `${text}: ${more}` } : {})}</div>`

function identifierGroup(page: PageContext, { kind, listed, canAdd, max }: IdentifierGroup): Html {
  const { t } = page
  const changed = kind === 'username' && listed.length > 0
  return setting(page, {
    id: kind,
    name: icons[kind],
    body: [
      kind !== 'username' && listed.some(({ mayBeMain }) => mayBeMain) ? html`<p class="hint">${t(kind === 'phone' ? 'account.ways.main_hint_phone' : 'account.ways.main_hint')}</p>` : '',
      listed.length === 0 ? html`<p class="hint">${t(`account.ways.none_${kind}`)}</p>` : html`<ul class="entries">${listed.map((entry) => identifierEntry(page, kind, entry, listed.length))}</ul>`,
      !canAdd && kind !== 'username' ? html`<p class="hint">${t(`account.ways.most_${kind}`, { n: max })}</p>` : '',
    ],
    action: canAdd ? action(page, t(changed ? 'account.ways.change_username' : `account.ways.add_${kind}`), `identifier-add/${kind}`, changed ? t('account.ways.username') : '') : '',
  })
}

function identifierEntry(page: PageContext, kind: IdentifierKind, { ref, value, confirmed, main, mayBeMain }: ListedIdentifier, count: number): Html {
  const { t, base } = page
  // Which one is meant is clear to whoever sees it beside; for the others each says it.
  const link = (text: string, path: string) => html`<a class="link" href="${base}/${path}">${text}<span class="visually-hidden"> ${value}</span></a>`
  const press = (text: string, path: string, name: string) =>
    form(page, { action: `${base}/${path}`, body: [hidden(name, ref), button(text, { kind: 'link', attributes: { 'aria-label': `${text}: ${value}` } })] })
  const phone = kind === 'phone'
  const state = confirmed === undefined ? '' : t(confirmed ? 'account.ways.confirmed' : 'account.ways.unconfirmed')
  const tag = main && count > 1 ? html` <span class="tag">${t(phone ? 'account.ways.main_phone' : 'account.ways.main')}</span>` : ''
  return html`<li><p class="entry-name">${breakable(value)}</p>${state ? html`<p class="${confirmed ? 'hint' : 'hint unconfirmed'}">${state}${tag}</p>` : ''}<div class="entry-actions">${[
    confirmed === false ? [press(t('account.ways.send_code'), 'identifier-confirm', 'send'), link(t('account.ways.correct'), `identifier-correct/${ref}`)] : '',
    mayBeMain ? press(t(phone ? 'account.ways.make_primary_phone' : 'account.ways.make_primary'), 'identifier-primary', 'identifier') : '',
    link(t('account.ways.remove'), `identifier-remove/${ref}`),
  ]}</div></li>`
}

function passkeyList(page: PageContext, passkeys: WaysProps['passkeys']): Html {
  const { t } = page
  if (passkeys.length === 0) return html`<p class="hint">${t('account.ways.none_passkeys')}</p>`
  return html`<ul class="entries">${passkeys.map(({ name }) => html`<li><p class="entry-name">${deviceName(page, name)}</p></li>`)}</ul>`
}

function totpSetting(page: PageContext, { since }: NonNullable<WaysProps['totp']>): Html {
  const { t, locale, base } = page
  return setting(page, {
    id: 'totp',
    name: 'clock',
    body: since === undefined
      ? html`<p class="hint">${t('account.ways.totp_none')}</p>`
      : html`<p class="hint">${t('account.ways.totp_since', { date: readableDate(since, locale) })}</p><div class="entry-actions"><a class="link" href="${base}/totp">${t('account.ways.remove')}<span class="visually-hidden"> ${t('account.ways.totp')}</span></a></div>`,
    action: since === undefined ? action(page, t('account.ways.set_up'), 'totp', t('account.ways.totp')) : '',
  })
}

function recoveryCodesSetting(page: PageContext, { left }: NonNullable<WaysProps['recoveryCodes']>): Html {
  const { t } = page
  return setting(page, {
    id: 'recovery_codes',
    name: 'key',
    body: html`<p class="hint">${left === undefined ? t('account.ways.codes_none') : t('account.ways.codes_left', { n: left })}</p>`,
    action: action(page, t(left === undefined ? 'account.ways.make_codes' : 'account.ways.make_new_codes'), 'recovery-codes'),
  })
}
