import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { shortTime } from './time.ts'

/** A moment (ms), by the clock of nobody in particular; script says it by the person's own, as long, so that nothing moves. */
export function localTime({ locale }: Pick<PageContext, 'locale'>, at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}" data-local>${shortTime(at, locale)}</time>`
}
