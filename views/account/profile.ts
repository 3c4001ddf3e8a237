import html from 'escape-html-template-tag'
import { localeNames, type Locale } from '../../src/i18n/index.ts'
import type { Html } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form } from '../parts/form.ts'
import { icon } from '../parts/icons.ts'
import { problem } from '../parts/problem.ts'
import { accountLayout, type AccountPageContext } from './frame.ts'

export interface ProfileProps {
  name: string
  languages: Locale[]
  error?: 'long'
}

/** What apps call the person, in which language we speak, and what we know as a file. */
export function profilePage(page: AccountPageContext, { name, languages, error }: ProfileProps): Html {
  const { t, path, base, locale } = page
  const text = error && t(`account.profile.${error}`)
  return accountLayout(page, {
    title: t('account.profile.title'),
    current: 'profile',
    error: error !== undefined,
    problem: text ? problem(page, text, 'name') : '',
    body: [
      form(page, {
        action: path,
        body: [
          field(page, { id: 'name', label: t('account.profile.name'), hint: t('account.profile.name_hint'), error: text, input: { type: 'text', autocomplete: 'name', maxlength: 100, required: false, enterkeyhint: 'done', value: name } }),
          languages.length > 1
            ? html`<fieldset class="choices"><legend>${t('account.profile.language')}</legend>${languages.map((one) => html`<label class="check"><input type="radio" name="language" value="${one}"${one === locale ? html` checked` : ''}><span lang="${one}">${localeNames[one]}</span></label>`)}</fieldset>`
            : '',
          html`<div class="buttons">${button(t('account.identifier.save'), { kind: 'primary' })}</div>`,
        ],
      }),
      html`<section class="setting lone" aria-labelledby="data">${icon('link')}<div class="setting-body"><h2 id="data">${t('account.profile.data')}</h2><p class="hint">${t('account.profile.data_text')}</p></div><div class="setting-action">${form(page, { action: `${base}/data`, body: button(t('account.profile.download'), { attributes: { 'data-stays': true } }) })}</div></section>`,
    ],
  })
}
