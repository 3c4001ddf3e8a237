import type { Ceremonies, CeremonyEntry } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'
import { createOutcomeLog, entryOf } from './log.ts'

/** The log of passkey dialogs. The answer to one is found by the name of the ceremony. */
export function createCeremonies(connection: Connection): Ceremonies {
  const started = connection.database.prepare(`
    select rowid, at, entry, exists (select 1 from ceremonies other
      where other.entry ->> '$.ceremonyId' = started.entry ->> '$.ceremonyId' and other.entry ->> '$.outcome' <> 'started') as ended
    from ceremonies started
    where started.entry ->> '$.outcome' = 'started' and (at, rowid) > (?, ?) and at < ? order by at, rowid limit ?`)

  return {
    ...createOutcomeLog<CeremonyEntry>(connection, 'ceremonies'),
    unanswered: reading(({ after, before, limit, cursor = `${after} 0` }) => {
      const [at = 0, rowid = 0] = cursor.split(' ').map(Number)
      const rows = started.all(at, rowid, before, limit)
      const last = rows.length < limit ? undefined : rows.at(-1)
      const entries = rows.filter(({ ended }) => ended === 0).map((row) => entryOf<CeremonyEntry>(row))
      return { entries, ...(last && { cursor: `${last['at']} ${last['rowid']}` }) }
    }),
  }
}
