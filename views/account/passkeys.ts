import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { type KeeperPicture, keeperPicture } from '../parts/keeper.ts'
import { localTime } from '../parts/local-time.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { readableDate } from '../parts/time.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface ListedPasskey extends KeeperPicture {
  /** names it in addresses */
  ref: string
  /** its own name, its keeper's, or where it was made; a number behind it where two would be called the same */
  name: string
  /** "iCloud Keychain", from the authenticator's AAGUID */
  storedIn?: string
  synced: boolean
  /** it was used or made in this browser */
  here: boolean
  isDefault: boolean
  /** "This was not me": it signs nobody in for now */
  paused: boolean
  /** ms */
  createdAt: number
  /** `at` in ms, `device` as "Chrome on Windows", `place` as "Leeds" */
  used?: { at: number; device?: string; place?: string }
}

export interface PasskeysProps {
  passkeys: ListedPasskey[]
  /** where one may be added, the place that leads first; empty: none is made here */
  add: ('here' | 'elsewhere')[]
  /** so many there are, and no more can be */
  most?: number
  signal: Signal
  /** nothing phishable opens the account */
  only: boolean
}

/** Every passkey with who keeps it, since when, and when it was used last. */
export function passkeysPage(page: AccountPageContext, { passkeys, add, most, signal: news, only }: PasskeysProps): Html {
  const { t, base } = page
  return accountLayout(page, {
    title: t('account.passkeys.title'),
    current: 'passkeys',
    body: [
      html`<p class="lead">${t('account.passkeys.text')}</p>`,
      passkeys.length === 0 ? html`<p class="hint">${t('account.passkeys.none')}</p>${passkeyAnswers(page)}` : '',
      add.length > 0 ? html`<div class="buttons">${add.map((place, index) => linkButton(t(labels[place]), addAt(page, place), index === 0 ? 'primary' : 'outline'))}</div>` : '',
      when(most, (n) => html`<p class="hint">${t('account.passkeys.most', { n })}</p>`),
      when(passkeys.length > 0, () => html`<ul class="cards">${passkeys.map((passkey) => card(page, passkey, passkeys.length > 1))}</ul>`),
      html`<section class="setting lone" aria-label="${t(only ? 'account.passkeys.only_turn_off' : 'account.passkeys.only_turn_on')}">${icon('lock')}<p>${t(only ? 'account.passkeys.only_on' : 'account.passkeys.only_off')}</p><div class="setting-action">${linkButton(t(only ? 'account.passkeys.only_turn_off' : 'account.passkeys.only_turn_on'), `${base}/passkeys-only`)}</div></section>`,
      signal(page, news),
    ],
  })
}

const labels = { here: 'account.passkeys.add', elsewhere: 'creation.elsewhere' } as const

const addAt = ({ base }: AccountPageContext, place: 'here' | 'elsewhere'): string => `${base}/passkey-create${place === 'elsewhere' ? '/elsewhere' : ''}`

function card(page: AccountPageContext, passkey: ListedPasskey, several: boolean): Html {
  const { t, base } = page
  const name = deviceName(page, passkey.name)
  // Which one is meant is clear to whoever sees it beside; for the others each says it.
  const link = (text: string, path: string) => html`<a class="link" href="${base}/${path}/${passkey.ref}">${text}<span class="visually-hidden"> ${name}</span></a>`
  return html`<li class="card passkey-card">${keeperPicture(page, passkey)}<div><h2 class="card-title">${name}</h2>${badges(page, passkey, several)}<p class="hint">${reach(page, passkey)}</p>${lastUsed(page, passkey)}<p class="hint">${t('account.passkeys.created', { date: readableDate(passkey.createdAt, page.locale) })}</p><div class="entry-actions">${[
    link(t('account.passkeys.rename'), 'passkey-rename'),
    several && !passkey.isDefault && !passkey.paused
      ? form(page, { action: `${base}/passkey-default`, body: [hidden('passkey', passkey.ref), button(t('account.passkeys.make_default'), { kind: 'link', attributes: { 'aria-label': `${t('account.passkeys.make_default')}: ${name}` } })] })
      : '',
    link(t('account.passkeys.remove'), 'passkey-remove'),
  ]}</div></div></li>`
}

function badges({ t }: AccountPageContext, { here, isDefault, paused }: ListedPasskey, several: boolean): Html | '' {
  const words = [paused && t('account.passkeys.paused'), here && t('account.passkeys.this_device'), several && isDefault && t('account.passkeys.default')].filter((word) => word !== false)
  return words.length > 0 ? html`<p class="tags">${words.map((word) => html`<span class="tag">${word}</span> `)}</p>` : ''
}

function reach({ t }: AccountPageContext, { synced, storedIn, name }: ListedPasskey): string {
  if (!synced) return [storedIn !== name && storedIn, t('account.passkeys.one_device')].filter(Boolean).join(' · ')
  return storedIn ? t('account.passkeys.synced_in', { place: storedIn }) : t('account.passkeys.synced')
}

function lastUsed(page: AccountPageContext, { used }: ListedPasskey): Html {
  const { t } = page
  if (!used) return html`<p class="hint">${t('account.passkeys.never_used')}</p>`
  const { at, device, place } = used
  const where = [device !== undefined && deviceName(page, device), place !== undefined && t('account.passkeys.near', { place })].filter((part) => part !== false)
  return html`<p class="hint">${t('account.passkeys.last_used')} ${localTime(page, at)}${where.map((part) => `, ${part}`)}</p>`
}
