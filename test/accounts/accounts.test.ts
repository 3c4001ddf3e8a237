import test from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { accountMayAuthenticate } from '../../src/accounts/may-authenticate.ts'
import type { Account, Documents, Identifier, Storage } from '../../src/storage/types.ts'
import { openTestStore } from '../verification/store.ts'
import { holdNext } from './store.ts'

const email = 'alice@example.com'
const alice = { kind: 'email' as const, value: email }
const input = { identifiers: [{ ...alice, verifiedAt: 1_000 }] }
/** Of whoever has proven it: the one that was made, or the one that is there. */
async function accountFor(storage: Deps, more: { locale?: string } = {}): Promise<{ account: Account; created: boolean }> {
  const outcome = await createAccounts(storage).create({ ...input, ...more })
  if (outcome.account) return { account: outcome.account, created: outcome.ok }
  throw new Error('taken')
}
type Deps = Pick<Storage, 'accounts' | 'identifiers' | 'clock'>

test('an account is made once and found by its address', async (t) => {
  const { storage } = await openTestStore(t)
  const accounts = createAccounts(storage)
  t.is(await accounts.findByIdentifier(alice), undefined)

  const { account, created } = await accountFor(storage, { locale: 'de' })
  t.true(created)
  t.deepEqual(account.identifiers, [{ kind: 'email', value: email, verifiedAt: 1_000 }])
  t.is(account.locale, 'de')
  t.deepEqual(await accounts.findByIdentifier(alice), account)
  t.deepEqual(await accounts.get(account.id), account)
  t.deepEqual(accounts.provenEmails(account), [email])
  t.is((await storage.identifiers.get(`email:${email}`))?.state, 'active')
  t.deepEqual(await accountFor(storage), { account, created: false })
})

test('sub and user handle are random, long and not derived from the address', async (t) => {
  const [one, two] = [await openTestStore(t), await openTestStore(t)]
  const a = (await accountFor(one.storage)).account
  const b = (await accountFor(two.storage)).account
  t.regex(a.id, /^[\w-]{22}$/)
  t.is(Buffer.from(a.userHandle, 'base64url').length, 32)
  t.is(new Set([a.id, b.id, a.userHandle, b.userHandle]).size, 4)
})

test('of 20 parallel creations one is told that it made the account, and all get the same one', async (t) => {
  const { storage } = await openTestStore(t)
  const results = await Promise.all(Array.from({ length: 20 }, () => accountFor(storage)))
  t.is(results.filter(({ created }) => created).length, 1)
  t.is(new Set(results.map(({ account }) => account.id)).size, 1)
  t.is(new Set(results.map(({ account }) => account.userHandle)).size, 1)
})

test('a creation that is overtaken half-way ends with the account of the other', async (t) => {
  const { storage } = await openTestStore(t)
  const { held, release } = holdNext(storage.accounts, 'insert')
  const slow = accountFor(storage)
  await held
  const quick = await accountFor(storage)
  t.true(quick.created)
  release()
  t.deepEqual(await slow, { account: quick.account, created: false })
})

/** The process dies at the nth write: before it reached the store, or after. */
function dyingAt(storage: Deps, fatal: number, when: 'before' | 'after'): Deps {
  let writes = 0
  const write = <A extends unknown[], R>(method: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    writes += 1
    if (writes > fatal || (writes === fatal && when === 'before')) throw new Error('killed')
    const result = await method(...args)
    if (writes === fatal) throw new Error('killed')
    return result
  }
  const mortal = <T extends { id: string }>(documents: Documents<T>): Documents<T> => ({
    get: documents.get,
    insert: write(documents.insert),
    update: write(documents.update),
    delete: write(documents.delete),
  })
  return { clock: storage.clock, accounts: mortal(storage.accounts), identifiers: mortal(storage.identifiers) }
}

for (const fatal of [1, 2, 3]) {
  for (const when of ['before', 'after'] as const) {
    test(`killed ${when} write ${fatal} of a creation: the next touch finds all or nothing, and the address stays free to use`, async (t) => {
      const { storage } = await openTestStore(t)
      await t.throwsAsync(accountFor(dyingAt(storage, fatal, when)), { message: 'killed' })

      const accounts = createAccounts(storage)
      const found = await accounts.findByIdentifier(alice)
      const { account, created } = await accountFor(storage)
      t.is(created, found === undefined)
      t.deepEqual(found ?? account, account)
      t.deepEqual(await accounts.findByIdentifier(alice), account)
      t.is((await storage.identifiers.get(`email:${email}`))?.state, 'active')
    })
  }
}

test('whoever looks up a half-done creation repairs it', async (t) => {
  const { storage } = await openTestStore(t)
  await t.throwsAsync(accountFor(dyingAt(storage, 2, 'after')))
  t.is((await storage.identifiers.get(`email:${email}`))?.state, 'pending')
  t.truthy(await createAccounts(storage).findByIdentifier(alice))
  t.is((await storage.identifiers.get(`email:${email}`))?.state, 'active')
})

const pendingFor = (accountId: string, createdAt: number, state: Identifier['state'] = 'pending'): Identifier => ({
  id: `email:${email}`, kind: 'email', value: email, accountId, state, createdAt,
})
const other: Account = { id: 'other', createdAt: 0, userHandle: 'x', identifiers: [], credentialIds: [] }

test('an address that another account is changing to is taken while fresh, and free when that change died', async (t) => {
  const { storage, advance } = await openTestStore(t)
  const accounts = createAccounts(storage)
  await storage.accounts.insert(other)
  await storage.identifiers.insert(pendingFor(other.id, storage.clock.now()))

  t.is(await accounts.findByIdentifier(alice), undefined)
  advance(59_000)
  t.deepEqual(await accounts.create(input), { ok: false, taken: alice })
  advance(1_000)
  const results = await Promise.all([accountFor(storage), accountFor(storage)])
  t.is(results.filter(({ created }) => created).length, 1)
  t.not(results[0].account.id, other.id)
  t.deepEqual(await accounts.findByIdentifier(alice), results[0].account)
})

test('a released address finds nobody and is not given out', async (t) => {
  const { storage } = await openTestStore(t)
  const accounts = createAccounts(storage)
  await storage.accounts.insert({ ...other, identifiers: [{ kind: 'email', value: email }] })
  await storage.identifiers.insert({ ...pendingFor(other.id, 0, 'released'), releasedAt: storage.clock.now() })
  t.is(await accounts.findByIdentifier(alice), undefined)
  t.deepEqual(await accounts.create(input), { ok: false, taken: alice })
})

test('the address of an account that is gone makes a new account with a new sub', async (t) => {
  const { storage } = await openTestStore(t)
  await storage.identifiers.insert(pendingFor('gone', 0, 'active'))
  const { account, created } = await accountFor(storage)
  t.true(created)
  t.not(account.id, 'gone')
})

test('only proven addresses hear of changes', (t) => {
  const { provenEmails } = createAccounts({} as Deps)
  const identifiers: Account['identifiers'] = [
    { kind: 'email', value: 'a@example.com', verifiedAt: 1 },
    { kind: 'email', value: 'b@example.com' },
    { kind: 'phone', value: '+441632960000', verifiedAt: 1 },
  ]
  t.deepEqual(provenEmails({ ...other, identifiers }), ['a@example.com'])
})

test('an absent or disabled account may not authenticate', (t) => {
  t.false(accountMayAuthenticate(undefined))
  t.false(accountMayAuthenticate({ ...other, disabledAt: 1 }))
  t.true(accountMayAuthenticate(other))
})
