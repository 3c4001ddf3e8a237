import test from 'ava'
import { createAdoption } from '../../src/passkeys/index.ts'
import { openSqlite } from '../../src/storage/sqlite/index.ts'
import type { Storage } from '../../src/storage/types.ts'
import { account } from '../storage/conformance/samples.ts'
import { openStore } from '../storage/sqlite/opened.ts'

test('the first time that half of the accounts have a passkey it is said, once for good', async (t) => {
  const { folder, storage, advance } = await openStore(t)
  const lines: object[] = []
  const lookIn = (of: Storage) => createAdoption({ ...of, log: { info: (fields, message) => void lines.push({ ...fields, message }) } })
  const look = lookIn(storage)
  const add = (id: string, ...credentialIds: string[]) => storage.accounts.insert({ ...account(id), credentialIds })

  await add('first', 'p')
  await look()
  t.deepEqual(lines, [], 'one of one says nothing')
  for (let index = 0; index < 9; index++) await add(`${index}`, ...(index < 3 ? ['p'] : []))
  await look()
  t.deepEqual(lines, [], '4 of 10')

  await storage.accounts.update('8', (current) => ({ ...current, credentialIds: ['p'] }))
  await Promise.all([look(), lookIn(storage)(), lookIn(storage)()])
  t.deepEqual(lines, [{ accounts: 10, withPasskey: 5, message: 'half of the accounts have a passkey' }])
  await look()

  // Fewer again, more again, years later, in another process.
  await storage.accounts.update('8', (current) => ({ ...current, credentialIds: [] }))
  await look()
  await storage.accounts.update('8', (current) => ({ ...current, credentialIds: ['p'] }))
  advance(10 * 365 * 24 * 3_600_000)
  while (await storage.sweep());
  const again = await openSqlite(folder, () => storage.clock.now())
  t.teardown(() => again.close())
  await lookIn(again)()
  t.is(lines.length, 1)
})
