import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../errors.ts'
import { backoff, PATIENCE } from './busy.ts'
import { isBusy, storeError } from './errors.ts'

/**
 * Runs `job` inside the next write transaction and resolves to what it returned, once that is on disk.
 *
 * A job is synchronous and makes at most one changing statement, as its last: a job that throws has then changed
 * nothing, fails alone, and needs no savepoint.
 */
export type Write = <R>(job: () => R) => Promise<R>

export interface CommitQueue {
  write: Write
  /** refuses further writes; resolves when those that are queued have been answered */
  close(): Promise<void>
}

interface Entry {
  job: () => unknown
  resolve: (value: never) => void
  reject: (error: unknown) => void
  /** by `performance.now()` */
  deadline: number
  value: unknown
  error: unknown
  failed: boolean
}

export interface CommitLimits {
  /** milliseconds that a write waits for another process's lock before it fails with `store_unavailable` */
  patience?: number
  /** milliseconds for which a transaction goes on taking jobs: other processes wait for its lock */
  budget?: number
  /** milliseconds for which a commit waits for more writes, as long as each turn of the event loop brings some */
  gather?: number
}

/**
 * Group commit: writes that come close together share one transaction, and so one flush of the disk. A write that comes
 * alone waits for one turn of the event loop; under load each turn brings more. `BEGIN IMMEDIATE` takes the write lock
 * first, because a transaction that read before another process committed could never write.
 */
export function createCommitQueue(
  database: DatabaseSync,
  { patience = PATIENCE, budget = 4, gather = 2 }: CommitLimits = {},
): CommitQueue {
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  const rollback = database.prepare('rollback')

  let queued: Entry[] = []
  let scheduled = false
  let busyTries = 0
  let closing: { promise: Promise<void>; resolve: () => void } | undefined

  function write<R>(job: () => R): Promise<R> {
    if (closing) return Promise.reject(new AppError('store_unavailable', 'the database is closed'))
    return new Promise<R>((resolve, reject) => {
      const deadline = performance.now() + patience
      queued.push({ job, resolve, reject, deadline, value: undefined, error: undefined, failed: false })
      if (!scheduled) {
        scheduled = true
        setImmediate(flushWhenQuiet, 0, performance.now() + gather)
      }
    })
  }

  function flushWhenQuiet(before: number, latest: number): void {
    if (queued.length > before && performance.now() < latest) setImmediate(flushWhenQuiet, queued.length, latest)
    else flush()
  }

  function flush(): void {
    try {
      begin.run()
    } catch (error) {
      return isBusy(error) ? waitForLock(error) : answer(takeAll(), error)
    }
    busyTries = 0
    const batch = runJobs()
    try {
      // SQLite itself rolls back when the disk is full or cannot be read: then no job of the batch has happened.
      if (!database.isTransaction) throw batch.at(-1)?.error
      commit.run()
      answer(batch)
    } catch (error) {
      if (database.isTransaction) rollback.run()
      answer(batch, error)
    }
  }

  function runJobs(): Entry[] {
    const end = performance.now() + budget
    let count = 0
    for (const entry of queued) {
      count++
      try {
        entry.value = entry.job()
      } catch (error) {
        entry.error = error
        entry.failed = true
        if (!database.isTransaction) break
      }
      if (performance.now() > end) break
    }
    return count === queued.length ? takeAll() : queued.splice(0, count)
  }

  function waitForLock(error: unknown): void {
    const now = performance.now()
    const tooLate = queued.findIndex((entry) => entry.deadline > now)
    const next = backoff(busyTries++)
    answer(tooLate === -1 ? takeAll() : queued.splice(0, tooLate), error, next)
  }

  function takeAll(): Entry[] {
    const all = queued
    queued = []
    return all
  }

  /** Settles the entries, `failure` being the whole transaction's, and arranges for those still queued. */
  function answer(batch: Entry[], failure?: unknown, delay?: number): void {
    for (const entry of batch) {
      if (entry.failed) entry.reject(storeError(entry.error))
      else if (failure !== undefined) entry.reject(storeError(failure))
      else entry.resolve(entry.value as never)
    }
    scheduled = queued.length > 0
    if (!scheduled) closing?.resolve()
    else if (delay === undefined) setImmediate(flush)
    else setTimeout(flush, delay)
  }

  return {
    write,
    close() {
      closing ??= Promise.withResolvers<void>()
      if (!scheduled) closing.resolve()
      return closing.promise
    },
  }
}
