import type { DatabaseSync } from 'node:sqlite'
import type { Connection } from './connection.ts'

/** Rows that one statement may remove: about a millisecond of work. */
const STEP = 100
/** Milliseconds between two steps while more is due, and between two sweeps when nothing is. */
const NEXT_STEP = 10
const NEXT_SWEEP = 30_000
/** Milliseconds for which the record of a mail outlives its body. */
const MAIL_RECORD_LIFE = 30 * 24 * 3_600_000
/** Milliseconds for which changed rules can be tried on what was decided. */
const RULE_DECISION_LIFE = 90 * 24 * 3_600_000
/** Milliseconds for which a removed passkey can be brought back. */
const REMOVED_PASSKEY_LIFE = 7 * 24 * 3_600_000

/**
 * Removes what has expired. Readers never see expired rows, so this only gives space back and erases the bodies of
 * mails that were not delivered in time. Resolves to whether more may be due.
 */
export function createSweep({ database, write, clock }: Connection): () => Promise<boolean> {
  const removals = [
    database.prepare(`delete from artifacts where rowid in (
      select rowid from artifacts where expires_at <= ? limit ${STEP})`),
    database.prepare(`delete from ephemeral where rowid in (
      select rowid from ephemeral where expires_at <= ? limit ${STEP})`),
    database.prepare(`update outbox set document = json_set(json_remove(document, '$.sealed'), '$.state',
      iif(document ->> '$.state' in ('waiting', 'sending', 'kept'), 'expired', document ->> '$.state')) where rowid in (
      select rowid from outbox where document ->> '$.sealed' is not null and document ->> '$.expiresAt' <= ? limit ${STEP})`),
    database.prepare(`delete from outbox where rowid in (
      select rowid from outbox where document ->> '$.expiresAt' <= ? - ${MAIL_RECORD_LIFE} limit ${STEP})`),
    database.prepare(`delete from audit where rowid in (
      select rowid from audit where entry ->> '$.expiresAt' is not null and entry ->> '$.expiresAt' <= ? limit ${STEP})`),
    database.prepare(`delete from rules where rowid in (
      select rowid from rules where at <= ? - ${RULE_DECISION_LIFE} limit ${STEP})`),
    // Offers up to the newest passkey that was made count no more, except for "never". That it was made goes last, since
    // it is what says so. CROSS JOIN and `+` choose the index of what was made: the rest is not looked at each time.
    database.prepare(`delete from prompts where rowid in (
      select earlier.rowid from prompts made cross join prompts earlier
      where made.entry ->> '$.outcome' = 'created' and +made.at <= ?
        and not exists (select 1 from prompts newer
          where newer.account_id = made.account_id and newer.at > made.at and newer.entry ->> '$.outcome' = 'created')
        and earlier.account_id = made.account_id and earlier.at <= made.at and earlier.entry ->> '$.outcome' <> 'never'
      order by made.account_id, earlier.entry ->> '$.outcome' = 'created', earlier.at limit ${STEP})`),
    // One whose removal was disowned stays too: whoever decides may bring it back.
    database.prepare(`delete from passkeys where rowid in (
      select rowid from passkeys where document ->> '$.removedAt' is not null and document ->> '$.removedAt' <= ? - ${REMOVED_PASSKEY_LIFE}
      and not exists (select 1 from changes where document ->> '$.accountId' = passkeys.document ->> '$.accountId'
        and document ->> '$.subject' = passkeys.id and document ->> '$.frozenAt' is not null and document ->> '$.settled' is null) limit ${STEP})`),
    // What was disowned and not yet decided stays: the account is frozen by it.
    database.prepare(`delete from changes where rowid in (
      select rowid from changes where document ->> '$.until' <= ? and (document ->> '$.frozenAt' is null or document ->> '$.settled' is not null) limit ${STEP})`),
  ]
  return async () => {
    const now = clock.now()
    const changes = await Promise.all(removals.map((removal) => write(() => removal.run(now).changes)))
    return changes.includes(STEP)
  }
}

/** Sweeps in the background; the timer keeps no process alive. Returns the function that stops it. */
export function startSweeping(sweep: () => Promise<boolean>): () => void {
  let timer = setTimeout(run, NEXT_SWEEP).unref()
  let stopped = false
  async function run() {
    // A sweep that fails is repeated by the next one; that the store is gone, the requests report.
    const more = await sweep().catch(() => false)
    if (!stopped) timer = setTimeout(run, more ? NEXT_STEP : NEXT_SWEEP).unref()
  }
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

/** Milliseconds between two looks at the write-ahead log. */
const NEXT_CHECKPOINT = 250

/**
 * Copies the write-ahead log into the database often and so in small steps; SQLite's own checkpoint would come seldom,
 * copy thousands of pages, and delay the commit that triggers it. Returns the function that stops it.
 */
export function startCheckpoints(database: DatabaseSync): () => void {
  const look = database.prepare('pragma wal_checkpoint(noop)')
  const checkpoint = database.prepare('pragma wal_checkpoint(passive)')
  const timer = setInterval(() => {
    try {
      const state = look.get()
      if (state?.['log'] !== state?.['checkpointed']) checkpoint.get()
    } catch {
      // The log only grows until the next look; a store that is gone, the requests report.
    }
  }, NEXT_CHECKPOINT)
  timer.unref()
  return () => clearInterval(timer)
}
