import { contrast, parseHex, toHex, toOklch, type Oklch } from './oklch.ts'

/** What an accent has to stand out from; the same values as in views/assets/latchkey.css. */
export const grounds = {
  light: { page: '#f5f6f9', surface: '#ffffff', sunken: '#eef0f4' },
  dark: { page: '#0e1117', surface: '#171b23', sunken: '#10141b' },
} as const

export type Mode = keyof typeof grounds

const white = '#ffffff'
const ink = '#14171f'

export interface Accent {
  /** ground of the primary button */
  fill: string
  /** the words on it: white or ink */
  on: string
  /** links and the current item */
  text: string
  /** how far the fill's lightness is from the operator's colour, 0 to 1 */
  moved: number
}

/**
 * The operator's one colour, made readable: hue stays, lightness moves in steps of 0.01 as far as contrast demands
 * (WCAG 1.4.3 for words, 1.4.11 for the button's shape).
 */
export function deriveAccent(hex: string, mode: Mode): Accent {
  const wanted = toOklch(parseHex(hex))
  const { page, surface, sunken } = grounds[mode]
  const fill = nearest(wanted, mode, (colour) => contrast(colour, onto(colour)) >= 4.5 && contrast(colour, page) >= 3 && contrast(colour, surface) >= 3)
  const text = towards(wanted, mode, (colour) => [page, surface, sunken].every((ground) => contrast(colour, ground) >= 4.5))
  return { fill: fill.hex, on: onto(fill.hex), text, moved: Math.abs(fill.lightness - wanted.l) }
}

/** The better of white and ink on a colour. */
const onto = (colour: string) => (contrast(colour, white) >= contrast(colour, ink) ? white : ink)

/** Nearest lightness that is good enough; of two equally near ones the darker in light mode, the lighter in dark. */
function nearest(wanted: Oklch, mode: Mode, good: (hex: string) => boolean): { hex: string; lightness: number } {
  const first = mode === 'light' ? -1 : 1
  for (let step = 0; step <= 100; step++) {
    for (const direction of [first, -first]) {
      const lightness = clamp(wanted.l + (direction * step) / 100)
      const hex = toHex({ ...wanted, l: lightness })
      if (good(hex)) return { hex, lightness }
    }
  }
  throw new Error('no lightness is readable') // the two ends of the scale always are
}

/** Darker in light mode, lighter in dark, until it is good enough. */
function towards(wanted: Oklch, mode: Mode, good: (hex: string) => boolean): string {
  const direction = mode === 'light' ? -1 : 1
  for (let step = 0; step <= 100; step++) {
    const hex = toHex({ ...wanted, l: clamp(wanted.l + (direction * step) / 100) })
    if (good(hex)) return hex
  }
  return mode === 'light' ? ink : white
}

const clamp = (lightness: number) => Math.min(1, Math.max(0, lightness))
