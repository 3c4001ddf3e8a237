/** sRGB, each channel 0 to 1, gamma-encoded; outside that range a colour cannot be shown. */
export type Rgb = readonly [r: number, g: number, b: number]

/** Lightness 0 to 1, chroma 0 to about 0.37, hue in radians (Ottosson 2020). */
export interface Oklch {
  l: number
  c: number
  h: number
}

const toLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
const fromLinear = (v: number) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)

/** `#rrggbb` or `#rgb`. */
export function parseHex(hex: string): Rgb {
  const digits = /^#(?:([0-9a-f]{6})|([0-9a-f]{3}))$/i.exec(hex)
  if (!digits) throw new RangeError(`not a colour like #3355ff: ${hex}`)
  const six = digits[1] ?? [...(digits[2] ?? '')].map((digit) => digit + digit).join('')
  const channel = (at: number) => parseInt(six.slice(at, at + 2), 16) / 255
  return [channel(0), channel(2), channel(4)]
}

function formatHex(rgb: Rgb): string {
  const byte = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 255)
  return `#${rgb.map((v) => byte(v).toString(16).padStart(2, '0')).join('')}`
}

export function toOklch(rgb: Rgb): Oklch {
  const [r, g, b] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  return { l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, c: Math.hypot(A, B), h: Math.atan2(B, A) }
}

function toRgb({ l: lightness, c, h }: Oklch): Rgb {
  const [A, B] = [c * Math.cos(h), c * Math.sin(h)]
  const l = (lightness + 0.3963377774 * A + 0.2158037573 * B) ** 3
  const m = (lightness - 0.1055613458 * A - 0.0638541728 * B) ** 3
  const s = (lightness - 0.0894841775 * A - 1.291485548 * B) ** 3
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

const shown = (rgb: Rgb) => rgb.every((v) => v >= -0.0005 && v <= 1.0005)

/** The colour as `#rrggbb`; keeps lightness and hue and lowers chroma only as far as the screen's gamut demands. */
export function toHex(colour: Oklch): string {
  if (shown(toRgb(colour))) return formatHex(toRgb(colour))
  let [low, high] = [0, colour.c]
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2
    if (shown(toRgb({ ...colour, c: middle }))) low = middle
    else high = middle
  }
  return formatHex(toRgb({ ...colour, c: low }))
}

/** WCAG 2 contrast ratio of two `#rrggbb`, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [one, two] = [luminance(a), luminance(b)]
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = parseHex(hex)
  return 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b)
}
