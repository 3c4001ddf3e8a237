import type { Html, PageContext } from '../page.ts'
import { atField, codeErrorText, codePage, kindOfCode, resend, sentInput, type SentCodeProps } from '../parts/code.ts'
import { awaitLink, life, noMail, otherAddress, sentTo } from '../parts/mail-sent.ts'

export type { CodeError } from '../parts/code.ts'
export type EmailOtpProps = SentCodeProps

/** Check your email: one field for the code, a new code, other ways. */
export function emailOtpPage(page: PageContext, props: EmailOtpProps): Html {
  const { t } = page
  const { error, purpose } = props
  const signsIn = purpose === 'sign_in'
  const kind = kindOfCode(page, props)
  // Beside an error Continue has to stay in sight.
  const short = error !== undefined && atField(error)
  const elsewhere = props.to === undefined ? t('login.email_otp.sent_plain', { kind }) : t('login.email_otp.sent_to', { kind, to: props.to })
  return codePage(page, props, {
    step: 'email_otp',
    title: t(signsIn ? 'login.email_otp.title' : 'login.email_otp.title_sign_up'),
    icon: 'mail',
    intro: sentTo(page, props, { here: t(short || !signsIn ? 'login.code.sent' : 'login.email_otp.sent', { kind }), elsewhere }, short ? '' : life(page, props)),
    hint: t(props.link ? 'login.email_otp.hint_link' : 'login.email_otp.hint'),
    input: sentInput(props),
    whole: props.length,
    error: error && codeErrorText(page, 'email_otp', error, props),
    ...(props.status && { news: t(props.status === 'resent' ? 'login.code.resent' : 'login.email_link.not_yet') }),
    help: [resend(page, 'email_otp', props), ...(error?.kind === 'unreachable' ? [] : [noMail(page)]), ...(props.link ? [awaitLink(page, props)] : [])],
    lastWay: purpose === 'sign_up' ? otherAddress(page) : '',
    confirms: purpose === 'confirm',
    signUp: !signsIn,
  })
}
