import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'

/** What a passkey is and where it is kept, in the open. */
export function passkeyAnswers({ t, theme }: PageContext, more: [question: string, answer: string][] = []): Html {
  const answers = [
    [t('login.passkey_create.what'), t('login.passkey_create.what_answer', { brand: theme.name })],
    [t('login.passkey_create.where'), t('login.passkey_create.where_unknown')],
    ...more,
  ]
  return html`<dl class="answers">${answers.map(([question, answer]) => html`<div><dt>${question}</dt><dd>${answer}</dd></div>`)}</dl>`
}
