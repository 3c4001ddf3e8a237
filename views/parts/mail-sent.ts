import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { hidden, form } from './form.ts'
import { button } from './button.ts'
import { identityRow } from './identity.ts'
import { rich } from './rich.ts'
import type { SentCodeProps } from './code.ts'

/** "We sent … to", the address, and what else is to be known of it. */
export function sentTo(page: PageContext, { who, to, fixed = false }: SentCodeProps, texts: { here: string; elsewhere: string }, after: Html | '' = ''): Html {
  const here = who !== undefined && to === who
  const row = who === undefined ? '' : identityRow(page, who, { change: !fixed })
  return html`<div class="sent"><p>${here ? texts.here : texts.elsewhere}</p>${row}${after}</div>`
}

/** How long it works. */
export const life = ({ t }: PageContext, { lifeMinutes: minutes }: SentCodeProps): Html => html`<p>${t('login.code.life', { minutes })}</p>`

/** Where else to look. On a machine without a mail server the mail is one press away. */
export const noMail = ({ t, mailboxUrl: url }: PageContext): Html =>
  html`<p class="small">${url === undefined ? t('login.email_otp.nothing') : rich(t('login.email_otp.mailbox'), { mailbox: (words) => html`<a href="${url}" target="_blank">${words}</a>` })}</p>`

/** The same for text messages. */
export const noText = ({ t, phoneUrl: url }: PageContext): Html =>
  html`<p class="small">${url === undefined ? t('login.sms_otp.nothing') : rich(t('login.sms_otp.mailbox'), { mailbox: (words) => html`<a href="${url}" target="_blank">${words}</a>` })}</p>`

/** Another mailbox has tries of its own. */
export const otherAddress = (page: PageContext): Html =>
  form(page, { action: `${page.base}/identifier`, body: [hidden('change', 'other'), button(page.t('login.create_account.other'), { kind: 'primary' })] })

/** Script asks whether the link was used in another tab; without it, and when it has asked long enough, the person asks. */
export function awaitLink({ t, base }: PageContext, { lifeMinutes }: SentCodeProps): Html {
  const check = (words: string) => html`<a class="link" href="${base}/email-link/check">${words}</a>`
  return html`<div data-poll="${base}/email-link/status" data-poll-used="${base}/email-link/check" data-poll-life="${lifeMinutes * 60}"><noscript><p class="line">${check(t('login.email_link.opened'))}</p></noscript><p class="line" data-poll-over hidden><span>${t('login.email_link.still_there')}</span>${check(t('login.email_link.check_again'))}</p></div>`
}
