import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type Keyring, openKeyring } from '../../src/secrets/keyring.ts'
import { openSqlite, type SqliteStorage } from '../../src/storage/sqlite/index.ts'

export interface TestStore {
  folder: string
  storage: SqliteStorage
  keyring: Keyring
  /** moves the store's clock, which stands still otherwise */
  advance(ms: number): void
}

/** The embedded store in a folder of its own, under a clock that only the test moves. */
export async function openTestStore(t: ExecutionContext): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  let time = Date.now()
  const keyring = await openKeyring(folder)
  const storage = await openSqlite(folder, () => time)
  t.teardown(async () => {
    await storage.close()
    await rm(folder, { recursive: true })
  })
  return { folder, storage, keyring, advance: (ms) => void (time += ms) }
}
