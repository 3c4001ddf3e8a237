import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'

/**
 * A translated sentence with markup inside: `By going on you accept the <terms>Terms</terms>.` Each tag is rendered by the
 * function of its name, the rest is escaped. Only for texts without placeholders, so that no value can bring a tag.
 */
export function rich(text: string, tags: Record<string, (inner: string) => Html>): Html {
  const parts = text.split(/<(\w+)>(.*?)<\/\1>/)
  return html`${parts.map((part, i) => (i % 3 === 0 ? part : i % 3 === 1 ? (tags[part]?.(parts[i + 1] ?? '') ?? '') : ''))}`
}
