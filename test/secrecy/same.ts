import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from '../helpers/http-browser.ts'
import type { InProcess } from '../helpers/in-process.ts'

/** What script reports of a usual laptop. */
export const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })

export async function arrive(server: InProcess): Promise<{ browser: HttpBrowser; page: Page }> {
  const browser = createHttpBrowser({ origin: server.issuer })
  const { url } = await (await createApp(server.issuer, shop)).authorize()
  return { browser, page: await browser.open(url) }
}

/** What is typed as "who", and Continue. */
export const type = (browser: HttpBrowser, page: Page, identifier: string) =>
  browser.submit(page, '/identifier', { button: 'Continue', values: { identifier, capabilities } })

/** Everything that a browser is sent since it arrived, but for what is random in each answer and the name that was typed, however it is written. */
function seen({ visits, cookies }: HttpBrowser, from: number, names: string[]): unknown[] {
  const uid = /interaction\/([\w-]+)/.exec(visits.map(({ url }) => url.pathname).join())?.[1] ?? ''
  const plain = (text: string) =>
    names
      .flatMap(name => [encodeURIComponent(name), name])
      .reduce((told, name) => told.replaceAll(name, '<name>'), text.replaceAll(uid, '<uid>').replaceAll('<wbr>', ''))
      .replace(/(name="csrf" value=")[^"]+/g, '$1<csrf>')
      .replace(/(challenge(?:&quot;|"):(?:&quot;|"))[\w-]{72}(?=&quot;|")/g, '$1<challenge>')
  return visits.slice(from).map(({ method, url, status, headers, body }) => {
    const { date: _, 'set-cookie': set = [], etag: __, ...rest } = headers
    const cookiesSet = set.map(cookie => cookie.replace(/=[^;]*/, '').replace(/expires=[^;]*/i, ''))
    return { at: `${method} ${plain(url.pathname)}`, status, headers: JSON.parse(plain(JSON.stringify(rest))), cookiesSet, body: plain(body), jar: cookies.all().map(cookie => cookie.name) }
  })
}

/** How many rows of which shape each table has, by who wrote them: what side effects leave. */
export function shapes(server: InProcess): Record<string, number> {
  const database = new DatabaseSync(join(server.folder, 'data', 'latchkey.db'), { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all()
  const counts = tables.map(({ name }) => [String(name), database.prepare(`select count(*) as n from "${name}"`).get()?.['n'] as number])
  database.close()
  return Object.fromEntries(counts)
}

/** What a visit added. */
export function grown(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([table, count]) => [table, count - (before[table] ?? 0)]))
}

/**
 * Does the same for each of them, in a fresh browser, and holds every answer and every row that it left against the first
 * one's. `namesOf`: all ways in which what was typed is written on a page.
 */
export async function same<Kind extends string>(
  t: ExecutionContext,
  server: InProcess,
  { kinds, namesOf, act }: { kinds: readonly [Kind, ...Kind[]]; namesOf: (kind: Kind) => string[]; act: (browser: HttpBrowser, page: Page, kind: Kind) => Promise<void> },
): Promise<unknown[]> {
  const observed: { kind: Kind; answers: unknown[]; rows: Record<string, number> }[] = []
  for (const kind of kinds) {
    const { browser, page } = await arrive(server)
    const [from, before] = [browser.visits.length, shapes(server)]
    await act(browser, page, kind)
    observed.push({ kind, answers: seen(browser, from, namesOf(kind)), rows: grown(before, shapes(server)) })
    browser.close()
  }
  const [{ answers, rows }, ...others] = observed as [typeof observed[0], ...typeof observed]
  for (const other of others) {
    t.deepEqual(other.rows, rows, other.kind)
    t.is(other.answers.length, answers.length, other.kind)
    for (const [index, answer] of answers.entries()) t.deepEqual(other.answers[index], answer, other.kind)
  }
  return answers
}
