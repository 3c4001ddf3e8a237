import { deriveAccent, type Mode } from './accent.ts'

export { deriveAccent, type Accent } from './accent.ts'

/** The stylesheet that goes on top of views/assets/latchkey.css for one accent (`#3355ff`). */
export function themeCss(accent: string): string {
  const rules = (mode: Mode) => {
    const { fill, on, text } = deriveAccent(accent, mode)
    return `:root{--accent:${fill};--on-accent:${on};--accent-text:${text}}`
  }
  return `${rules('light')}@media(prefers-color-scheme:dark){${rules('dark')}}`
}
