/** Shows views to a browser and takes what they post: all that there is of a server where only the page is looked at. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Locale } from '../../src/i18n/index.ts'
import { themeCss } from '../../src/theme/index.ts'
import { render, type Html, type PageContext } from '../../views/page.ts'
import type { Tab } from '../helpers/chromium.ts'
import { pageContext } from './page-context.ts'

export interface PageServer {
  origin: string
  /** what the pages posted, in order: forms, requests for fresh options, reports */
  posts: Post[]
  /** opens the page; what was posted before is forgotten */
  open(tab: Tab, name: string, options?: { waitUntil?: 'commit' | 'load'; locale?: Locale }): Promise<void>
  /** the fields of the form that was posted there; waits for its answer */
  posted(tab: Tab, path: string): Promise<Record<string, string>>
  /** the reports so far */
  reports(): Record<string, unknown>[]
  dispose(): Promise<void>
}

export interface Post {
  path: string
  body: string
}

export const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"
/** the challenge of fresh options, base64url */
export const freshChallenge = 'ZnJlc2g'

const types: Record<string, string> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' }

export async function startPageServer(views: Record<string, (page: PageContext) => Html>): Promise<PageServer> {
  const posts: Post[] = []
  const server = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const [, first = '', name = ''] = pathname.split('/')
    if (request.method === 'POST') {
      let body = ''
      for await (const chunk of request) body += chunk
      posts.push({ path: request.url ?? '', body })
      if (pathname.endsWith('/report')) return response.writeHead(204).end()
      response.setHeader('content-type', 'application/json')
      return response.end(JSON.stringify({ options: { challenge: freshChallenge } }))
    }
    if (first === 'assets') {
      response.setHeader('content-type', types[name.split('.').pop() ?? ''] ?? 'text/plain')
      return response.end(name === 'theme.css' ? themeCss('#3355ff') : await readFile(new URL(`../../views/assets/${name}`, import.meta.url)))
    }
    const view = views[name]
    response.statusCode = view ? 200 : 404
    response.setHeader('content-type', 'text/html')
    response.setHeader('content-security-policy', policy)
    response.end(view && render(view(pageContext(first === 'de' ? 'de' : 'en'))))
  }).listen(0, 'localhost')
  await once(server, 'listening')
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`

  return {
    origin,
    posts,
    async open({ page }, name, { waitUntil = 'load', locale = 'en' } = {}) {
      posts.length = 0
      await page.goto(`${origin}/${locale}/${name}`, { waitUntil })
    },
    async posted({ page }, path) {
      await page.waitForURL(`**${path}`)
      return Object.fromEntries(new URLSearchParams(posts.find((post) => post.path === path)?.body))
    },
    reports: () => posts.filter(({ path }) => path.endsWith('/report')).map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    async dispose() {
      server.close()
      server.closeAllConnections()
    },
  }
}
