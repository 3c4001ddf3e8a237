import { setTimeout as pause } from 'node:timers/promises'
import { isBusy, storeError } from './errors.ts'

/** Milliseconds for which a call waits for another process's lock before it fails with `store_unavailable`. */
export const PATIENCE = 5_000

/**
 * Milliseconds until the next try: 1, 2, 4, 8, 10, 10 …, less a random part so that waiting processes spread out. A
 * busy process leaves the lock free for moments only: who asks seldom never meets one.
 */
export function backoff(attempt: number): number {
  return Math.min(10, 2 ** attempt) * (1 - Math.random() / 2)
}

/** Runs `attempt` until no other process is in its way; the wait leaves the event loop free. */
export async function whileBusy<R>(attempt: () => R): Promise<R> {
  const deadline = performance.now() + PATIENCE
  for (let tries = 0; ; tries++) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw storeError(error)
    }
    await pause(backoff(tries))
  }
}

/**
 * The asynchronous form of a direct read, with its errors mapped. In WAL mode a read meets a lock only while another
 * process recovers the log after a crash, so the plain path comes first.
 */
export function reading<Arguments extends unknown[], R>(
  read: (...args: Arguments) => R,
): (...args: Arguments) => Promise<R> {
  return async (...args) => {
    try {
      return read(...args)
    } catch (error) {
      if (!isBusy(error)) throw storeError(error)
    }
    return whileBusy(() => read(...args))
  }
}
