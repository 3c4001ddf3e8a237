import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { codeErrorText, codePage, type CodeProps } from '../parts/code.ts'
import { identityRow } from '../parts/identity.ts'

/** Enter the code from your app. */
export function totpPage(page: PageContext, props: CodeProps): Html {
  const { t, theme } = page
  const { error, who, fixed = false } = props
  return codePage(page, props, {
    step: 'totp',
    title: t('login.totp.title'),
    icon: 'clock',
    intro: [...(error ? [] : [html`<p>${t('login.totp.text', { brand: theme.name })}</p>`]), html`${when(who, (name) => identityRow(page, name, { change: !fixed }))}`],
    hint: t('login.totp.hint'),
    input: { inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 12 },
    whole: 6,
    error: error && codeErrorText(page, 'totp', error, props),
    help: html`<p class="small">${t('login.totp.help')}</p>`,
  })
}
