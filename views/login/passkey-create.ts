import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { besidesAnswer, type Besides } from '../parts/besides.ts'
import { button } from '../parts/button.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { passkeyCreateForm, withoutPasskeys } from '../parts/passkey.ts'
import { status } from '../parts/status.ts'
import { backToApp, useCode } from '../parts/ways-out.ts'

export interface PasskeyCreateProps {
  options: object
  /** from the second time on */
  neverButton: boolean
  /** false where the app needs one */
  notNow: boolean
  stepUp?: boolean
  /** it ends the way back of somebody who lost every passkey */
  recovery?: boolean
  /** absent: the account is made with it, and without it a code is needed */
  besides?: Besides
}

/** What a passkey is, where it is kept, and the offer to make one. */
export function passkeyCreatePage(page: PageContext, props: PasskeyCreateProps): Html {
  const { t } = page
  const title = t(!props.besides ? 'login.passkey_create.title_sign_up' : props.recovery ? 'login.passkey_create.title_recovery' : props.stepUp ? 'login.passkey_create.title_step_up' : 'login.passkey_create.title')
  return layout(page, {
    title,
    body: [
      html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div>`,
      heading(page, title, { toApp: false }),
      html`<p data-lead>${t(props.recovery ? 'login.recovery.may_create' : 'login.passkey_create.text')}</p>`,
      passkeyAnswers(page, [[t('login.passkey_create.other'), props.besides ? besidesAnswer(page, props.besides) : t('login.passkey_create.other_answer_sign_up')]]),
      html`<div class="buttons">${[
        passkeyCreateForm(page, { options: props.options, label: t('login.passkey_create.create') }),
        props.besides ? '' : useCode(page),
        props.notNow ? refusal(page, 'not_now', t('login.passkey_create.not_now')) : '',
        props.neverButton ? refusal(page, 'never', t('login.passkey_create.never')) : '',
      ]}</div>`,
      withoutPasskeys(page, 'nowhere'),
      status(page),
      props.notNow ? '' : html`<div class="ways-out">${backToApp(page)}</div>`,
    ],
  })
}

function refusal(page: PageContext, name: 'not_now' | 'never', words: string): Html {
  return form(page, {
    action: `${page.base}/passkey-create`,
    attributes: { class: name === 'never' ? 'line' : undefined },
    body: [hidden(name, '1'), button(words, name === 'never' ? { kind: 'link' } : { attributes: { 'data-lead-otherwise': true } })],
  })
}
