import type { Ephemeral, Json } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'

/** Small values that expire; an expired row is absent although the sweep may not have come by. */
export function createEphemeral({ database, write, clock }: Connection): Ephemeral {
  const get = database.prepare('select value from ephemeral where key = ? and expires_at > ?')
  const set = database.prepare(`
    insert into ephemeral (key, value, expires_at) values (?, ?, ?)
    on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at`)
  const claim = database.prepare(`
    insert into ephemeral (key, value, expires_at) values (?, 'true', ?)
    on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at where expires_at <= ?`)
  const take = database.prepare('delete from ephemeral where key = ? returning value, expires_at > ? as alive')
  const remove = database.prepare('delete from ephemeral where key = ?')

  function valueOf<T extends Json>(key: string): T | undefined {
    const row = get.get(key, clock.now())
    return row && (JSON.parse(row['value'] as string) as T)
  }

  return {
    get: reading(valueOf) as Ephemeral['get'],
    async set(key, value, expiresAt) {
      const text = JSON.stringify(value)
      await write(() => void set.run(key, text, expiresAt))
    },
    claim: (key, expiresAt) => write(() => claim.run(key, expiresAt, clock.now()).changes === 1),
    take: <T extends Json>(key: string) =>
      write(() => {
        const row = take.get(key, clock.now())
        return row?.['alive'] === 1 ? (JSON.parse(row['value'] as string) as T) : undefined
      }),
    update: (key, fn) =>
      write(() => {
        const { next, result } = fn(valueOf(key))
        if (next === undefined) remove.run(key)
        else if (next !== 'keep') set.run(key, JSON.stringify(next.value), next.expiresAt)
        return result
      }),
    delete: (key) => write(() => void remove.run(key)),
  }
}
