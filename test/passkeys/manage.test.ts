import test from 'ava'
import { namesOf } from '../../src/passkeys/index.ts'
import { setUp } from './setup.ts'

test('a name of one’s own, without what cannot be seen in it, and away again', async (t) => {
  const { passkeys, createAccount, enrol } = await setUp(t)
  const account = await createAccount()
  const { id } = await enrol(account)
  t.is((await passkeys.rename(account, id, '  Maya’s\u202E \u0000laptop\n'))?.name, 'Maya’s laptop')
  for (const nothing of [' \u200B ', '']) {
    await passkeys.rename(account, id, 'once more')
    t.false('name' in ((await passkeys.rename(account, id, nothing)) ?? { name: 'gone' }))
  }
  await t.throwsAsync(passkeys.rename(account, id, 'x'.repeat(65)), { message: /too long/ })
})

test('nobody names or prefers a passkey of somebody else, or one that is gone', async (t) => {
  const { passkeys, createAccount, enrol, storage } = await setUp(t)
  const [account, other] = [await createAccount(), await createAccount('account-2')]
  const { id } = await enrol(account)
  t.is(await passkeys.rename(other, id, 'mine'), undefined)
  t.is(await passkeys.makeDefault(other, id), undefined)
  await storage.passkeys.update(id, (passkey) => ({ ...passkey, removedAt: 1 }))
  t.is(await passkeys.rename(account, id, 'mine'), undefined)
  t.is(await passkeys.makeDefault(account, id), undefined)
  t.false('name' in ((await storage.passkeys.get(id)) ?? {}))
})

test('the default is one that the account lists', async (t) => {
  const { passkeys, createAccount, enrol, storage } = await setUp(t)
  const account = await createAccount()
  const { id } = await enrol(account)
  t.is((await passkeys.makeDefault(account, id))?.defaultPasskeyId, id)
  await storage.accounts.update(account.id, ({ defaultPasskeyId: _, ...current }) => ({ ...current, credentialIds: [] }))
  t.is(await passkeys.makeDefault(account, id), undefined)
})

test('two of one keeper are told apart by a number, the older one first', async (t) => {
  const { createAccount, enrol } = await setUp(t)
  const account = await createAccount()
  const first = await enrol(account)
  const second = { ...first, id: 'another' }
  t.deepEqual([...namesOf([first, second]).values()], [`${first.enrolledUserAgent} 1`, `${first.enrolledUserAgent} 2`])
  t.deepEqual([...namesOf([first, { ...second, name: 'Key on my ring' }]).values()], [first.enrolledUserAgent, 'Key on my ring'])
})
