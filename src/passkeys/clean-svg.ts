import { parseSvg, type SvgElement } from './svg-tree.ts'

/**
 * Pictures that strangers drew, made safe to serve: only shapes, groups and gradients, with the attributes below, and
 * with values of exactly the forms below. What is not named here is left out, so that nothing runs, loads or points out
 * of the picture. Styles are turned into attributes. The text is written anew: how a browser reads the original does not matter.
 */

const id = /^[A-Za-z_][\w.:-]{0,100}$/
const local = /^url\(\s*(["']?)#([A-Za-z_][\w.:-]{0,100})\1\s*\)$/
const numbers = /^[-+.\deE,%\s]*(?:px|pt|mm|cm|in|em)?$/
const word = /^[A-Za-z-]{1,40}$/
const colour = /^(?:[A-Za-z]{1,30}|#[\da-fA-F]{3,8}|(?:rgb|rgba|hsl|hsla)\([-+.\deE,%/\s]{1,60}\))$/
const paint = (value: string) => colour.test(value) || local.test(value)
const matches = (pattern: RegExp) => (value: string) => pattern.test(value)

type Check = (value: string) => boolean
const all = (names: string, check: Check): Record<string, Check> => Object.fromEntries(names.split(' ').map((name) => [name, check]))

/** May be given by a style too. */
const presentation: Record<string, Check> = {
  ...all('fill stroke', paint),
  ...all('color stop-color', matches(colour)),
  ...all('fill-rule clip-rule stroke-linecap stroke-linejoin display visibility', matches(word)),
  ...all('opacity fill-opacity stroke-opacity stop-opacity stroke-width stroke-miterlimit stroke-dasharray stroke-dashoffset', matches(numbers)),
  ...all('clip-path mask', matches(local)),
}

const drawing: Record<string, Check> = {
  ...presentation,
  id: matches(id),
  d: matches(/^[-+.\deE,\sMmZzLlHhVvCcSsQqTtAa]*$/),
  ...all('x y width height rx ry cx cy r x1 y1 x2 y2 fx fy fr points offset viewBox', matches(numbers)),
  ...all('transform gradientTransform', matches(/^\s*(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([-+.\deE,\s]*\)[\s,]*)*$/)),
  ...all('gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits', matches(word)),
  preserveAspectRatio: matches(/^[A-Za-z ]{1,40}$/),
}

const shapes = ['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon']
const elements = new Set(['svg', 'g', 'defs', 'use', 'linearGradient', 'radialGradient', 'stop', 'clipPath', 'mask', ...shapes])
/** may name another one by `href` */
const referring = new Set(['use', 'linearGradient', 'radialGradient'])

/** A picture that repeats parts of itself in parts of itself keeps a browser busy for ever. */
const mostRepeats = 20

/** in all `<style>` together: far more than a picture of 24 pixels needs */
const mostClasses = 1_000

type Styles = Map<string, Record<string, string>>

/** The cleaned text; undefined for what is no SVG, or draws nothing that may stay. */
export function cleanSvg(document: string): string | undefined {
  const root = parseSvg(document)
  if (root?.name !== 'svg') return undefined
  const styles = stylesOf(root)
  if (!styles) return undefined
  const kept = keep(root, styles)
  withoutRepeatsOfRepeats(kept)
  if (!some(kept, ({ name }) => shapes.includes(name))) return undefined
  const { attributes } = kept
  const [width, height] = [attributes.get('width'), attributes.get('height')].map((text) => Number.parseFloat(text ?? ''))
  // Without it, a browser cuts the picture off instead of making it smaller.
  if (!attributes.has('viewBox') && width && height) attributes.set('viewBox', `0 0 ${width} ${height}`)
  attributes.delete('id')
  return write(kept, ' xmlns="http://www.w3.org/2000/svg"')
}

function keep({ name, attributes, children }: SvgElement, styles: Styles): SvgElement {
  const kept = new Map<string, string>()
  for (const [attribute, value] of attributes) {
    if (Object.hasOwn(drawing, attribute) && drawing[attribute]?.(value)) kept.set(attribute, value)
    if ((attribute === 'href' || attribute === 'xlink:href') && referring.has(name) && value.startsWith('#') && id.test(value.slice(1))) kept.set('href', value)
  }
  // A style is stronger than an attribute, and the element's own than that of a class (CSS 2 6.4).
  for (const own of (attributes.get('class') ?? '').split(/\s+/)) take(kept, styles.get(own) ?? {})
  take(kept, declarations(attributes.get('style') ?? ''))
  return { name, attributes: kept, text: '', children: children.filter((child) => child.name !== 'svg' && elements.has(child.name)).map((child) => keep(child, styles)) }
}

function take(kept: Map<string, string>, style: Record<string, string>): void {
  for (const [name, value] of Object.entries(style)) if (presentation[name]?.(value)) kept.set(name, value)
}

/** `fill:#fff; stroke: none`: those that may stay by their name, values unchecked. What is copied for each class is so as short as that list. */
function declarations(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(';').flatMap((declaration) => {
      const colon = declaration.indexOf(':')
      const name = declaration.slice(0, Math.max(colon, 0)).trim()
      return Object.hasOwn(presentation, name) ? [[name, declaration.slice(colon + 1).trim()]] : []
    }),
  )
}

/** What `<style>` says of classes, by their name; other selectors are not looked at. undefined: more than a picture needs. */
function stylesOf(root: SvgElement): Styles | undefined {
  const styles: Styles = new Map()
  let named = 0
  for (const rule of styleTexts(root).flatMap((text) => text.replace(/\/\*(?:[^*]|\*(?!\/))*\*\//g, ' ').split('}'))) {
    const [selectors = '', body = ''] = rule.split('{')
    const style = declarations(body)
    const classes = selectors.split(',').flatMap((selector) => /^\s*\.([\w-]+)\s*$/.exec(selector)?.[1] ?? [])
    named += classes.length
    if (named > mostClasses) return undefined
    for (const own of classes) styles.set(own, { ...styles.get(own), ...style })
  }
  return styles
}

const styleTexts = ({ name, text, children }: SvgElement): string[] => [...(name === 'style' ? [text] : []), ...children.flatMap(styleTexts)]

const some = (element: SvgElement, is: (element: SvgElement) => boolean): boolean => is(element) || element.children.some((child) => some(child, is))
const isComposed = ({ name, attributes }: SvgElement) => name === 'use' || attributes.has('clip-path') || attributes.has('mask')

/** Leaves out each `use` of something that is itself put together, and masks of masks: their cost would multiply. */
function withoutRepeatsOfRepeats(root: SvgElement): void {
  const byId = new Map<string, SvgElement>()
  const remember = (element: SvgElement): void => {
    const own = element.attributes.get('id')
    if (own !== undefined && element !== root && !byId.has(own)) byId.set(own, element)
    element.children.forEach(remember)
  }
  remember(root)

  let repeats = 0
  const plain = new Set([...byId].filter(([, element]) => !some(element, isComposed)).map(([own]) => own))
  const trim = (element: SvgElement, inMask: boolean): void => {
    if (inMask) for (const name of ['clip-path', 'mask']) element.attributes.delete(name)
    const masks = inMask || element.name === 'clipPath' || element.name === 'mask'
    element.children = element.children.filter(({ name, attributes }) => name !== 'use' || (plain.has(attributes.get('href')?.slice(1) ?? '') && ++repeats <= mostRepeats))
    for (const child of element.children) trim(child, masks)
  }
  trim(root, false)
}

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function write({ name, attributes, children }: SvgElement, first = ''): string {
  const written = [...attributes].map(([attribute, value]) => ` ${attribute}="${value.replace(/[&<>"]/g, (sign) => signs[sign] ?? '').replace(/\s+/g, ' ').trim()}"`).join('')
  const inside = children.map((child) => write(child)).join('')
  return inside === '' ? `<${name}${first}${written}/>` : `<${name}${first}${written}>${inside}</${name}>`
}
