import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../errors.ts'
import type { Clock } from '../types.ts'
import { whileBusy } from './busy.ts'
import type { Write } from './commit-queue.ts'
import { migrate } from './migrations.ts'

/** What each part of the backend works with. */
export interface Connection {
  database: DatabaseSync
  write: Write
  clock: Clock
}

/**
 * How long one synchronous call may wait for another process, in milliseconds. It stalls the event loop, so it only
 * bridges another process's ordinary commit; longer waits are asynchronous (`busy.ts`).
 */
const BUSY_TIMEOUT = 2

const pragmas = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 8000;
  pragma journal_size_limit = 67108864;
  pragma cache_size = -16384;
  pragma temp_store = memory;
  pragma trusted_schema = off;
`

/** Opens `latchkey.db` in the folder, for its owner only, with the schema up to date. */
export async function openDatabase(folder: string): Promise<DatabaseSync> {
  const path = join(folder, 'latchkey.db')
  makePrivateFile(folder, path)
  let database: DatabaseSync | undefined
  try {
    const opened = (database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT }))
    await whileBusy(() => opened.exec(pragmas))
    await whileBusy(() => migrate(opened))
    return opened
  } catch (error) {
    database?.close()
    if (error instanceof AppError) throw error
    throw new AppError('store_unavailable', `cannot open ${path}`, { cause: error })
  }
}

/**
 * SQLite gives the log and the shared memory the mode of the database file, so making that file first is enough. An
 * existing file is not opened here: closing it would drop this process's locks on it (https://sqlite.org/howtocorrupt.html 2.2).
 */
function makePrivateFile(folder: string, path: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EEXIST') throw new AppError('store_unavailable', `cannot write to ${folder}: ${code}`, { cause: error })
    chmodSync(path, 0o600)
  }
}
