import html from 'escape-html-template-tag'
import type { PasskeyNotice } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { button } from '../parts/button.ts'
import { field } from '../parts/field.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { keepSignedIn } from '../parts/keep-signed-in.ts'
import { insideApp, passkeyForm, withoutPasskeys } from '../parts/passkey.ts'
import { passkeyNotice, refusals, type Platform } from '../parts/passkey-notice.ts'
import { notice, problem } from '../parts/problem.ts'
import { status } from '../parts/status.ts'
import { waysOut, withTyped } from '../parts/ways-out.ts'

export interface IdentifierProps {
  value?: string
  error?: 'empty' | 'form' | 'local_part'
  /** a passkey was tried and not used: said here, quietly */
  notice?: PasskeyNotice
  /** with a notice: where the passkey is kept, "Apple Passwords" */
  keeper?: string
  platform?: Platform
  passkey: { options: object; freshRetry?: boolean }
  /** a passkey was used on this device before: it comes first */
  knownDevice: boolean
  inApp?: 'ios' | 'android'
  /** people are asked whether to stay signed in: whether the box is ticked */
  remember?: boolean
}

/** Sign in: one field, autofill of passkeys in it, and the passkey button. */
export function identifierPage(page: PageContext, props: IdentifierProps): Html {
  const { t } = page
  const title = t('login.identifier.title')
  const error = props.error && t(`login.identifier.${props.error}`)
  const news = props.notice && passkeyNotice(page, props.notice, props)
  const passkeyFirst = props.knownDevice && !props.inApp

  const email = form(page, {
    action: `${page.base}/identifier`,
    main: true,
    attributes: { 'data-immediate-first': !props.inApp },
    body: [
      hidden('capabilities', ''),
      field(page, {
        id: 'identifier',
        label: t('login.identifier.label'),
        error,
        input: {
          type: 'email',
          inputmode: 'email',
          value: props.value ?? '',
          autocomplete: 'username webauthn',
          autocapitalize: 'none',
          autocorrect: 'off',
          spellcheck: 'false',
          enterkeyhint: 'next',
          autofocus: !error && !passkeyFirst,
        },
      }),
      props.remember === undefined ? '' : keepSignedIn(page, props.remember),
      button(t('page.continue'), passkeyFirst ? { attributes: { 'data-lead-otherwise': true } } : { kind: 'primary' }),
    ],
  })
  const passkey = props.inApp
    ? insideApp(page, props.inApp)
    : html`${passkeyForm(page, {
        ...props.passkey,
        label: t(passkeyFirst ? 'passkey.continue' : 'passkey.sign_in'),
        kind: passkeyFirst ? 'primary' : 'outline',
        // What the server has refused would be answered to it again and again.
        conditional: !(props.notice && refusals.has(props.notice)),
        immediate: true,
        identifier: true,
        remember: props.remember !== undefined,
      })}${withoutPasskeys(page, passkeyFirst ? 'below' : 'above')}`

  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: true,
    body: [
      when(error, (text) => problem(page, text, 'identifier')),
      heading(page, title),
      when(news, ({ title, text }) => notice(title, text)),
      passkeyFirst
        ? html`<p class="lead">${t('passkey.gesture')}</p>${passkey}${status(page)}<p class="or">${t('login.identifier.or_email')}</p>${email}`
        : html`${email}<p class="or">${t('page.or')}</p>${passkey}${status(page)}`,
      waysOut(page, withTyped(page, t('login.identifier.new_here'), t('login.identifier.create'), { name: 'sign_up', value: '1' })),
    ],
  })
}
