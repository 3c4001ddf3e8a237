import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { breakable } from '../parts/breakable.ts'
import { button } from '../parts/button.ts'
import { atField, codeErrorText, codeForm, kindOfCode, resend, sentInput, type CodeError, type SentCodeProps } from '../parts/code.ts'
import { field } from '../parts/field.ts'
import { icon } from '../parts/icons.ts'
import { noMail, noText } from '../parts/mail-sent.ts'
import { problem } from '../parts/problem.ts'
import { accountLayout, backToSection, type AccountPageContext } from './frame.ts'

export interface IdentifierConfirmProps extends Pick<SentCodeProps, 'length' | 'letters' | 'lifeMinutes' | 'resendInSeconds'> {
  kind: 'email' | 'phone'
  /** as people write it */
  value: string
  error?: CodeError
  status?: 'resent'
}

const steps = { email: 'email_otp', phone: 'sms_otp' } as const

/** The code that was sent to an address or number that is to be theirs. */
export function identifierConfirmPage(page: AccountPageContext, props: IdentifierConfirmProps): Html {
  const { t } = page
  const { kind, value, error } = props
  const step = steps[kind]
  const title = t(`login.${step}.title_sign_up`)
  // Passkeys are no way to show that an address is theirs.
  const text = error && codeErrorText(page, step, error, { purpose: error.kind === 'budget' ? 'sign_up' : 'confirm', to: value })
  const atInput = error !== undefined && atField(error)
  const sent: SentCodeProps = { ...props, purpose: 'confirm', otherWays: false }
  return accountLayout(page, {
    title,
    current: 'ways',
    error: error !== undefined,
    mainForm: true,
    problem: text ? problem(page, text, atInput ? 'code' : undefined) : '',
    ...(props.status && { news: t('login.code.resent') }),
    body: [
      html`<div class="sent"><p>${t('login.code.sent', { kind: kindOfCode(page, sent) })}</p><div class="identity">${icon(kind === 'email' ? 'mail' : 'phone')}<span class="address">${breakable(value)}</span></div>${error ? '' : html`<p>${t('login.code.life', { minutes: props.lifeMinutes })}</p>`}</div>`,
      codeForm(page, {
        action: page.path,
        whole: props.length,
        failed: error !== undefined,
        body: [
          field(page, {
            id: 'code',
            label: t('login.code.label'),
            hint: t(`login.${step}.hint`),
            error: atInput ? text : undefined,
            input: { class: 'code', type: 'text', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'done', autofocus: error === undefined, ...sentInput(sent) },
          }),
          html`<div class="buttons">${button(t('page.continue'), { kind: 'primary' })}</div>`,
        ],
      }),
      html`<div>${resend(page, step, sent, page.path)}${kind === 'phone' ? noText(page) : noMail(page)}</div>`,
      backToSection(page, 'ways'),
    ],
  })
}
