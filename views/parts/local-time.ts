import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { readableTime } from './time.ts'

/** A moment (ms), by the clock of nobody in particular; script says it by the person's own. */
export function localTime({ locale }: Pick<PageContext, 'locale'>, at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-local>${readableTime(at, locale)}</time>`
}
