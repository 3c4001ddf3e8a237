import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { keepSignedIn } from '../parts/keep-signed-in.ts'
import { problem } from '../parts/problem.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { waysOut, withTyped } from '../parts/ways-out.ts'

export interface SignUpProps {
  value?: string
  error?: 'empty' | 'form' | 'local_part' | 'taken'
  /** people are asked whether to stay signed in: whether the box is ticked */
  remember?: boolean
}

/** Create your account. No passkey autofill here: an old passkey offered now would confuse. */
export function signUpPage(page: PageContext, { value = '', error: reason, remember }: SignUpProps): Html {
  const { t, theme } = page
  const title = t('login.sign_up.title')
  const error = reason && (reason === 'taken' ? t('login.sign_up.taken') : t(`login.identifier.${reason}`))
  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: true,
    body: [
      when(error, (text) => problem(page, text, 'identifier')),
      heading(page, title),
      form(page, {
        action: `${page.base}/sign-up`,
        main: true,
        body: [
          hidden('capabilities', ''),
          field(page, {
            id: 'identifier',
            label: t('login.sign_up.label'),
            hint: t('login.sign_up.hint'),
            error,
            input: {
              type: 'email',
              inputmode: 'email',
              value,
              autocomplete: 'email',
              autocapitalize: 'none',
              autocorrect: 'off',
              spellcheck: 'false',
              enterkeyhint: 'next',
              autofocus: !error,
            },
          }),
          remember === undefined ? '' : keepSignedIn(page, remember),
          button(t('page.continue'), { kind: 'primary' }),
        ],
      }),
      status(page),
      theme.termsUrl && theme.privacyUrl
        ? html`<p class="small">${rich(t('login.sign_up.terms'), {
            terms: (words) => html`<a href="${theme.termsUrl}">${words}</a>`,
            privacy: (words) => html`<a href="${theme.privacyUrl}">${words}</a>`,
          })}</p>`
        : '',
      waysOut(
        page,
        withTyped(page, t('login.sign_up.have_account'), t('login.sign_up.sign_in'), { name: 'change', value: 'sign_in' }),
      ),
    ],
  })
}
