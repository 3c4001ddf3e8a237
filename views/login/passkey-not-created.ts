import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { button } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { passkeyCreateForm } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { backToApp, useCode } from '../parts/ways-out.ts'

export interface PasskeyNotCreatedProps {
  reason: 'closed' | 'exists' | 'failed'
  /** of the passkey that is here already */
  name?: string
  /** already written out: "3 Feb 2026" */
  createdAt?: string
  /** a fresh request, where trying again may work */
  options?: object
  /** the app needs one: there is no going on without */
  required?: boolean
  /** the account would have been made with it */
  signUp?: boolean
}

/** No passkey was created, or there is one already. Quiet: it is nobody's fault. */
export function passkeyNotCreatedPage(page: PageContext, props: PasskeyNotCreatedProps): Html {
  const { t } = page
  const { reason, name, createdAt, options } = props
  const exists = reason === 'exists'
  const title = t(exists ? 'login.passkey_not_created.exists_title' : 'login.passkey_not_created.closed_title')
  const text = exists
    ? name && createdAt
      ? t('login.passkey_not_created.exists_named', { name: deviceName(page, name), date: createdAt })
      : t('login.passkey_not_created.exists')
    : props.signUp
      ? t('login.passkey_not_created.closed_sign_up')
      : reason === 'closed'
      ? t('login.passkey_not_created.closed')
      : t(options ? 'login.passkey_not_created.failed_retry' : 'login.passkey_not_created.failed')

  const goOn = (kind: 'primary' | 'outline') =>
    form(page, {
      action: `${page.base}/passkey-create`,
      body: [hidden('continue', '1'), button(exists ? t('page.continue') : onwards(page), { kind })],
    })
  const retry = (kind: 'primary' | 'outline') =>
    options ? passkeyCreateForm(page, { options, label: t('page.try_again'), kind }) : ''

  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: exists ? 'done' : 'info' }),
      html`<p data-lead>${text}</p>`,
      html`<div class="buttons">${props.signUp ? [retry('primary'), useCode(page)] : props.required && options ? retry('primary') : [goOn('primary'), retry('outline')]}</div>`,
      status(page),
      props.required || props.signUp ? html`<div class="ways-out">${backToApp(page)}</div>` : '',
    ],
  })
}
