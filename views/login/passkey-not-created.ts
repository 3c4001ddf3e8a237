import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import type { NotCreated } from '../../src/passkeys/index.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { onwards } from '../parts/app-words.ts'
import { button } from '../parts/button.ts'
import { type Choice, creationButton, otherPlace } from '../parts/creation.ts'
import { deviceName } from '../parts/device.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { notCreated } from '../parts/not-created.ts'
import type { Platform } from '../parts/passkey-notice.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'
import { backToApp, useCode } from '../parts/ways-out.ts'

export interface PasskeyNotCreatedProps {
  reason: NotCreated
  /** where it was to be kept */
  place?: Place
  platform?: Platform
  /** of the passkey that is here already */
  name?: string
  /** already written out: "3 Feb 2026" */
  createdAt?: string
  /** where trying again may work, best first */
  choices?: Choice[]
  /** the app needs one: there is no going on without */
  required?: boolean
  /** the account would have been made with it */
  signUp?: boolean
  signal?: Signal
}

/** No passkey was created, or there is one already. Quiet: it is nobody's fault. */
export function passkeyNotCreatedPage(page: PageContext, props: PasskeyNotCreatedProps): Html {
  const { t } = page
  const { reason, name, createdAt, choices = [], required, signUp } = props
  const { title, text, again } = notCreated(page, props)
  const [first, second] = choices
  // What the app wants otherwise is put right by one press; whatever else went wrong may wait.
  const leads = first !== undefined && (required || signUp || again !== undefined)
  const label = again ?? t('page.try_again')

  const goOn = (kind: 'primary' | 'outline') =>
    form(page, {
      action: `${page.base}/passkey-create`,
      body: [hidden('continue', '1'), button(reason === 'exists' || required ? t('page.continue') : onwards(page), { kind, attributes: { 'data-lead-otherwise': kind === 'outline' } })],
    })
  const retry = (kind: 'primary' | 'outline') => (first ? creationButton(page, first, { label, kind }) : '')

  return layout(page, {
    title,
    body: [
      heading(page, title, { toApp: false, icon: reason === 'exists' ? 'done' : 'info' }),
      html`<p>${reason === 'exists' && name && createdAt ? t('login.passkey_not_created.exists_named', { name: deviceName(page, name), date: createdAt }) : text}</p>`,
      html`<div class="buttons">${[
        leads ? retry('primary') : goOn('primary'),
        signUp ? useCode(page) : leads ? (required ? '' : goOn('outline')) : retry('outline'),
        otherPlace(page, second, reason === 'key_refused' ? t('creation.another_key') : undefined),
      ]}</div>`,
      when(props.signal, (news) => signal(page, news)),
      status(page),
      required || signUp ? html`<div class="ways-out">${backToApp(page)}</div>` : '',
    ],
  })
}
