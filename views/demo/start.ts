import html from 'escape-html-template-tag'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { icon } from '../parts/icons.ts'
import { rich } from '../parts/rich.ts'
import { type Html, type PageContext, when } from '../page.ts'
import { demoFrame, demoTranslator } from './frame.ts'

export interface DemoProps {
  /** just back from signing out */
  signedOut: boolean
  /** emails arrive at `/dev/outbox` */
  mailbox: boolean
  discoveryUrl: string
}

/** A newcomer's first screen: what this is, and the two ways in. */
export function demoPage(page: PageContext, props: DemoProps): Html {
  const t = demoTranslator(page)
  const link = (href: string) => ({ a: (words: string) => html`<a href="${href}">${words}</a>` })
  return demoFrame(page, {
    name: t('name'),
    title: t('startTitle'),
    body: html`
${when(props.signedOut, () => html`<div class="demo-note" role="status">${icon('done')}<p>${t('signedOut')}</p></div>`)}
${heading(page, t('startTitle'), { icon: 'passkey' })}
<p>${t('startText')}</p>
<div class="demo-actions">${linkButton(t('signIn'), '/demo/sign-in', 'primary')}${linkButton(t('createAccount'), '/demo/create-account')}</div>
<section class="demo-about">
<h2>${t('stepsTitle')}</h2>
<ol class="demo-steps"><li>${t('stepLeave')}</li><li>${t('stepProve')}</li><li>${t('stepReturn')}</li></ol>
${when(props.mailbox, () => html`<p class="demo-meta">${rich(t('mailbox'), link('/dev/outbox'))}</p>`)}
<p class="demo-meta">${rich(t('discovery'), link(props.discoveryUrl))}</p>
</section>`,
  })
}
