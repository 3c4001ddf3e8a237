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
  /** as it is written */
  source: string
  attributes: Record<string, string>
  /** what stands between it and its end tag */
  inside: string
}

const start = /<([a-z][a-z0-9-]*)((?:\s+[^\s=>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*)\s*\/?>/gi
const attribute = /([^\s=>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/g

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
    alerts: all.filter(({ source, attributes }) => source.includes('role') && /^(alert|status)$/.test(attributes['role'] ?? '')).map(tag => text(tag.inside)),
    forms: named('form').map(form => readForm(form, all)),
    links: named('a').map(({ attributes, inside }) => ({ href: attributes['href'] ?? '', text: text(inside) })),
  }
}

function readForm(form: Tag, all: Tag[]): Form {
  const id = form.attributes['id']
  const controls = [
    ...tags(form.inside).filter(({ name, attributes }) => (name === 'input' || name === 'button') && attributes['form'] === undefined),
    ...(id === undefined ? [] : all.filter(({ source, attributes }) => source.includes(id) && attributes['form'] === id)),
  ]
  const values: Record<string, string> = {}
  const buttons: Button[] = []
  for (const control of controls) {
    const { name, attributes } = control
    const { name: key, value = '', type = '' } = attributes
    if (name === 'button' && type !== 'button') {
      buttons.push({
        ...(key && { name: key }),
        value,
        text: text(control.inside),
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

/** Most of a page is never asked for: what an element has and holds is read when it is. */
function tags(html: string): Tag[] {
  return [...html.matchAll(start)].map(({ 0: whole, 1: written = '', 2: source = '', index }) => {
    const name = written.toLowerCase()
    const from = index + whole.length
    let attributes: Tag['attributes'] | undefined
    return {
      name,
      source,
      get attributes() {
        return (attributes ??= readAttributes(source))
      },
      get inside() {
        return html.slice(from, endOf(html, name, from))
      },
    }
  })
}

/** The offset of the end tag that belongs to a start tag before `from`; elements of one name may nest. */
function endOf(html: string, name: string, from: number): number {
  let depth = 1
  const both = new RegExp(`<(/?)${name}\\b`, 'gi')
  both.lastIndex = from
  for (let found = both.exec(html); found; found = both.exec(html)) {
    depth += found[1] ? -1 : 1
    if (depth === 0) return found.index
  }
  return from
}

function readAttributes(source: string): Record<string, string> {
  return Object.fromEntries(
    [...source.matchAll(attribute)].map(({ 1: key = '', 2: double, 3: single, 4: bare }) => [key.toLowerCase(), decode(double ?? single ?? bare ?? '')]),
  )
}

function text(html: string): string {
  return decode(html.replaceAll('<wbr>', '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim()
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Character references become characters. */
export function decode(source: string): string {
  if (!source.includes('&')) return source
  return source.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return entities[name?.toLowerCase() ?? ''] ?? whole
  })
}
