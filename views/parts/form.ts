import html, { safe } from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'

/** The one form of a page that a change of language posts along, so that nothing typed is lost. */
export const mainFormId = 'step'

/** Attributes from an object: `true` writes the bare name, `undefined` and `false` leave it out. Names are ours, values anybody's. */
export function attributes(record: Record<string, string | number | boolean | undefined>): Html[] {
  return Object.entries(record).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [value === true ? safe(` ${name}`) : html` ${safe(name)}="${value}"`],
  )
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`
}

export interface FormProps {
  action: string
  body: unknown
  /** the page's main form, see mainFormId */
  main?: boolean
  attributes?: Record<string, string | number | boolean | undefined>
}

/** A form of ours: posts, carries the CSRF token, and leaves checking to the server so that the words are ours. */
export function form(page: PageContext, { action, body, main = false, attributes: more = {} }: FormProps): Html {
  return html`<form method="post" action="${action}" novalidate${attributes({ id: main ? mainFormId : undefined, ...more })}>${hidden('csrf', page.csrf)}${body}</form>`
}
