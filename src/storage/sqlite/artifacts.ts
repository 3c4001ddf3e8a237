import type { Artifacts, Json } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'

/** The engine's artifacts, one table for all models; an expired row is absent although the sweep may not have come by. */
export function createArtifacts({ database, write, clock }: Connection): Artifacts {
  const alive = '(expires_at is null or expires_at > ?)'
  const upsert = database.prepare(`
    insert into artifacts (model, key, payload, grant_id, uid, user_code, account_id, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (model, key) do update set payload = excluded.payload, grant_id = excluded.grant_id,
      uid = excluded.uid, user_code = excluded.user_code, account_id = excluded.account_id, expires_at = excluded.expires_at
    where artifacts.payload ->> '$.consumed' is null or artifacts.expires_at <= ?`)
  const find = database.prepare(`select payload from artifacts where model = ? and key = ? and ${alive}`)
  const findByUid = database.prepare(`
    select key, payload from artifacts where uid = ? and model = ? and ${alive} order by rowid desc limit 1`)
  const findByUserCode = database.prepare(`
    select key, payload from artifacts where user_code = ? and model = ? and ${alive} order by rowid desc limit 1`)
  const replacePayload = database.prepare('update artifacts set payload = ? where model = ? and key = ?')
  const destroyUnconsumed = database.prepare(`
    delete from artifacts where model = ? and key = ? and ${alive} and payload ->> '$.consumed' is null`)
  const destroy = database.prepare('delete from artifacts where model = ? and key = ?')
  const revoke = database.prepare('delete from artifacts where grant_id = ?')
  const listByAccount = database.prepare(`
    select key, payload from artifacts where account_id = ? and model = ? and ${alive} order by rowid`)

  function payloadOf(model: string, key: string): Json | undefined {
    const row = find.get(model, key, clock.now())
    return row && (JSON.parse(row['payload'] as string) as Json)
  }

  function foundBy(statement: typeof findByUid) {
    return reading((model: string, value: string) => {
      const row = statement.get(value, model, clock.now())
      return row && { key: row['key'] as string, payload: JSON.parse(row['payload'] as string) as Json }
    })
  }

  return {
    async upsert(model, key, payload, { grantId, uid, userCode, accountId }, expiresAt) {
      const text = JSON.stringify(payload)
      await write(() => {
        upsert.run(model, key, text, grantId ?? null, uid ?? null, userCode ?? null, accountId ?? null, expiresAt ?? null, clock.now())
      })
    },
    find: reading(payloadOf),
    findByUid: foundBy(findByUid),
    findByUserCode: foundBy(findByUserCode),
    consume: (model, key, { from, patch } = {}) =>
      write(() => {
        const payload = payloadOf(model, key) as Record<string, Json> | undefined
        if (payload === undefined || payload['consumed'] !== from) return false
        const consumed = from === undefined ? clock.now() : Math.max(clock.now(), from + 1)
        replacePayload.run(JSON.stringify({ ...payload, ...patch, consumed }), model, key)
        return true
      }),
    patch: (model, key, patch) =>
      write(() => {
        const payload = payloadOf(model, key)
        if (payload === undefined) return
        replacePayload.run(JSON.stringify({ ...(payload as Record<string, Json>), ...patch }), model, key)
      }),
    destroyUnconsumed: (model, key) => write(() => destroyUnconsumed.run(model, key, clock.now()).changes === 1),
    destroy: (model, key) => write(() => void destroy.run(model, key)),
    revokeByGrantId: (grantId) => write(() => void revoke.run(grantId)),
    listByAccount: reading((model: string, accountId: string) =>
      listByAccount.all(accountId, model, clock.now()).map((row) => ({ key: row['key'] as string, payload: JSON.parse(row['payload'] as string) as Json }))),
  }
}
