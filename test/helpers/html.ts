/** As much of HTML as a test needs to press a button: our own pages, well-formed and escaped. No DOM. */

export interface Button {
  name?: string
  value: string
  text: string
  /** where this button posts instead of the form's action */
  action?: string
}

export interface Form {
  action: string
  method: 'get' | 'post'
  /** what the form sends as it stands: hidden inputs, typed values, ticked boxes */
  values: Record<string, string>
  buttons: Button[]
  /** shown by script only */
  hidden: boolean
  /** its data-* attributes: `data-options` is `data.options` */
  data: Record<string, string>
}

export interface Document {
  language: string
  title: string
  /** the text of the h1 */
  heading: string
  /** everything readable, blanks collapsed */
  text: string
  /** the text of every element with role="alert" or role="status" */
  alerts: string[]
  forms: Form[]
  links: { href: string; text: string }[]
}

interface Tag {
  name: string
  attributes: Record<string, string>
  /** what stands between it and its end tag */
  inside: string
}

const start = /<(?<name>[a-z][a-z0-9-]*)(?<attributes>(?:\s+[^\s=>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>/gi
const attribute = /(?<key>[^\s=>/]+)(?:\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s>"']+)))?/g

export function parseHtml(html: string): Document {
  const visible = html.replace(/<!--[^]*?-->|<(script|style|template|svg)\b[^]*?<\/\1>/gi, '')
  const all = tags(visible)
  const named = (...names: string[]) => all.filter(({ name }) => names.includes(name))
  const textOf = (name: string) => text(named(name)[0]?.inside ?? '')
  return {
    language: named('html')[0]?.attributes['lang'] ?? '',
    title: textOf('title'),
    heading: textOf('h1'),
    text: text(visible.replace(/<head\b[^]*?<\/head>/i, '')),
    alerts: all.filter(({ attributes }) => /^(alert|status)$/.test(attributes['role'] ?? '')).map(tag => text(tag.inside)),
    forms: named('form').map(form => readForm(form, all)),
    links: named('a').map(({ attributes, inside }) => ({ href: attributes['href'] ?? '', text: text(inside) })),
  }
}

function readForm(form: Tag, all: Tag[]): Form {
  const id = form.attributes['id']
  const controls = [
    ...tags(form.inside).filter(({ attributes }) => attributes['form'] === undefined),
    ...all.filter(({ attributes }) => id !== undefined && attributes['form'] === id),
  ]
  const values: Record<string, string> = {}
  const buttons: Button[] = []
  for (const { name, attributes, inside } of controls) {
    const { name: key, value = '', type = '' } = attributes
    if (name === 'button' && type !== 'button') {
      buttons.push({
        ...(key && { name: key }),
        value,
        text: text(inside),
        ...(attributes['formaction'] && { action: attributes['formaction'] }),
      })
    }
    const isOff = /^(checkbox|radio)$/.test(type) && attributes['checked'] === undefined
    if (name === 'input' && key && !isOff) values[key] = value || (type === 'checkbox' ? 'on' : '')
  }
  const data = Object.entries(form.attributes).filter(([key]) => key.startsWith('data-'))
  return {
    action: form.attributes['action'] ?? '',
    method: form.attributes['method']?.toLowerCase() === 'post' ? 'post' : 'get',
    values,
    buttons,
    hidden: form.attributes['hidden'] !== undefined,
    data: Object.fromEntries(data.map(([key, value]) => [key.slice('data-'.length), value])),
  }
}

function tags(html: string): Tag[] {
  return [...html.matchAll(start)].map(({ groups, index, 0: whole }) => {
    const name = (groups?.['name'] ?? '').toLowerCase()
    const from = index + whole.length
    return { name, attributes: readAttributes(groups?.['attributes'] ?? ''), inside: html.slice(from, endOf(html, name, from)) }
  })
}

/** The offset of the end tag that belongs to a start tag before `from`; elements of one name may nest. */
function endOf(html: string, name: string, from: number): number {
  let depth = 1
  for (const { index, 1: slash } of html.slice(from).matchAll(new RegExp(`<(/?)${name}\\b`, 'gi'))) {
    depth += slash ? -1 : 1
    if (depth === 0) return from + index
  }
  return from
}

function readAttributes(source: string): Record<string, string> {
  return Object.fromEntries(
    [...source.matchAll(attribute)].map(({ groups = {} }) => [
      (groups['key'] ?? '').toLowerCase(),
      decode(groups['double'] ?? groups['single'] ?? groups['bare'] ?? ''),
    ]),
  )
}

function text(html: string): string {
  return decode(html.replaceAll('<wbr>', '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim()
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Character references become characters. */
export function decode(source: string): string {
  return source.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return entities[name?.toLowerCase() ?? ''] ?? whole
  })
}
