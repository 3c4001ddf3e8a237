import type { DatabaseSync } from 'node:sqlite'
import type { Connection } from './connection.ts'
import { removals, STEP } from './removals.ts'

/** Milliseconds between two steps while more is due, and between two sweeps when nothing is. */
const NEXT_STEP = 10
const NEXT_SWEEP = 30_000

/**
 * Removes what has expired. Readers never see expired rows, so this only gives space back and erases the bodies of
 * mails that were not delivered in time. Resolves to whether more may be due.
 */
export function createSweep({ database, write, clock }: Connection): () => Promise<boolean> {
  const steps = Object.values(removals).map((removal) => database.prepare(removal))
  return async () => {
    const now = clock.now()
    const changes = await Promise.all(steps.map((step) => write(() => step.run(now).changes)))
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
