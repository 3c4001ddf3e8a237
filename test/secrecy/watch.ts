/** Everybody who comes to a server, everything that they were given, and the search for it wherever the server keeps something. */
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { shop, type Tokens } from '../helpers/app.ts'
import type { Server } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { dump, occurrences, type Secrets, secretsOfMails, secretsOfVisits } from './secrets.ts'

export interface Watch {
  visitors: Visitor[]
  /** what no page and no mail shows: each is added by who knows it */
  secrets: Secrets
  newVisitor(options?: Parameters<typeof createVisitor>[1]): Visitor
  keep(tokens: Tokens): Tokens
  /** the journey is over: look everywhere */
  nothingIsLeft(t: ExecutionContext): Promise<void>
}

export function createWatch(server: Server): Watch {
  const visitors: Visitor[] = []
  const secrets: Secrets = new Map([[shop.client_secret, 'client secret']])
  return {
    visitors,
    secrets,
    newVisitor(options = {}) {
      const visitor = createVisitor(server, options)
      visitors.push(visitor)
      return visitor
    },
    keep(tokens) {
      for (const kind of ['access_token', 'refresh_token', 'id_token'] as const) {
        const value = tokens[kind]
        if (value) secrets.set(value, kind)
        if (value && kind === 'id_token') secrets.set(value.split('.')[2] ?? value, 'signature of an id_token')
      }
      return tokens
    },
    async nothingIsLeft(t) {
      for (const { browser } of visitors) for (const [secret, what] of secretsOfVisits(browser.visits)) secrets.set(secret, what)
      for (const [secret, what] of secretsOfMails(await server.outbox())) secrets.set(secret, what)
      const log = server.log.join('\n')
      const places = [...(await dump(join(server.folder, 'data'))), { place: 'the log', text: log }]
      t.true(places.some(({ place }) => place.endsWith('-wal')), 'the write-ahead log is looked at too')
      t.deepEqual(occurrences(secrets, places), [])

      t.deepEqual(log.match(/[^\s"@]+@[^\s"@]+\.\w+/g), null, 'no address in the log')
      t.deepEqual(log.match(/\?[\w.-]+=[^\s"]*/g), null, 'no query string in the log')
    },
  }
}
