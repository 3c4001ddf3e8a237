import { randomInt } from 'node:crypto'
import { findTyped, type Flow } from './flow.ts'

/** names that are looked up at most */
const tries = 6

/** Two free names like the one that is taken; none where the operator's pattern has no room for any. */
export async function suggestionsFor({ deps }: Flow, name: string): Promise<string[]> {
  const free: string[] = []
  for (let n = 0; n < tries && free.length < 2; n += 1) {
    const digits = String(randomInt(10, n < 3 ? 100 : 10_000))
    const reading = deps.normaliser.read(n % 2 === 0 ? `${name}${digits}` : `${name}-${digits}`, ['username'])
    if (reading.ok && !free.includes(reading.value) && !(await findTyped(deps, reading))) free.push(reading.value)
  }
  return free.length === 2 ? free : []
}
