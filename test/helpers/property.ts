/**
 * fast-check with one seed for all, so that what passed once passes again. `PROPERTY_SEED` takes other ways: a number, or
 * `random`. A failure names the seed it had.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'

function seedOf(wanted: string): number {
  if (wanted === 'random') return randomInt(2 ** 31)
  const number = Number(wanted)
  if (!Number.isSafeInteger(number)) throw new Error(`PROPERTY_SEED is a whole number or "random", not "${wanted}"`)
  return number
}

export const seed = seedOf(process.env['PROPERTY_SEED'] || '1')
fc.configureGlobal({ seed })

export default fc
