import html from 'escape-html-template-tag'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import type { Html, PageContext } from '../page.ts'
import { demoFrame, demoTranslator, type DemoTranslate } from './frame.ts'

export interface OutboxProps {
  /** newest first; text messages have no subject */
  messages: { channel: 'mail' | 'sms'; to: string; subject?: string; text: string; at: number }[]
  /** the provider's own */
  origin: string
  /** the page of the login that the person came from */
  backUrl?: string
}

/** Mails put their code alone on a line, text messages at the end of the line that names this site. */
function codeIn(text: string): string | undefined {
  return /^(?:@\S+ #)?([A-Z\d]{6,8})$/m.exec(text)?.[1]
}

/** Links of the provider's own, which stand alone on their line, can be followed. */
function withLinks(text: string, origin: string): (string | Html)[] {
  return text.split(/^(https?:\/\/\S+)$/m).map((part, i) => (i % 2 === 1 && part.startsWith(`${origin}/`) ? html`<a href="${part}">${part}</a>` : part))
}

/** The newest is open, since the page reloads itself and would close what a press opened. */
function card(page: PageContext, t: DemoTranslate, message: OutboxProps['messages'][number], { newest, origin }: { newest: boolean; origin: string }): Html {
  const time = new Date(message.at)
  const code = codeIn(message.text)
  const words = time.toLocaleString(page.locale, { dateStyle: 'medium', timeStyle: 'medium' })
  const whole = html`<pre class="demo-mail-text">${withLinks(message.text, origin)}</pre>`
  return html`<li class="demo-mail">
<h2>${message.subject ?? t('outboxTextMessage')}</h2>
<p class="demo-meta">${t('outboxTo')} ${message.to} · <time datetime="${time.toISOString()}">${words}</time></p>
${
  code === undefined
    ? whole
    : html`<p class="demo-code"><span class="visually-hidden">${t('outboxCode')} </span>${code}</p><details${newest ? html` open` : ''}><summary>${t('outboxWhole')}</summary>${whole}</details>`
}</li>
`
}

/** The built-in mailbox and phone. Text only: a mail's HTML is not ours to run on the provider's origin. */
export function outboxPage(page: PageContext, { messages, origin, backUrl }: OutboxProps): Html {
  const t = demoTranslator(page)
  return demoFrame(page, {
    name: page.theme.name,
    title: t('outboxTitle'),
    wide: true,
    body: html`
${heading(page, t('outboxTitle'), { icon: 'mail' })}
<p>${t('outboxText')}</p>
${
  messages.length === 0
    ? html`<div class="demo-empty"><p><strong>${t('outboxEmptyTitle')}</strong></p><p class="demo-meta">${t('outboxEmptyText')}</p></div>`
    : html`<ol class="demo-mails">${messages.map((message, index) => card(page, t, message, { newest: index === 0, origin }))}</ol>`
}
<div class="demo-actions demo-row">${backUrl === undefined ? linkButton(t('toDemo'), '/demo') : linkButton(t('backToSignIn'), backUrl, 'primary')}</div>`,
  })
}
