import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form } from '../parts/form.ts'
import { problem } from '../parts/problem.ts'
import { accountLayout, backToSection, type AccountPageContext } from './frame.ts'

export interface PasskeyRenameProps {
  /** what it is called now */
  name: string
  /** its own name, to be changed */
  value: string
  error?: 'empty' | 'long'
}

/** One field: what the passkey is to be called. */
export function passkeyRenamePage(page: AccountPageContext, { name, value, error }: PasskeyRenameProps): Html {
  const { t, path } = page
  const title = t('account.passkey_rename.title', { name })
  const text = error && t(`account.passkey_rename.${error}`)
  return accountLayout(page, {
    title,
    current: 'passkeys',
    error: error !== undefined,
    mainForm: true,
    problem: text ? problem(page, text, 'name') : '',
    body: [
      form(page, {
        action: path,
        main: true,
        body: [
          field(page, {
            id: 'name',
            label: t('account.passkey_rename.label'),
            hint: t('account.passkey_rename.hint'),
            error: text,
            input: { type: 'text', maxlength: 64, autocomplete: 'off', enterkeyhint: 'done', autofocus: error === undefined, value },
          }),
          html`<div class="buttons">${button(t('account.identifier.save'), { kind: 'primary' })}</div>`,
        ],
      }),
      backToSection(page, 'passkeys'),
    ],
  })
}
