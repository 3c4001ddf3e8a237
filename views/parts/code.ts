import html from 'escape-html-template-tag'
import type { OtherMethod } from '../../src/policy/types.ts'
import type { CheckResult } from '../../src/verification/method.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button, linkButton } from './button.ts'
import { field } from './field.ts'
import { form, hidden } from './form.ts'
import { heading } from './heading.ts'
import type { IconName } from './icons.ts'
import { changeLabel, identityRow } from './identity.ts'
import { insideApp, passkeyForm, withoutPasskeys } from './passkey.ts'
import { problem } from './problem.ts'
import { rich } from './rich.ts'
import { status } from './status.ts'
import { wait } from './wait.ts'
import { createAccount, otherWay, waysOut } from './ways-out.ts'

export type CodeError =
  | { kind: 'wrong'; triesLeft: number }
  | { kind: 'gone' | 'link_gone' | 'empty' }
  /** the server behind the address said that it takes nothing */
  | { kind: 'unreachable' }
  /** s; `send_limit_none`: and no code of this sign-in is out that could be typed */
  | { kind: 'budget' | 'too_early' | 'send_limit' | 'send_limit_none'; retryAfter: number }

/** What every screen that takes a code is told. */
export interface CodeProps {
  /** who signs in, as people write it; absent where nothing was typed */
  who?: string
  error?: CodeError
  /** "Try another way" leads somewhere */
  otherWays: boolean
  /** on the way of somebody who is signed in already: who it is, is not up for change */
  fixed?: boolean
  passkeyOptions?: object
  /** in another app's browser: why there is no button, and how to get one */
  inApp?: 'ios' | 'android'
}

/** … and where the code is sent. */
export interface SentCodeProps extends CodeProps {
  /** `confirm`: somebody who is signed in shows that it is theirs */
  purpose: 'sign_in' | 'sign_up' | 'confirm'
  /** where it went, as far as it may be told here */
  to?: string
  /** characters, and whether they are letters too */
  length: number
  letters?: boolean
  lifeMinutes: number
  /** 0: now */
  resendInSeconds: number
  status?: 'resent' | 'not_yet'
  /** the same mail carries a link: the page notices when it is used */
  link?: boolean
}

/** What is different from screen to screen. */
export interface CodeScreenParts {
  /** names the texts and the address */
  step: OtherMethod
  title: string
  icon: IconName
  /** above the field */
  intro: Html | Html[]
  label?: string
  hint: string
  /** of the field */
  input: Record<string, string | number | boolean>
  /** characters of a whole code: filled in or pasted it sends itself; absent: never */
  whole?: number
  error: string | undefined
  /** news, said once */
  news?: string
  /** below the field */
  help: Html | Html[] | ''
  /** beside the passkey button */
  passkeyHint?: string
  /** offered instead of the ways on where codes are spent and nothing else is there */
  lastWay?: Html | ''
  /** of something that a sign-up left unproven: a typing mistake in it can be put right */
  confirms?: boolean
  signUp?: boolean
}

/** One field for a code, what helps when there is none, other ways. */
export function codePage(page: PageContext, props: CodeProps, parts: CodeScreenParts): Html {
  const { t } = page
  const { who, error, fixed = false } = props
  const { step, title, input, label = t('login.code.label'), hint, whole } = parts
  const unreachable = error?.kind === 'unreachable'
  const spent = error?.kind === 'budget' || error?.kind === 'send_limit_none'
  const wrong = error !== undefined && atField(error)
  const usePasskey = (kind: 'primary' | 'outline') =>
    when(props.passkeyOptions, (options) =>
      html`${passkeyForm(page, { options, label: t('passkey.sign_in'), kind })}${withoutPasskeys(page, !spent ? 'above' : props.otherWays ? 'below' : 'nowhere')}`,
    )
  const typed = () =>
    codeForm(page, {
      action: `${page.base}/${step.replaceAll('_', '-')}`,
      whole,
      failed: error !== undefined,
      body: [
        field(page, {
          id: 'code',
          label,
          hint,
          error: wrong ? parts.error : undefined,
          input: { class: 'code', type: 'text', autocorrect: 'off', spellcheck: 'false', enterkeyhint: 'done', autofocus: error === undefined, ...input },
        }),
        button(t('page.continue'), { kind: unreachable && !fixed ? 'outline' : 'primary' }),
      ],
    })

  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: !spent,
    body: [
      when(parts.error, (words) => problem(page, words, wrong ? 'code' : undefined)),
      // With an error on top, picture and explanation would push Continue off a small screen.
      heading(page, title, error ? {} : { icon: parts.icon }),
      spent
        ? [when(who, (name) => identityRow(page, name, { change: !fixed })), usePasskey('primary'), props.otherWays ? otherWays(page, props) : parts.confirms ? linkButton(t('login.confirm.correct'), `${page.base}/confirm`, 'primary') : parts.lastWay ?? '', status(page)]
        : [
            unreachable ? [when(who, (name) => identityRow(page, name, { change: false })), unreachableWays(page, props)] : parts.intro,
            typed(),
            status(page, parts.news ?? ''),
            html`<div>${parts.help}</div>`,
            props.inApp && !unreachable ? insideApp(page, props.inApp) : '',
            props.passkeyOptions
              ? [html`<p class="or">${t('page.or')}</p>`, usePasskey('outline'), when(parts.passkeyHint, (words) => html`<p class="small">${words}</p>`)]
              : '',
          ],
      waysOut(page, parts.signUp || fixed ? '' : createAccount(page), parts.confirms && !spent ? html`<p class="line"><a class="link" href="${page.base}/confirm">${t('login.confirm.correct')}</a></p>` : '', props.otherWays && !spent && !unreachable ? otherWay(page) : ''),
    ],
  })
}

/** The page's main form, around the field `code`. A whole code (`whole`: its characters) that is filled in or pasted sends itself, unless one has failed. */
export function codeForm(page: PageContext, { action, whole, failed, body }: { action: string; whole: number | undefined; failed: boolean; body: unknown }): Html {
  return html`${form(page, {
    action,
    main: true,
    attributes: { 'data-code': whole, 'data-once': whole !== undefined && !failed, 'data-checking': page.t('login.code.checking') },
    body,
  })}<script type="module" src="${page.asset('codes.js')}"></script>`
}

/** What a page says of a code that proved nothing. One whose last try was wrong is one that no longer works. */
export function codeErrorOf(answer: Exclude<CheckResult, { ok: true }>): CodeError {
  if (answer.reason === 'budget') return { kind: 'budget', retryAfter: answer.retryAfter }
  return answer.reason === 'wrong' && answer.triesLeft > 0 ? { kind: 'wrong', triesLeft: answer.triesLeft } : { kind: 'gone' }
}

/** What a page says where nothing was sent. A wait that no two codes have between them is that of as many codes as may be sent. */
export const sendErrorOf = ({ reason, retryAfter }: { reason: 'too_early' | 'send_limit'; retryAfter: number }): CodeError =>
  ({ kind: reason === 'too_early' && retryAfter > 60 ? 'send_limit' : reason, retryAfter })

/** The error is about what was typed. */
export const atField = (error: CodeError): boolean => ['wrong', 'gone', 'link_gone', 'empty'].includes(error.kind)

/** "6-digit" */
export const kindOfCode = ({ t }: PageContext, { length: n, letters }: SentCodeProps): string => t(letters ? 'login.code.kind_letters' : 'login.code.kind_digits', { n })

/** The field of a code that was sent. */
export const sentInput = ({ letters }: SentCodeProps): CodeScreenParts['input'] =>
  letters
    ? { inputmode: 'text', autocapitalize: 'characters', autocomplete: 'one-time-code', maxlength: 16 }
    : { inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 12 }

/** No codes for a while: the other ways become the way on. */
function otherWays(page: PageContext, { passkeyOptions }: CodeProps): Html {
  const url = `${page.base}/methods`
  return passkeyOptions
    ? linkButton(page.t('page.other_way'), url, 'outline', { 'data-lead-otherwise': true })
    : linkButton(page.t('page.other_way'), url, 'primary')
}

/** Most often a typing mistake. The code can still be typed: servers change their minds. */
function unreachableWays(page: PageContext, { who, fixed, otherWays }: CodeProps): Html {
  const { t, base } = page
  const label = who === undefined ? {} : { 'aria-label': changeLabel(page, who) }
  const change = form(page, { action: `${base}/identifier`, body: [hidden('change', 'address'), button(t('page.change'), { kind: 'primary', attributes: label })] })
  return html`<div class="buttons">${fixed ? '' : change}${otherWays ? linkButton(t('page.other_way'), `${base}/methods`) : ''}</div>`
}

/** Without script the button is always there; with it a countdown stands in for it until a new code may be asked for. */
export function resend(page: PageContext, step: OtherMethod, { resendInSeconds }: SentCodeProps, action = `${page.base}/${step.replaceAll('_', '-')}`): Html {
  const { t } = page
  return form(page, {
    action,
    attributes: { class: 'line', 'data-resend': resendInSeconds, 'data-ready': t('login.code.ready') },
    body: [
      hidden('resend', '1'),
      html`<span data-countdown hidden>${rich(t('login.code.wait'), { time: () => html`<span class="figures" data-time></span>` })}</span>`,
      button(t('login.code.resend'), { kind: 'link' }),
    ],
  })
}

/** What happened and what to do, in the words of one screen. */
export function codeErrorText(page: PageContext, step: OtherMethod, error: CodeError, { to, who, fixed, purpose }: Partial<SentCodeProps>): string {
  const { t } = page
  const sent = purpose !== undefined
  switch (error.kind) {
    case 'wrong':
      return error.triesLeft > 2 ? t('login.code.wrong') : t(sent ? 'login.code.wrong_last' : 'login.totp.wrong_last', { n: error.triesLeft })
    case 'budget':
      return t(purpose === 'sign_up' ? 'login.code.budget_sign_up' : 'login.code.budget', { wait: wait(page, error.retryAfter) })
    case 'send_limit':
    case 'send_limit_none':
      return t(`login.code.${error.kind}`, { wait: wait(page, error.retryAfter) })
    case 'unreachable':
      return t(fixed ? 'login.code.unreachable_fixed' : 'login.code.unreachable', { email: to ?? who ?? '' })
    case 'too_early':
      return t('login.code.too_early', { n: error.retryAfter })
    case 'link_gone':
      return t('login.email_link.link_gone')
    default:
      return t(`login.${step}.${error.kind}`)
  }
}
