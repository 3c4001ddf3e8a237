import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { icon } from './icons.ts'

/** What is wrong, at the top of the page, focused on arrival. With `field`: a link to it. */
export function problem(page: PageContext, text: string, field?: string): Html {
  return html`<div class="box danger" role="alert" tabindex="-1" data-focus>${icon('problem')}<div><h2>${page.t('page.problem')}</h2><p>${
    field ? html`<a href="#${field}">${text}</a>` : text
  }</p></div></div>`
}

/** The same for several fields at once: a link to each. */
export function problems(page: PageContext, all: { text: string; field: string }[]): Html {
  const [first] = all
  if (first && all.length === 1) return problem(page, first.text, first.field)
  return html`<div class="box danger" role="alert" tabindex="-1" data-focus>${icon('problem')}<div><h2>${page.t('page.problem')}</h2><ul>${all.map(
    ({ text, field }) => html`<li><a href="#${field}">${text}</a></li>`,
  )}</ul></div></div>`
}

/** Neutral news that is nobody's fault. */
export function notice(title: string, text: string): Html {
  return html`<div class="box info">${icon('info')}<div><p class="box-title">${title}.</p><p>${text}</p></div></div>`
}
