import html from 'escape-html-template-tag'
import type { Method } from '../../src/policy/types.ts'
import type { Html } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { codeForm } from '../parts/code.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { problem } from '../parts/problem.ts'
import { listed } from '../parts/sentences.ts'
import { readableDate } from '../parts/time.ts'
import { accountLayout, type AccountPageContext, backToSection } from './frame.ts'

export interface TotpProps {
  /** base32 */
  key: string
  /** what the QR code says */
  uri: string
  /** data URL of an image */
  qr: string
  /** a phone cannot scan what it shows: the address opens the app there */
  onPhone: boolean
  /** `gone`: the key before waited too long */
  error?: 'wrong' | 'empty' | 'gone'
}

/** Two steps: the key, scanned, opened or typed; then the first code shows that it worked. */
export function totpPage(page: AccountPageContext, { key, uri, qr, onPhone, error }: TotpProps): Html {
  const { t, path } = page
  const text = error && t(`account.totp.${error}`)
  const atField = error === 'wrong' || error === 'empty'
  const step = (id: string, title: string, body: unknown) => html`<li><h2 id="${id}">${title}</h2>${body}</li>`
  return accountLayout(page, {
    title: t('account.totp.title'),
    current: 'ways',
    error: error !== undefined,
    mainForm: true,
    problem: when(text, (words) => problem(page, words, atField ? 'code' : undefined)),
    body: [
      html`<p>${t('account.totp.text')}</p>`,
      html`<ol class="setup">${[
        step('scan', t('account.totp.scan'), [
          onPhone ? linkButton(t('account.totp.open_app'), uri) : '',
          html`<p>${t('account.totp.scan_text')}</p><img class="qr" src="${qr}" alt="${t('account.totp.qr')}" width="200" height="200">`,
          html`<p id="key">${t('account.totp.type_key')}</p><div class="shown-key"><code>${grouped(key)}</code><button class="button outline" type="button" data-copy="${key}" data-copied="${t('page.copied')}" hidden aria-describedby="key"><span>${t('page.copy')}</span></button></div>`,
        ]),
        // Its words are the field's own.
        html`<li>${codeForm(page, {
          action: path,
          whole: 6,
          failed: error !== undefined,
          body: [
            field(page, {
              id: 'code',
              label: t('account.totp.first_code'),
              hint: t('account.totp.hint'),
              error: atField ? text : undefined,
              input: { class: 'code', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'done', maxlength: 12 },
            }),
            html`<div class="buttons">${button(t('account.totp.finish'), { kind: 'primary' })}</div>`,
          ],
        })}</li>`,
      ]}</ol>`,
      backToSection(page, 'ways'),
    ],
  })
}

/** Four by four, as it is typed: with places to break, and nothing between them that a copy would take along. */
const grouped = (key: string): Html[] => (key.match(/.{1,4}/g) ?? []).map((group) => html`<span>${group}</span><wbr>`)

export interface TotpRemoveProps {
  /** ms */
  since: number
  /** nothing else would open the account */
  last: boolean
  /** what else would */
  left: Exclude<Method, 'email_link'>[]
  /** this sign-in rests on it alone */
  usedHere: boolean
  /** somebody is told and can stop it */
  told: boolean
}

/** What is lost with it; or why it has to stay. */
export function totpRemovePage(page: AccountPageContext, { since, last, left, usedHere, told }: TotpRemoveProps): Html {
  const { t, path, base, locale } = page
  const keep = linkButton(t('account.totp_remove.keep'), `${base}/ways`)
  const body = last
    ? [
        html`<p>${t('account.totp_remove.last')}</p>`,
        html`<div class="buttons">${linkButton(t('account.ways.add_email'), `${base}/identifier-add/email`, 'primary')}${keep}</div>`,
      ]
    : [
        html`<p>${t('account.totp_remove.text', { date: readableDate(since, locale) })}</p>`,
        listed([
          ...(left.length === 1 ? [t(`account.identifier_remove.only_${left[0]!}`)] : []),
          ...(usedHere ? [t('account.totp_remove.signs_out')] : []),
          ...(told ? [t('account.totp_remove.told')] : []),
        ]),
        html`<div class="buttons">${form(page, { action: path, body: [hidden('remove', String(since)), button(t('account.totp_remove.remove'), { kind: 'danger' })] })}${keep}</div>`,
      ]
  return accountLayout(page, { title: t('account.totp_remove.title'), current: 'ways', body })
}
