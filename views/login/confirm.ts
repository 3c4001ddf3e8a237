import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { problem } from '../parts/problem.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface ConfirmProps {
  kind: 'email' | 'phone'
  /** the address or number that was never proven */
  who: string
  /** a typing mistake may be put right now */
  canCorrect: boolean
  /** the form for that is open: what stands in it, and what is wrong with it */
  correct?: { value: string; error?: 'empty' | 'form' | 'local_part' | 'country' | 'no_such_number' | 'unavailable' }
}

/** Before anything else: the address or number that a sign-up has left unproven. */
export function confirmPage(page: PageContext, { kind, who, canCorrect, correct }: ConfirmProps): Html {
  const { t } = page
  const title = t(correct ? `login.confirm.${kind}.correct_title` : `login.confirm.${kind}.title`)
  const reason = correct?.error
  const error = reason && (reason === 'no_such_number' ? t('login.no_such_number') : reason === 'local_part' || reason === 'country' ? t(`login.sign_up.${reason}`) : t(`login.sign_up.${kind}.${reason}`))
  const action = `${page.base}/confirm`
  if (correct) {
    return layout(page, {
      title,
      error: error !== undefined,
      mainForm: true,
      body: [
        error ? problem(page, error, 'identifier') : '',
        heading(page, title),
        form(page, {
          action,
          main: true,
          body: [
            field(page, {
              id: 'identifier',
              label: t(`login.sign_up.${kind}.label`),
              error,
              input: kind === 'email'
                ? { type: 'email', inputmode: 'email', autocomplete: 'email', autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'next', value: correct.value, autofocus: !error }
                : { type: 'tel', inputmode: 'tel', autocomplete: 'tel', enterkeyhint: 'next', value: correct.value, autofocus: !error },
            }),
            button(t('login.confirm.send'), { kind: 'primary', attributes: { name: 'correct', value: '1' } }),
          ],
        }),
        linkButton(t('login.confirm.keep', { who }), action),
        status(page),
        waysOut(page),
      ],
    })
  }
  return layout(page, {
    title,
    body: [
      heading(page, title, { icon: kind === 'email' ? 'mail' : 'phone' }),
      html`<p>${t(`login.confirm.${kind}.text`)}</p>`,
      identityRow(page, who, { change: false }),
      form(page, { action, body: [hidden('send', '1'), button(t('login.confirm.send'), { kind: 'primary' })] }),
      canCorrect ? linkButton(t('login.confirm.correct'), `${action}?correct`) : '',
      status(page),
      waysOut(page),
    ],
  })
}
