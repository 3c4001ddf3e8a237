import type { Html, PageContext } from '../page.ts'
import { atField, codeErrorText, codePage, kindOfCode, resend, sentInput, type SentCodeProps } from '../parts/code.ts'
import { life, noText, otherAddress, sentTo } from '../parts/mail-sent.ts'

export interface SmsOtpProps extends SentCodeProps {
  /** the last digits of a number that was not typed here, after a proof */
  ending?: string
}

/** Check your phone: the code that came as a text message. */
export function smsOtpPage(page: PageContext, props: SmsOtpProps): Html {
  const { t } = page
  const { error, purpose, to, ending } = props
  const signsIn = purpose === 'sign_in'
  const kind = kindOfCode(page, props)
  const short = error !== undefined && atField(error)
  const elsewhere =
    ending !== undefined ? t('login.sms_otp.sent_ending', { kind, ending }) : to === undefined ? t('login.sms_otp.sent_plain', { kind }) : t('login.sms_otp.sent_to', { kind, to })
  return codePage(page, props, {
    step: 'sms_otp',
    title: t(signsIn ? 'login.sms_otp.title' : 'login.sms_otp.title_sign_up'),
    icon: 'message',
    intro: sentTo(page, props, { here: t(short || !signsIn ? 'login.code.sent' : 'login.sms_otp.sent', { kind }), elsewhere }, short ? '' : life(page, props)),
    hint: t('login.sms_otp.hint'),
    input: sentInput(props),
    whole: props.length,
    error: error && codeErrorText(page, 'sms_otp', error, props),
    ...(props.status === 'resent' && { news: t('login.code.resent') }),
    help: [resend(page, 'sms_otp', props), ...(error?.kind === 'unreachable' ? [] : [noText(page)])],
    passkeyHint: t('login.sms_otp.better'),
    lastWay: purpose === 'sign_up' ? otherAddress(page) : '',
    confirms: purpose === 'confirm',
    signUp: !signsIn,
  })
}
