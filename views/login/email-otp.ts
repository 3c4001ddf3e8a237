import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { identityRow } from '../parts/identity.ts'
import { passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { problem } from '../parts/problem.ts'
import { rich } from '../parts/rich.ts'
import { status } from '../parts/status.ts'
import { wait } from '../parts/wait.ts'
import { createAccount, otherWay, waysOut } from '../parts/ways-out.ts'

export type CodeError =
  | { kind: 'wrong'; triesLeft: number }
  | { kind: 'gone' | 'empty' }
  /** the mail server said that this address takes no mail */
  | { kind: 'unreachable' }
  /** s; `send_limit_none`: and no code of this sign-in is out that could be typed */
  | { kind: 'budget' | 'too_early' | 'send_limit' | 'send_limit_none'; retryAfter: number }

export interface EmailOtpProps {
  email: string
  purpose: 'sign_in' | 'sign_up'
  digits: number
  lifeMinutes: number
  /** 0: now */
  resendInSeconds: number
  error?: CodeError
  status?: 'resent'
  /** "Try another way" leads somewhere */
  otherWays: boolean
  /** on the way of somebody who is signed in already: the address is not up for change */
  fixed?: boolean
  passkeyOptions?: object
}

/** Check your email: one field for the code, a new code, other ways. */
export function emailOtpPage(page: PageContext, props: EmailOtpProps): Html {
  const { t } = page
  const { email, error } = props
  const signUp = props.purpose === 'sign_up'
  const title = t(signUp ? 'login.email_otp.title_sign_up' : 'login.email_otp.title')
  const text = error && errorText(page, error, props)
  const unreachable = error?.kind === 'unreachable'
  const spent = error?.kind === 'budget' || error?.kind === 'send_limit_none'
  const atField = error !== undefined && ['wrong', 'gone', 'empty'].includes(error.kind)
  const usePasskey = (kind: 'primary' | 'outline') =>
    when(props.passkeyOptions, (options) =>
      html`${passkeyForm(page, { options, label: t('passkey.sign_in'), kind })}${withoutPasskeys(page, !spent ? 'above' : props.otherWays ? 'below' : 'nowhere')}`,
    )

  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: !spent,
    body: [
      when(text, (words) => problem(page, words, atField ? 'code' : undefined)),
      // With an error on top, picture and explanation would push Continue off a small screen.
      heading(page, title, error ? {} : { icon: 'mail' }),
      spent
        ? [identityRow(page, email, { change: !props.fixed }), usePasskey('primary'), props.otherWays ? otherWays(page, props) : signUp ? otherAddress(page) : '', status(page)]
        : [
            unreachable ? identityRow(page, email, { change: false }) : sent(page, props, { short: atField }),
            unreachable ? unreachableWays(page, props) : '',
            codeForm(page, props, atField ? text : undefined),
            status(page, props.status ? t('login.email_otp.resent') : ''),
            html`<div>${resend(page, props)}${unreachable ? '' : html`<p class="small">${page.mailboxUrl ? mailbox(page, page.mailboxUrl) : t('login.email_otp.nothing')}</p>`}</div>`,
            props.passkeyOptions ? html`<p class="or">${t('page.or')}</p>${usePasskey('outline')}` : '',
          ],
      waysOut(page, signUp || props.fixed ? '' : createAccount(page), props.otherWays && !spent && !unreachable ? otherWay(page) : ''),
    ],
  })
}

/** Another mailbox has tries of its own. */
const otherAddress = (page: PageContext): Html =>
  form(page, { action: `${page.base}/identifier`, body: [hidden('change', 'other'), button(page.t('login.create_account.other'), { kind: 'primary' })] })

/** Most often a typing mistake. The code can still be typed: mail servers change their minds. */
function unreachableWays(page: PageContext, { email, fixed, otherWays }: EmailOtpProps): Html {
  const { t, base } = page
  const label = { 'aria-label': t('page.change_email', { email }) }
  const change = form(page, { action: `${base}/identifier`, body: [hidden('change', 'address'), button(t('page.change'), { kind: 'primary', attributes: label })] })
  return html`<div class="buttons">${fixed ? '' : change}${otherWays ? linkButton(t('page.other_way'), `${base}/methods`) : ''}</div>`
}

/** No codes for a while: the other ways become the way on. */
function otherWays(page: PageContext, { passkeyOptions }: EmailOtpProps): Html {
  const url = `${page.base}/methods`
  return passkeyOptions
    ? linkButton(page.t('page.other_way'), url, 'outline', { 'data-lead-otherwise': true })
    : linkButton(page.t('page.other_way'), url, 'primary')
}

/** `short`: beside an error, so that Continue stays in sight. */
function sent(page: PageContext, { email, purpose, digits, lifeMinutes: minutes, fixed = false }: EmailOtpProps, { short = false } = {}): Html {
  const { t } = page
  const words = t(short || purpose === 'sign_up' ? 'login.email_otp.sent_sign_up' : 'login.email_otp.sent', { digits })
  return html`<div class="sent"><p>${words}</p>${identityRow(page, email, { change: !fixed })}${short ? '' : html`<p>${t('login.email_otp.life', { minutes })}</p>`}</div>`
}

/** On a machine without a mail server the mail is one press away. */
const mailbox = ({ t }: PageContext, url: string): Html =>
  rich(t('login.email_otp.mailbox'), { mailbox: (words) => html`<a href="${url}" target="_blank">${words}</a>` })

function codeForm(page: PageContext, props: EmailOtpProps, error: string | undefined): Html {
  const { t } = page
  return form(page, {
    action: `${page.base}/email-otp`,
    main: true,
    attributes: { 'data-code': props.digits, 'data-once': props.error === undefined, 'data-checking': t('login.email_otp.checking') },
    body: [
      field(page, {
        id: 'code',
        label: t('login.email_otp.label'),
        hint: t('login.email_otp.hint'),
        error,
        input: {
          class: 'code',
          type: 'text',
          inputmode: 'numeric',
          autocomplete: 'one-time-code',
          maxlength: 12,
          autocorrect: 'off',
          spellcheck: 'false',
          enterkeyhint: 'done',
          autofocus: props.error === undefined,
        },
      }),
      button(t('page.continue'), { kind: props.error?.kind === 'unreachable' && !props.fixed ? 'outline' : 'primary' }),
    ],
  })
}

/** Without script the button is always there; with it a countdown stands in for it until a new code may be asked for. */
function resend(page: PageContext, { resendInSeconds }: EmailOtpProps): Html {
  const { t } = page
  return form(page, {
    action: `${page.base}/email-otp`,
    attributes: { class: 'line', 'data-resend': resendInSeconds, 'data-ready': t('login.email_otp.ready') },
    body: [
      hidden('resend', '1'),
      html`<span data-countdown hidden>${rich(t('login.email_otp.wait'), { time: () => html`<span class="figures" data-time></span>` })}</span>`,
      button(t('login.email_otp.resend'), { kind: 'link' }),
    ],
  })
}

function errorText(page: PageContext, error: CodeError, { email, fixed, purpose }: EmailOtpProps): string {
  const { t } = page
  const signUp = purpose === 'sign_up'
  switch (error.kind) {
    case 'wrong':
      return error.triesLeft <= 2 ? t('login.email_otp.wrong_last', { n: error.triesLeft }) : t('login.email_otp.wrong')
    case 'budget':
      return t(signUp ? 'login.email_otp.budget_sign_up' : 'login.email_otp.budget', { wait: wait(page, error.retryAfter) })
    case 'send_limit':
    case 'send_limit_none':
      return t(`login.email_otp.${error.kind}`, { wait: wait(page, error.retryAfter) })
    case 'unreachable':
      return t(fixed ? 'login.email_otp.unreachable_fixed' : 'login.email_otp.unreachable', { email })
    case 'too_early':
      return t('login.email_otp.too_early', { n: error.retryAfter })
    default:
      return t(`login.email_otp.${error.kind}`)
  }
}
