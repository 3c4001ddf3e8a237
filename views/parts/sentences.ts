import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'

/** What is said in a list, or, alone, in a sentence. */
export function listed(sentences: string[]): Html {
  const [only, another] = sentences
  if (only === undefined) return html``
  return another === undefined ? html`<p>${only}</p>` : html`<ul class="losses">${sentences.map((one) => html`<li>${one}</li>`)}</ul>`
}
