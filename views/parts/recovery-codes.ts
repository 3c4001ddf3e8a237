import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { button } from './button.ts'
import { form, hidden } from './form.ts'
import { icon } from './icons.ts'
import { readableDate } from './time.ts'

export interface RecoveryCodesProps {
  codes: string[]
  /** what the form posts to: `codes` with `download` or with `done`, and `saved` where the box is ticked */
  action: string
  /** the box was not ticked */
  notSaved?: boolean
}

/** Left of them: from so many on it is time for new ones. */
export const few = 3

/** The codes, ways to keep them, and the word that they are kept. Without script the download is there, and that is enough. */
export function recoveryCodesForm(page: PageContext, { codes, action, notSaved = false }: RecoveryCodesProps): Html {
  const { t } = page
  const error = 'saved-error'
  const box = html`<input type="checkbox" id="saved" name="saved" value="1" required${notSaved ? html` aria-invalid="true" aria-describedby="${error}"` : ''}>`
  return form(page, {
    action,
    attributes: { class: 'saving' },
    body: [
      hidden('codes', codes.join(' ')),
      html`<ol class="recovery-codes" aria-label="${t('recovery_codes.list')}">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>`,
      html`<div class="keep">${[
        button(t('recovery_codes.download'), { attributes: { name: 'download', value: '1', 'data-stays': true } }),
        html`<button class="button outline" type="button" data-print hidden><span>${t('recovery_codes.print')}</span></button>`,
        html`<button class="button outline" type="button" data-copy="${codes.join('\n')}" data-copied="${t('page.copied')}" hidden><span>${t('page.copy')}</span></button>`,
      ]}</div>`,
      html`<div class="field${notSaved ? ' wrong' : ''}">${
        notSaved ? html`<p class="field-error" id="${error}">${icon('problem')}<span><span class="visually-hidden">${t('page.error')} </span>${t('recovery_codes.not_saved')}</span></p>` : ''
      }<div class="check">${box}<label for="saved">${t('recovery_codes.saved')}</label></div></div>`,
      html`<div class="buttons">${button(t('page.continue'), { kind: 'primary', attributes: { name: 'done', value: '1' } })}</div>`,
    ],
  })
}

/** What is downloaded: plain text that says what it is, whose, and from when. `at` in ms. */
export function recoveryCodesFile({ t, theme, locale, host }: PageContext, { codes, who, at }: { codes: string[]; who?: string; at: number }): string {
  const lines = [
    t('recovery_codes.file_title', { brand: theme.name }),
    ...(host === undefined ? [] : [host]),
    ...(who === undefined ? [] : [who]),
    readableDate(at, locale),
    '',
    ...codes.map((code, index) => `${String(index + 1).padStart(2)}. ${code}`),
    '',
    t('recovery_codes.once'),
    t('recovery_codes.file_older'),
    '',
  ]
  // Editors of every system show these as lines of their own.
  return lines.join('\r\n')
}
