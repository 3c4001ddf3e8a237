import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Visit } from '../helpers/http-browser.ts'
import { decode } from '../helpers/html.ts'
import type { Mail } from '../helpers/server.ts'

/** What opens something, by what it is: nothing of it may be found anywhere. */
export type Secrets = Map<string, string>

/** Cookies that say what everybody may know: the language, and the app to start again at. */
const harmless = /^latchkey_(start_again|locale)/

/** The ends of links that open something: each is a page's address. */
const tickets = /\/(?:account\/enrol|account\/not-me|link)\/([\w-]{43})/g

/** Every secret that passed through a browser: cookies, CSRF tokens, challenges, authorization codes, tickets. */
export function secretsOfVisits(visits: readonly Visit[]): Secrets {
  const found: Secrets = new Map()
  for (const { url, headers, body } of visits) {
    for (const [, ticket = ''] of url.pathname.matchAll(tickets)) found.set(ticket, 'ticket')
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value && !harmless.test(name)) found.set(value, `cookie ${name}`)
    }
    for (const [, value = ''] of body.matchAll(/name="(?:csrf|xsrf)" value="([^"]+)"/g)) found.set(decode(value), 'csrf token')
    for (const [, value = ''] of decode(body).matchAll(/"challenge":"([\w-]+)"/g)) found.set(value, 'challenge')
    for (const [, value = ''] of body.matchAll(/<output[^>]*>(\d{6,8})<\/output>/g)) found.set(value, 'code shown for a link')
    for (const [, value = ''] of body.matchAll(/<code>([A-Z2-9]{4}-[A-Z2-9]{4})<\/code>/g)) {
      found.set(value, 'recovery code')
      found.set(value.replace('-', ''), 'recovery code')
    }
    const key = /data-copy="([A-Z2-7]{32})"/.exec(body)?.[1]
    for (const [text, what] of key === undefined ? [] : secretsOfKey(key)) found.set(text, what)
    for (const text of [headers.location, headers['refresh'], decode(body)].flat()) {
      for (const [, value = ''] of (text ?? '').matchAll(/[?&]code=([\w-]+)/g)) found.set(value, 'authorization code')
    }
  }
  return found
}

/** The key of an authenticator app, in the forms in which somebody could have stored it. */
export function secretsOfKey(key: string): Secrets {
  const bits = [...key].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => parseInt(byte, 2)))
  const encodings = ['hex', 'base64', 'base64url', 'latin1'] as const
  return new Map([[key, 'app key'], ...encodings.map(encoding => [bytes.toString(encoding), `app key in ${encoding}`] as const)])
}

/** A code stands alone on a line of a mail. It begins a text message, in whatever language, and ends its last line. */
const codes = /^\s*(\d{6,8})(?!\S)|#(\d{6,8})$/gm

/** The codes of mails and text messages, and everything readable of them. */
export function secretsOfMails(mails: readonly Mail[]): Secrets {
  const found: Secrets = new Map()
  for (const { subject = '', text } of mails) {
    for (const [, first, last = ''] of text.matchAll(codes)) {
      const code = first ?? last
      found.set(code, 'code')
      for (const encoding of ['hex', 'base64', 'base64url'] as const) found.set(createHash('sha256').update(code).digest(encoding), 'plain hash of a code')
    }
    for (const [, ticket = ''] of text.matchAll(tickets)) found.set(ticket, 'ticket')
    for (const line of [subject, ...text.split('\n')]) if (line.trim().length >= 30) found.set(line.trim(), 'line of a mail')
  }
  return found
}

/** Every table row by row, and every file byte by byte, what was deleted and is not overwritten included; but the keys. */
export async function dump(folder: string): Promise<{ place: string; text: string }[]> {
  const database = new DatabaseSync(join(folder, 'latchkey.db'), { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all().map(({ name }) => String(name))
  const rows = tables.map(name => ({ place: `table ${name}`, text: JSON.stringify(database.prepare(`select * from "${name}"`).all()) }))
  database.close()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.parentPath !== join(folder, 'keys'))
  const bytes = files.map(async ({ parentPath, name }) => ({ place: `file ${name}`, text: await readFile(join(parentPath, name), 'latin1') }))
  return [...rows, ...(await Promise.all(bytes))]
}

/** Where a secret occurs. Short codes count only on their own: six digits are somewhere in many longer numbers. */
export function occurrences(secrets: Secrets, places: readonly { place: string; text: string }[]): string[] {
  return [...secrets].flatMap(([secret, what]) => {
    const alone = /^\d{6,8}$/.test(secret) ? new RegExp(`(?<![\\w.+/=-])${secret}(?![\\w.+/=-])`) : undefined
    return places.filter(({ text }) => (alone ? alone.test(text) : text.includes(secret))).map(({ place }) => `${what} in ${place}: ${secret}`)
  })
}
