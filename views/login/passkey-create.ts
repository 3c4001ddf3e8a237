import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { besidesAnswer, type Besides } from '../parts/besides.ts'
import { button } from '../parts/button.ts'
import { type Choice, creationButton, elsewhereSteps, otherPlace } from '../parts/creation.ts'
import { form, hidden } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { passkeyAnswers } from '../parts/passkey-answers.ts'
import { withoutPasskeys } from '../parts/passkey.ts'
import { signal, type Signal } from '../parts/signal.ts'
import { status } from '../parts/status.ts'
import { backToApp, useCode } from '../parts/ways-out.ts'

export interface PasskeyCreateProps {
  /** where it can be made; the first leads */
  choices: [Choice, ...Choice[]]
  /** who keeps one that is made here, as a rule: "Windows Hello" */
  keeper?: string
  /** from the second time on */
  neverButton: boolean
  /** false where the app needs one */
  notNow: boolean
  stepUp?: boolean
  /** it ends the way back of somebody who lost every passkey */
  recovery?: boolean
  /** what was used to sign in, where the next sign-in needs it no more */
  after?: 'phone' | 'key'
  /** one more, beside the one that was just made */
  second?: boolean
  /** the dialog opens by itself; where it does not, this address explains */
  auto?: string
  /** the browser may save one by itself, without a dialog */
  conditional?: boolean
  /** absent: the account is made with it, and without it a code is needed */
  besides?: Besides
  signal?: Signal
}

/** What a passkey is, where it is kept, and the offer to make one. */
export function passkeyCreatePage(page: PageContext, props: PasskeyCreateProps): Html {
  const { t } = page
  const { choices, keeper, auto, conditional } = props
  const title = t(titleOf(props))
  const elsewhere = choices[0].place === 'elsewhere'
  return layout(page, {
    title,
    body: [
      html`<div class="gestures">${icon('fingerprint')}${icon('face')}${icon('lock')}</div>`,
      heading(page, title, { toApp: false }),
      html`<p>${t(textOf(props))}</p>`,
      elsewhere ? elsewhereSteps(page) : '',
      props.after ? html`<p class="hint">${t('login.passkey_create.own_device')}</p>` : '',
      auto !== undefined || props.after || props.second ? '' : passkeyAnswers(page, { place: choices[0].place, keeper, more: [[t('login.passkey_create.other'), props.besides ? besidesAnswer(page, props.besides) : t('login.passkey_create.other_answer_sign_up')]] }),
      html`<div class="buttons">${[
        creationButton(page, choices[0], { auto, conditional }),
        props.besides ? '' : useCode(page),
        props.notNow ? refusal(page, 'not_now', t('login.passkey_create.not_now')) : '',
        otherPlace(page, choices[1]),
        props.neverButton ? refusal(page, 'never', t('login.passkey_create.never')) : '',
      ]}</div>`,
      withoutPasskeys(page, 'nowhere'),
      when(props.signal, (news) => signal(page, news)),
      status(page),
      props.notNow ? '' : html`<div class="ways-out">${backToApp(page)}</div>`,
    ],
  })
}

function titleOf({ auto, after, second, besides, recovery, stepUp }: PasskeyCreateProps) {
  if (auto !== undefined) return 'login.passkey_create.title_automatic'
  if (second) return 'login.passkey_create.title_second'
  if (after) return `login.passkey_create.title_after_${after}` as const
  if (!besides) return 'login.passkey_create.title_sign_up'
  if (recovery) return 'login.passkey_create.title_recovery'
  return stepUp ? 'login.passkey_create.title_step_up' : 'login.passkey_create.title'
}

function textOf({ auto, after, second, recovery, choices: [{ place }] }: PasskeyCreateProps) {
  if (auto !== undefined) return 'login.passkey_create.text_automatic'
  if (recovery) return 'login.recovery.may_create'
  if (second) return 'login.passkey_create.text_second'
  if (after) return 'login.passkey_create.text_here'
  return place === 'elsewhere' ? 'login.passkey_create.text_elsewhere' : 'login.passkey_create.text'
}

function refusal(page: PageContext, name: 'not_now' | 'never', words: string): Html {
  return form(page, {
    action: `${page.base}/passkey-create`,
    attributes: { class: name === 'never' ? 'line' : undefined },
    body: [hidden(name, '1'), button(words, name === 'never' ? { kind: 'link' } : { attributes: { 'data-lead-otherwise': true } })],
  })
}
