import html from 'escape-html-template-tag'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface HelpProps {
  /** somebody whose account is known and who is asked for more */
  stepUp: boolean
  /** a code by email is one of the ways */
  codes: boolean
  /** there is a way back for who has lost every passkey */
  canRecover: boolean
}

/** "I can't use any of these": advice that is the same for everybody before a proof, and after it only what leads on. */
export function helpPage(page: PageContext, { stepUp, codes, canRecover }: HelpProps): Html {
  const { t, theme } = page
  const title = t('login.help.title')
  return layout(page, {
    title,
    body: [
      heading(page, title),
      html`<dl class="answers">${(stepUp && !codes ? (['device'] as const) : (['device', 'mail', 'mailbox'] as const)).map(
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
