import type { Clock, Ephemeral, Json } from '../../src/storage/types.ts'

/** An `Ephemeral` in a map, quick enough for property tests, that counts its calls and whose clock the test moves. */
export function createMemory() {
  const rows = new Map<string, { text: string; expiresAt: number }>()
  const calls: string[] = []
  let time = 1_800_000_000_000

  const clock: Clock = { now: () => time }
  const read = <T extends Json>(key: string): T | undefined => {
    const row = rows.get(key)
    return row && row.expiresAt > time ? (JSON.parse(row.text) as T) : undefined
  }
  const write = (key: string, value: Json, expiresAt: number) => void rows.set(key, { text: JSON.stringify(value), expiresAt })

  const ephemeral: Ephemeral = {
    async get(key) {
      calls.push('get')
      return read(key)
    },
    async set(key, value, expiresAt) {
      calls.push('set')
      write(key, value, expiresAt)
    },
    async claim(key, expiresAt) {
      calls.push('claim')
      if (read(key) !== undefined) return false
      write(key, true, expiresAt)
      return true
    },
    async take<T extends Json>(key: string) {
      calls.push('take')
      const value = read<T>(key)
      rows.delete(key)
      return value
    },
    async update(key, fn) {
      calls.push('update')
      const { next, result } = fn(read(key))
      if (next === undefined) rows.delete(key)
      else if (next !== 'keep') write(key, next.value, next.expiresAt)
      return result
    },
    async delete(key) {
      calls.push('delete')
      rows.delete(key)
    },
  }
  return { ephemeral, clock, calls, advance: (ms: number) => void (time += ms) }
}
