import html, { safe } from 'escape-html-template-tag'
import type { Html } from '../page.ts'

/** A number in a sentence: its groups stay on one line. */
export const unbroken = (number: string): string => number.replaceAll(' ', '\u00A0')

/** Text with an address in it: a line may end after its @ and its dots, so that no word of it is torn. */
export function breakable(text: string): Html {
  const [first, ...rest] = text.split(/(?<=[@.])(?=\S)/)
  return html`${first}${rest.map((part) => html`${safe('<wbr>')}${part}`)}`
}
