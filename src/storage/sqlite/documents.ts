import { AppError } from '../../errors.ts'
import type { AccountDocuments, Documents } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'

/** One table of JSON documents under a natural key: accounts, identifiers, passkeys, factors, devices, outbox. */
export function createDocuments<T extends { id: string }>({ database, write }: Connection, table: string): Documents<T> {
  const get = database.prepare(`select document from ${table} where id = ?`)
  const insert = database.prepare(`insert into ${table} (id, document) values (?, ?) on conflict do nothing`)
  const replace = database.prepare(`update ${table} set document = ? where id = ?`)
  const remove = database.prepare(`delete from ${table} where id = ?`)

  function documentOf(id: string): T | undefined {
    const row = get.get(id)
    return row && (JSON.parse(row['document'] as string) as T)
  }

  return {
    get: reading(documentOf),
    async insert(document) {
      const text = JSON.stringify(document)
      await write(() => {
        if (insert.run(document.id, text).changes === 0) throw new AppError('already_exists')
      })
    },
    update: (id, fn) =>
      write(() => {
        const current = documentOf(id)
        const next = current && fn(current)
        // Read again when left alone: `fn` may have touched the object that it was given.
        if (next === undefined) return current && documentOf(id)
        replace.run(JSON.stringify(next), id)
        return next
      }),
    delete: (id) => write(() => void remove.run(id)),
  }
}

/** The documents whose `field` has a value, oldest first; the table needs an index over that expression. */
export function createListing<T>({ database }: Connection, table: string, field: string): (value: string) => Promise<T[]> {
  const list = database.prepare(`select document from ${table} where document ->> '$.${field}' = ? order by rowid`)
  return reading((value) => list.all(value).map((row) => JSON.parse(row['document'] as string) as T))
}

export function createAccountDocuments<T extends { id: string; accountId: string }>(
  connection: Connection,
  table: string,
): AccountDocuments<T> {
  return { ...createDocuments<T>(connection, table), listByAccount: createListing<T>(connection, table, 'accountId') }
}
