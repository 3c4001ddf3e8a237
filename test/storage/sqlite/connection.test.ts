import { statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'ava'
import { AppError } from '../../../src/errors.ts'
import { openSqlite } from '../../../src/storage/sqlite/index.ts'
import { account } from '../conformance/samples.ts'
import { openParts, openStore } from './opened.ts'

const unavailable = { instanceOf: AppError, code: 'store_unavailable' }

test('the database, its log and its shared memory are for their owner only', async (t) => {
  const { folder, path, storage } = await openStore(t)
  await storage.accounts.insert(account('a'))
  for (const suffix of ['', '-wal', '-shm']) t.is(statSync(path + suffix).mode & 0o777, 0o600, suffix)

  await storage.close()
  await chmod(path, 0o644)
  const again = await openSqlite(folder, Date.now)
  t.teardown(() => again.close())
  await again.accounts.insert(account('b'))
  for (const suffix of ['', '-wal', '-shm']) t.is(statSync(path + suffix).mode & 0o777, 0o600, suffix)
})

test('what is written is flushed to the disk before the answer', async (t) => {
  const { database } = await openParts(t)
  t.is(database.prepare('pragma journal_mode').get()?.['journal_mode'], 'wal')
  t.is(database.prepare('pragma synchronous').get()?.['synchronous'], 2)
})

test('a database of a newer version is refused and stays as it is', async (t) => {
  const { folder, path, storage } = await openStore(t)
  await storage.close()
  const database = new DatabaseSync(path)
  t.teardown(() => database.close())
  database.exec('pragma user_version = 999')
  await t.throwsAsync(openSqlite(folder, Date.now), { ...unavailable, message: /schema 999.*newer version/ })
  t.is(database.prepare('pragma user_version').get()?.['user_version'], 999)
})

test('a folder that cannot be made and a file that is no database are refused', async (t) => {
  const { folder, path, storage } = await openStore(t)
  await storage.close()
  await t.throwsAsync(openSqlite(join(path, 'data'), Date.now), { ...unavailable, message: /cannot write to .*ENOTDIR/ })
  const other = join(folder, 'other')
  await mkdir(other)
  await writeFile(join(other, 'latchkey.db'), 'not a database, but long enough to be taken for one'.repeat(99))
  await t.throwsAsync(openSqlite(other, Date.now), unavailable)
})

test('accounts that were there before they were counted are counted', async (t) => {
  const { folder, path, storage } = await openStore(t)
  for (const id of ['a', 'b', 'c']) await storage.accounts.insert({ ...account(id), credentialIds: id === 'b' ? ['p'] : [] })
  await storage.close()
  const database = new DatabaseSync(path)
  // as it was before that migration
  database.exec(`
    drop trigger accounts_inserted; drop trigger accounts_deleted; drop trigger accounts_updated;
    drop table tallies; drop table ceremonies; drop index prompts_passing;
    pragma user_version = 5`)
  database.close()
  const again = await openSqlite(folder, Date.now)
  t.teardown(() => again.close())
  t.deepEqual(await again.tallies.accounts(), { withPasskey: 1, without: 2 })
  await again.accounts.delete('b')
  t.deepEqual(await again.tallies.accounts(), { withPasskey: 0, without: 2 })
})
