import { randomFillSync } from 'node:crypto'

/** Crockford's base 32: without I, L, O and U nothing is misread on the phone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

// Every request draws one, so random bytes are fetched a page at a time.
const pool = Buffer.alloc(4096)
let next = pool.length

/** Names one request, e.g. `7F3K-2Q9D` (40 random bits). */
export function newReference(): string {
  if (next + 8 > pool.length) {
    randomFillSync(pool)
    next = 0
  }
  let reference = ''
  for (let i = 0; i < 8; i++) reference += (i === 4 ? '-' : '') + alphabet[pool[next++]! & 31]
  return reference
}
