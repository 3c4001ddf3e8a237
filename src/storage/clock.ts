import type { Clock } from './types.ts'

export interface MeasuredClock extends Clock {
  /**
   * Takes one reading of the store's time (ms), made between two readings of process time. A store time that lies
   * between the two means no offset; otherwise the offset is the distance to their middle.
   */
  measured(before: number, storeTime: number, after: number): void
}

/** Process time plus the measured offset to the store. */
export function createClock(processTime: () => number): MeasuredClock {
  let offset = 0
  return {
    now: () => processTime() + offset,
    measured(before, storeTime, after) {
      offset = before <= storeTime && storeTime <= after ? 0 : Math.round(storeTime - (before + after) / 2)
    },
  }
}
