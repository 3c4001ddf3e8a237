import { type CookieJar, createCookieJar } from './cookie-jar.ts'
import { type Document, type Form, parseHtml } from './html.ts'
import { type Answer, createHttpClient } from './http-client.ts'

/** Where the browser is: a page of the server, or the address of another site that it left for. */
export interface Page extends Document {
  url: URL
  status: number
  headers: Answer['headers']
  html: string
  /** it left for another origin (the app's callback): that one was not asked */
  elsewhere: boolean
  /** the form that a person without script sees, whose action ends in this path, and that has this button */
  form(path: string, button?: string): Form
  /** the one whose button starts a passkey dialog by script; its options are in `data.options` */
  passkeyForm(ceremony: 'get' | 'create'): Form
}

export interface Visit {
  method: string
  url: URL
  status: number
  headers: Answer['headers']
  body: string
}

export interface Submission {
  /** over the form's own values; undefined leaves a field out */
  values?: Record<string, string | undefined>
  /** the button that is pressed: its name, its `name=value`, or its text */
  button?: string
  headers?: Record<string, string | undefined>
}

/** A browser without JavaScript: cookies, redirects, `Refresh: 0`, forms. It stays at one origin. */
export interface HttpBrowser {
  readonly cookies: CookieJar
  /** every request made, in order */
  readonly visits: Visit[]
  open(url: string | URL, options?: { headers?: Record<string, string> }): Promise<Page>
  submit(page: Page, form: Form | string, submission?: Submission): Promise<Page>
  /** one POST as the page's script makes it, outside the flow of pages */
  post(page: Page, url: string, body: string, headers?: Record<string, string>): Promise<Answer>
  close(): void
}

export function createHttpBrowser({ origin, headers: ownHeaders = {} }: { origin: string; headers?: Record<string, string> }): HttpBrowser {
  const cookies = createCookieJar()
  const visits: Visit[] = []
  const client = createHttpClient()

  async function visit(method: string, url: URL, body: string | undefined, headers: Record<string, string | undefined>): Promise<Answer> {
    const cookie = cookies.header(url, { method })
    const answer = await client.send(url, {
      method,
      headers: Object.fromEntries(
        Object.entries({
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          'accept-language': 'en',
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
          ...(cookie && { cookie }),
          ...ownHeaders,
          ...headers,
        }).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      ...(body !== undefined && { body }),
    })
    cookies.store(url, answer.headers['set-cookie'] ?? [])
    visits.push({ method, url, status: answer.status, headers: answer.headers, body: answer.body })
    return answer
  }

  /** Goes on from page to page until one stays. */
  async function navigate(method: string, url: URL, body?: string, headers: Record<string, string | undefined> = {}): Promise<Page> {
    for (let hops = 0; hops < 20; hops++) {
      if (url.origin !== origin) return toPage(url, undefined)
      const answer = await visit(method, url, body, headers)
      const next = nextAddress(answer)
      if (next === undefined) return toPage(url, answer)
      url = new URL(next, url)
      if (![307, 308].includes(answer.status)) [method, body, headers] = ['GET', undefined, {}]
    }
    throw new Error(`more than 20 hops, the last one to ${url}`)
  }

  const fromOwnPage = { origin, 'sec-fetch-site': 'same-origin' }

  return {
    cookies,
    visits,
    open: (url, { headers = {} } = {}) => navigate('GET', new URL(url, origin), undefined, { 'sec-fetch-site': 'none', ...headers }),
    submit(page, formOrPath, { values = {}, button, headers = {} } = {}) {
      const form = typeof formOrPath === 'string' ? page.form(formOrPath, button) : formOrPath
      const pressed = findButton(form, button)
      const all = { ...form.values, ...(pressed?.name && { [pressed.name]: pressed.value }), ...values }
      const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const body = new URLSearchParams(sent).toString()
      const url = new URL(pressed?.action ?? (form.action || page.url), page.url)
      if (form.method === 'get') {
        url.search = body
        return navigate('GET', url)
      }
      return navigate('POST', url, body, {
        'content-type': 'application/x-www-form-urlencoded',
        referer: page.url.href,
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        ...fromOwnPage,
        ...headers,
      })
    },
    post: (page, url, body, headers = {}) =>
      visit('POST', new URL(url, page.url), body, { accept: 'application/json', referer: page.url.href, ...fromOwnPage, ...headers }),
    close: () => client.close(),
  }
}

/** A redirect, or a page that hands over at once (`Refresh: 0`, as header or element). */
function nextAddress({ status, headers, body }: Answer): string | undefined {
  if (status >= 300 && status < 400 && headers.location) return headers.location
  const refresh = headers['refresh'] ?? /<meta[^>]+http-equiv="?refresh"?[^>]+content="([^"]*)"/i.exec(body)?.[1]
  return typeof refresh === 'string' ? /^\s*0\s*;\s*url=['"]?([^'"]*)/i.exec(refresh)?.[1]?.replaceAll('&amp;', '&') : undefined
}

function findButton({ buttons }: Form, wanted: string | undefined) {
  if (wanted === undefined) return buttons[0]
  return buttons.find(({ name, value, text }) => [name, `${name}=${value}`, text].includes(wanted))
}

function toPage(url: URL, answer: Answer | undefined): Page {
  const document = parseHtml(answer?.body ?? '')
  const find = (what: string, matches: (form: Form) => boolean): Form => {
    const found = document.forms.find(matches)
    if (found) return found
    const forms = document.forms.map(({ action, hidden, buttons }) => `${action}${hidden ? ' (hidden)' : ''}: ${buttons.map(({ text }) => text)}`)
    throw new Error([`no ${what} at ${url} (${answer?.status}: ${document.heading}), only`, ...forms].join('\n'))
  }
  return {
    ...document,
    url,
    status: answer?.status ?? 0,
    headers: answer?.headers ?? {},
    html: answer?.body ?? '',
    elsewhere: answer === undefined,
    form: (path, button) =>
      find(
        `form to …${path}${button ? ` with a button "${button}"` : ''}`,
        form =>
          !form.hidden &&
          new URL(form.action, url).pathname.endsWith(path) &&
          (button === undefined || findButton(form, button) !== undefined),
      ),
    passkeyForm: ceremony => find(`passkey form (${ceremony})`, ({ data }) => data['passkey'] === ceremony),
  }
}
