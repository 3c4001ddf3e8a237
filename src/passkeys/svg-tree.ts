/** An element as it was written: names and values are whatever somebody put there. */
export interface SvgElement {
  name: string
  attributes: Map<string, string>
  children: SvgElement[]
  /** its own text, without that of its children */
  text: string
}

/** Far more than a picture of 24 pixels needs. */
const most = { characters: 200_000, elements: 1_000, depth: 40 }

const skipped = /<\?[^>]*\?>|<!--(?:[^-]|-(?!->))*-->|<!DOCTYPE\s[^<>[]*>/y
const cdata = /<!\[CDATA\[((?:[^\]]|\](?!\]>))*)\]\]>/y
const open = /<([A-Za-z_][\w:.-]*)/y
const attribute = /\s+([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const openEnd = /\s*(\/?)>/y
const close = /<\/([A-Za-z_][\w:.-]*)\s*>/y
const words = /[^<]+/y

/**
 * The one root element of an SVG document, or undefined for what is no well-formed XML 1.0 document. It refuses instead
 * of repairing: no entities but XML's own five, no internal subset of a document type, one value per attribute.
 */
export function parseSvg(document: string): SvgElement | undefined {
  const text = document.replace(/^\uFEFF/, '').trim()
  if (text.length > most.characters) return undefined
  const top: SvgElement = { name: '', attributes: new Map(), children: [], text: '' }
  const path = [top]
  let at = 0
  let elements = 0

  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found
  }

  while (at < text.length) {
    const parent = path.at(-1)
    if (!parent) return undefined
    if (next(skipped)) continue
    const verbatim = next(cdata)
    if (verbatim) {
      parent.text += verbatim[1]
      continue
    }
    const opened = next(open)
    if (opened) {
      const element: SvgElement = { name: opened[1] ?? '', attributes: new Map(), children: [], text: '' }
      for (let found = next(attribute); found; found = next(attribute)) {
        const [, name = '', double, single] = found
        const value = decoded(double ?? single ?? '')
        if (value === undefined || element.attributes.has(name)) return undefined
        element.attributes.set(name, value)
      }
      const end = next(openEnd)
      if (!end || ++elements > most.elements || path.length > most.depth) return undefined
      parent.children.push(element)
      if (end[1] === '') path.push(element)
      continue
    }
    const closed = next(close)
    if (closed) {
      if (path.length === 1 || path.pop()?.name !== closed[1]) return undefined
      continue
    }
    const said = decoded(next(words)?.[0])
    if (said === undefined) return undefined
    parent.text += said
  }
  const [root, ...others] = top.children
  return path.length === 1 && others.length === 0 && top.text.trim() === '' ? root : undefined
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** undefined for an entity that is not XML's own, and for characters that XML does not have (XML 1.0 2.2). */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  let bad = false
  const plain = text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));|&/gi, (_all, decimal?: string, hex?: string, name?: string) => {
    const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? parseInt(hex, 16) : undefined
    if (code !== undefined && code <= 0x10ffff) return String.fromCodePoint(code)
    if (name !== undefined && Object.hasOwn(named, name)) return named[name] ?? ''
    bad = true
    return ''
  })
  return bad || /[^\t\n\r\x20-\uFFFD]/.test(plain.replace(/[\u{10000}-\u{10FFFF}]/gu, '')) ? undefined : plain
}
