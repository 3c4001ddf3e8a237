import type { DatabaseSync } from 'node:sqlite'

/** Counts the transactions that are committed from now on by whoever prepares statements here: one database, or the prototype of all. */
export function countCommits(database: Pick<DatabaseSync, 'prepare'>): { commits(): number; stop(): void } {
  const { prepare } = database
  let count = 0
  database.prepare = function (this: DatabaseSync, ...given) {
    const statement = prepare.apply(this, given)
    const [sql] = given
    if (sql !== 'commit') return statement
    const run = statement.run.bind(statement)
    statement.run = (...values: []) => {
      count++
      return run(...values)
    }
    return statement
  }
  return { commits: () => count, stop: () => void (database.prepare = prepare) }
}
