import { AppError } from '../../errors.ts'
import type { Log, OutcomeLog } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'

/** An append-only table: audit, rules, prompts, ceremonies. Entries of one millisecond come newest appended first. */
export function createLog<T extends { id: string; at: number; accountId?: string }>(
  { database, write }: Connection,
  table: string,
): Log<T> {
  const append = database.prepare(
    `insert into ${table} (id, at, account_id, entry) values (?, ?, ?, ?) on conflict do nothing`,
  )
  const range = 'at >= ? and at < ? order by at desc, rowid desc limit ?'
  const queryAll = database.prepare(`select entry from ${table} where ${range}`)
  const queryAccount = database.prepare(`select entry from ${table} where account_id = ? and ${range}`)

  return {
    async append(entry) {
      const text = JSON.stringify(entry)
      await write(() => {
        const { changes } = append.run(entry.id, entry.at, entry.accountId ?? null, text)
        if (changes === 0) throw new AppError('already_exists')
      })
    },
    query: reading(({ accountId, after = 0, before = Number.MAX_SAFE_INTEGER, limit }) => {
      const rows =
        accountId === undefined ? queryAll.all(after, before, limit) : queryAccount.all(accountId, after, before, limit)
      return rows.map((row) => entryOf<T>(row))
    }),
  }
}

export const entryOf = <T>(row: Record<string, unknown>): T => JSON.parse(row['entry'] as string) as T

/** The same, of whose entries some outcomes can be asked for. */
export function createOutcomeLog<T extends { id: string; at: number; accountId?: string; outcome: string }>(
  connection: Connection,
  table: string,
): OutcomeLog<T> {
  const log = createLog<T>(connection, table)
  const among = `entry ->> '$.outcome' in (select value from json_each(?)) and at >= ? and at < ? order by at desc, rowid desc limit ?`
  const queryAll = connection.database.prepare(`select entry from ${table} where ${among}`)
  const queryAccount = connection.database.prepare(`select entry from ${table} where account_id = ? and ${among}`)
  const queryAmong = reading((outcomes: readonly string[], { accountId, after = 0, before = Number.MAX_SAFE_INTEGER, limit }: Parameters<Log<T>['query']>[0]) => {
    const range = [JSON.stringify(outcomes), after, before, limit] as const
    const rows = accountId === undefined ? queryAll.all(...range) : queryAccount.all(accountId, ...range)
    return rows.map((row) => entryOf<T>(row))
  })

  return {
    append: log.append,
    query: ({ outcomes, ...where }) => (outcomes === undefined ? log.query(where) : queryAmong(outcomes, where)),
  }
}
