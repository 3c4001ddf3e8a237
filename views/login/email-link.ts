import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { atField, codeErrorText, codePage, resend, sentInput, type SentCodeProps } from '../parts/code.ts'
import { awaitLink, life, noMail, otherAddress, sentTo } from '../parts/mail-sent.ts'

/** A link was sent: the page waits for it, and takes the code that it shows on another device. */
export function emailLinkPage(page: PageContext, props: SentCodeProps): Html {
  const { t } = page
  const { error, purpose } = props
  const signsIn = purpose === 'sign_in'
  const short = error !== undefined && atField(error)
  const elsewhere = props.to === undefined ? t('login.email_link.sent_plain') : t('login.email_link.sent_to', { to: props.to })
  const open = html`<p>${t(signsIn ? 'login.email_link.open' : 'login.email_link.open_sign_up')}</p>${life(page, props)}`
  return codePage(page, props, {
    step: 'email_link',
    title: t(signsIn ? 'login.email_link.title' : 'login.email_link.title_sign_up'),
    icon: 'link',
    intro: sentTo(page, props, { here: t('login.email_link.sent'), elsewhere }, short ? '' : open),
    label: t('login.email_link.label'),
    hint: t('login.email_otp.hint'),
    input: sentInput(props),
    whole: props.length,
    error: error && codeErrorText(page, 'email_link', error, props),
    ...(props.status && { news: t(props.status === 'resent' ? 'login.email_link.resent' : 'login.email_link.not_yet') }),
    help: [awaitLink(page, props), resend(page, 'email_link', props), ...(error?.kind === 'unreachable' ? [] : [noMail(page)])],
    lastWay: purpose === 'sign_up' ? otherAddress(page) : '',
    confirms: purpose === 'confirm',
    signUp: !signsIn,
  })
}
