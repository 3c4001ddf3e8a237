import { createHash } from 'node:crypto'
import { deriveAccent, type Mode } from './accent.ts'

export { deriveAccent, type Accent } from './accent.ts'

export interface ThemeStylesheet {
  /** `theme-1a2b3c4d5e.css`: changes with the content, so that it can be kept for ever */
  name: string
  css: string
}

/** The stylesheet that goes on top of views/assets/latchkey.css for one accent (`#3355ff`). */
export function themeCss(accent: string): string {
  const rules = (mode: Mode) => {
    const { fill, on, text } = deriveAccent(accent, mode)
    return `:root{--accent:${fill};--on-accent:${on};--accent-text:${text}}`
  }
  return `${rules('light')}@media(prefers-color-scheme:dark){${rules('dark')}}`
}

const stylesheets = new Map<string, ThemeStylesheet>()

/** The same with its hashed name; made once per accent. Accents come from config, so there are few. */
export function themeStylesheet(accent: string): ThemeStylesheet {
  const known = stylesheets.get(accent)
  if (known) return known
  const css = themeCss(accent)
  const made = { name: `theme-${createHash('sha256').update(css).digest('hex').slice(0, 10)}.css`, css }
  stylesheets.set(accent, made)
  return made
}
