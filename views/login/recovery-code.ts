import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { codeErrorText, codePage, type CodeProps } from '../parts/code.ts'
import { identityRow } from '../parts/identity.ts'

/** Enter a recovery code. */
export function recoveryCodePage(page: PageContext, props: CodeProps): Html {
  const { t } = page
  const { error, who, fixed = false } = props
  return codePage(page, props, {
    step: 'recovery_code',
    title: t('login.recovery_code.title'),
    icon: 'key',
    intro: [...(error ? [] : [html`<p>${t('login.recovery_code.text')}</p>`]), html`${when(who, (name) => identityRow(page, name, { change: !fixed }))}`],
    label: t('login.recovery_code.label'),
    hint: t('login.recovery_code.hint'),
    input: { inputmode: 'text', autocomplete: 'off', autocapitalize: 'characters', maxlength: 24 },
    error: error && codeErrorText(page, 'recovery_code', error, props),
    help: '',
  })
}
