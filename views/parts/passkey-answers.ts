import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import type { Html, PageContext } from '../page.ts'

export interface PasskeyAnswersProps {
  /** where it is made, `here` by default */
  place?: Place | undefined
  /** who keeps one that is made here, as a rule: "Windows Hello" */
  keeper?: string | undefined
  more?: [question: string, answer: string][]
}

/** What a passkey is and where it is kept, in the open. */
export function passkeyAnswers({ t, theme }: PageContext, { place = 'here', keeper, more = [] }: PasskeyAnswersProps = {}): Html {
  const kept = place === 'elsewhere' ? t('login.passkey_create.where_elsewhere') : keeper === undefined ? t('login.passkey_create.where_unknown') : t('login.passkey_create.where_likely', { keeper })
  const answers = [
    [t('login.passkey_create.what'), t('login.passkey_create.what_answer', { brand: theme.name })],
    [t('login.passkey_create.where'), kept],
    ...more,
  ]
  return html`<dl class="answers">${answers.map(([question, answer]) => html`<div><dt>${question}</dt><dd>${answer}</dd></div>`)}</dl>`
}
