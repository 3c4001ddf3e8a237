import { createClock } from '../clock.ts'
import type { Account, AuditEntry, Change, Device, Factor, Identifier, Passkey, PromptEntry, RuleDecision, Storage } from '../types.ts'
import { createArtifacts } from './artifacts.ts'
import { reading } from './busy.ts'
import { createCeremonies } from './ceremonies.ts'
import { createCommitQueue } from './commit-queue.ts'
import { type Connection, openDatabase } from './connection.ts'
import { createAccountDocuments, createDocuments, createListing } from './documents.ts'
import { createEphemeral } from './ephemeral.ts'
import { createLog, createOutcomeLog } from './log.ts'
import { createOutbox } from './outbox.ts'
import { createSweep, startCheckpoints, startSweeping } from './sweep.ts'
import { createTallies } from './tallies.ts'

export interface SqliteStorage extends Storage {
  /** one step of removing what has expired; the store's own timer calls it. Resolves to whether more may be due */
  sweep(): Promise<boolean>
}

/** The embedded store: one SQLite database in the data folder, shared by any number of processes of one machine. */
export async function openSqlite(folder: string, processTime: () => number): Promise<SqliteStorage> {
  const database = await openDatabase(folder)
  const { write, close } = createCommitQueue(database)
  const clock = createClock(processTime)
  const connection: Connection = { database, write, clock }

  const storeTime = database.prepare(
    // The schema table is read so that the answer comes from the file and not from the driver alone.
    "select cast(round(unixepoch('subsec') * 1000) as integer) as now from sqlite_schema limit 1",
  )
  const measure = reading(() => {
    const before = processTime()
    const now = storeTime.get()?.['now'] as number
    clock.measured(before, now, processTime())
  })
  await measure()

  const sweep = createSweep(connection)
  const stopSweeping = startSweeping(sweep)
  const stopCheckpoints = startCheckpoints(database)

  async function closeOnce(): Promise<void> {
    stopSweeping()
    stopCheckpoints()
    await close()
    database.close()
  }

  let closed: Promise<void> | undefined
  return {
    kind: 'embedded',
    clock,
    artifacts: createArtifacts(connection),
    ephemeral: createEphemeral(connection),
    accounts: createDocuments<Account>(connection, 'accounts'),
    identifiers: createDocuments<Identifier>(connection, 'identifiers'),
    passkeys: createAccountDocuments<Passkey>(connection, 'passkeys'),
    factors: createAccountDocuments<Factor>(connection, 'factors'),
    devices: {
      ...createAccountDocuments<Device>(connection, 'devices'),
      listByDevice: createListing<Device>(connection, 'devices', 'deviceHash'),
    },
    changes: createAccountDocuments<Change>(connection, 'changes'),
    audit: createLog<AuditEntry>(connection, 'audit'),
    rules: createLog<RuleDecision>(connection, 'rules'),
    prompts: createOutcomeLog<PromptEntry>(connection, 'prompts'),
    ceremonies: createCeremonies(connection),
    outbox: createOutbox(connection),
    tallies: createTallies(connection),
    ping: measure,
    sweep,
    close: () => (closed ??= closeOnce()),
  }
}
