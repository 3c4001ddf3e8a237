import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createClock } from '../../../src/storage/clock.ts'
import { type CommitLimits, createCommitQueue } from '../../../src/storage/sqlite/commit-queue.ts'
import { openDatabase } from '../../../src/storage/sqlite/connection.ts'
import { createDocuments } from '../../../src/storage/sqlite/documents.ts'
import { openSqlite } from '../../../src/storage/sqlite/index.ts'
import type { Account } from '../../../src/storage/types.ts'

export const makeFolder = () => mkdtemp(join(tmpdir(), 'latchkey-storage-'))

/** A store in a folder of its own, whose clock stands still but for `advance`, and the path of its database. */
export async function openStore(t: ExecutionContext) {
  const folder = await makeFolder()
  let now = Date.now()
  const storage = await openSqlite(folder, () => now)
  t.teardown(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })
  return {
    folder,
    path: join(folder, 'latchkey.db'),
    storage,
    advance: (milliseconds: number) => void (now += milliseconds),
  }
}

/** The parts of a store: a new database, the queue that writes go through, and the accounts. */
export async function openParts(t: ExecutionContext, limits?: CommitLimits) {
  const folder = await makeFolder()
  const database = await openDatabase(folder)
  t.teardown(() => {
    database.close()
    return rm(folder, { recursive: true })
  })
  const queue = createCommitQueue(database, limits)
  const connection = { database, write: queue.write, clock: createClock(Date.now) }
  const accounts = createDocuments<Account>(connection, 'accounts')
  return { path: join(folder, 'latchkey.db'), database, queue, accounts }
}

/** Another process takes the write lock and keeps it until `release`. */
export async function lock(t: ExecutionContext, path: string) {
  const holder = fork(new URL('lock-holder.ts', import.meta.url), [path])
  t.teardown(() => holder.kill())
  await once(holder, 'message')
  return { release: () => void holder.send('release') }
}

/** Counts the frames of the write-ahead log that end a transaction (https://sqlite.org/fileformat2.html 4.1). */
export function commitsInLog(path: string): number {
  const log = readFileSync(`${path}-wal`)
  const frame = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frame <= log.length; at += frame) {
    const current = log.compare(log, 16, 24, at + 8, at + 16) === 0
    if (current && log.readUInt32BE(at + 4) !== 0) commits++
  }
  return commits
}
