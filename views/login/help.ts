import html from 'escape-html-template-tag'
import type { Way } from '../../src/login/state.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface HelpProps {
  /** somebody whose account is known and who is asked for more */
  stepUp: boolean
  /** what could still be tried */
  ways: Way[]
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
}

/** "I can't use any of these": advice that is the same for everybody before a proof, and after it only what leads on. */
export function helpPage(page: PageContext, { stepUp, ways, canRecover }: HelpProps): Html {
  const { t, theme } = page
  const title = t('login.help.title')
  return layout(page, {
    title,
    body: [
      heading(page, title),
      html`<dl class="answers">${adviceOn(ways).map(
        (advice) => html`<div><dt>${t(`login.help.${advice}`)}</dt><dd>${t(`login.help.${advice}_text`)}</dd></div>`,
      )}${when(
        theme.helpUrl,
        (url) =>
          html`<div><dt>${t('login.help.operator', { brand: theme.name })}</dt><dd>${t('login.help.operator_text')} <a href="${url}">${t('login.help.operator_link')}</a></dd></div>`,
      )}</dl>`,
      !stepUp || canRecover ? html`<p>${t('login.help.lost_text')} <a href="${page.base}/recovery">${t('login.recovery.lost')}</a></p>` : '',
      html`<p class="small">${t(stepUp ? 'login.help.text_step_up' : 'login.help.text')}</p>`,
      linkButton(t('login.help.back'), `${page.base}/methods`, 'primary'),
      waysOut(page),
    ],
  })
}

/** For what there is here, and for whoever has a passkey elsewhere. */
function adviceOn(ways: Way[]) {
  const by = (...some: Way[]) => some.some((way) => ways.includes(way))
  return [
    'device' as const,
    ...(by('email_otp', 'email_link') ? (['mail', 'mailbox'] as const) : []),
    ...(by('sms_otp') ? (['text_message'] as const) : []),
    ...(by('totp') ? (['app'] as const) : []),
    ...(by('recovery_code') ? (['recovery_code'] as const) : []),
  ]
}
