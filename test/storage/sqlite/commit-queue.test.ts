import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import test from 'ava'
import { AppError } from '../../../src/errors.ts'
import { eventually } from '../../helpers/eventually.ts'
import { account } from '../conformance/samples.ts'
import { commitsInLog, lock, openParts } from './opened.ts'

const unavailable = { instanceOf: AppError, code: 'store_unavailable' }

test('a process that holds the write lock stalls neither reads nor the event loop', async (t) => {
  const { path, database, accounts } = await openParts(t, { patience: 600_000 })
  await accounts.insert(account('before'))
  const { release } = await lock(t, path)

  // A call stands still for so long at most while somebody has the lock: the waiting is between the calls.
  const [longest] = Object.values(database.prepare('pragma busy_timeout').get() ?? {})
  t.true(Number(longest) <= 2)
  let answered = false
  const write = accounts.insert(account('during')).then(() => (answered = true))
  for (let turn = 0; turn < 1000; turn++) {
    t.not(await accounts.get('before'), undefined)
    await turnOfTheLoop()
  }
  t.false(answered)

  release()
  await write
  t.not(await accounts.get('during'), undefined)
})

test('a write that waited too long for the lock fails, and the next one works', async (t) => {
  const { path, accounts } = await openParts(t, { patience: 50 })
  const { release } = await lock(t, path)
  await t.throwsAsync(accounts.insert(account('a')), unavailable)
  release()
  await eventually('the lock is free', () => accounts.insert(account('b')).then(() => true, () => undefined))
  t.is(await accounts.get('a'), undefined)
})

test('the writes of one turn are one transaction', async (t) => {
  const { path, accounts } = await openParts(t, { budget: 60_000 })
  const before = commitsInLog(path)
  await Promise.all(Array.from({ length: 50 }, (_, index) => accounts.insert(account(`a${index}`))))
  t.is(commitsInLog(path), before + 1)
  await accounts.insert(account('b'))
  await accounts.insert(account('c'))
  t.is(commitsInLog(path), before + 3)
})

test('writes of turns that follow each other are one transaction, for as long as each turn brings one', async (t) => {
  const { path, accounts } = await openParts(t, { budget: 60_000, gather: 60_000 })
  const before = commitsInLog(path)
  const writes: Promise<void>[] = []
  for (let turn = 0; turn < 5; turn++) {
    writes.push(accounts.insert(account(`a${turn}`)))
    await turnOfTheLoop()
  }
  await Promise.all(writes)
  t.is(commitsInLog(path), before + 1)
})

test('a commit waits for more writes only so long', async (t) => {
  const { path, accounts } = await openParts(t, { gather: 0 })
  const before = commitsInLog(path)
  const first = accounts.insert(account('a'))
  await turnOfTheLoop()
  await Promise.all([first, accounts.insert(account('b'))])
  t.is(commitsInLog(path), before + 2)
})

test('a write is answered only when another process can see it', async (t) => {
  const { path, accounts } = await openParts(t)
  const other = new DatabaseSync(path)
  t.teardown(() => other.close())
  const count = () => other.prepare('select count(*) as n from accounts').get()?.['n']
  for (let n = 1; n <= 20; n++) {
    await accounts.insert(account(`a${n}`))
    t.is(count(), n)
  }
})

test('more jobs than fit into one short transaction are spread over several, in order', async (t) => {
  const { path, queue, accounts } = await openParts(t)
  const before = commitsInLog(path)
  const order: number[] = []
  const slow = (index: number) =>
    queue.write(() => {
      for (const end = performance.now() + 3; performance.now() < end; );
      order.push(index)
    })
  await Promise.all([0, 1, 2, 3, 4, 5].map(async (index) => [slow(index), accounts.insert(account(`a${index}`))]))
  await accounts.insert(account('last'))
  t.deepEqual(order, [0, 1, 2, 3, 4, 5])
  t.true(commitsInLog(path) >= before + 3)
})

test('a job that fails inside a batch fails alone', async (t) => {
  const { path, queue, accounts } = await openParts(t, { budget: 60_000 })
  await accounts.insert(account('taken'))
  const before = commitsInLog(path)
  const outcomes = await Promise.allSettled([
    accounts.insert(account('first')),
    accounts.insert(account('taken')),
    accounts.update('first', () => { throw new RangeError('a mistake of the caller') }),
    queue.write(() => { throw undefined }),
    accounts.update('first', (current) => ({ ...current, name: 'Ann' })),
  ])
  t.deepEqual(outcomes.map(({ status }) => status === 'fulfilled'), [true, false, false, false, true])
  t.is(commitsInLog(path), before + 1)
  t.is((await accounts.get('first'))?.name, 'Ann')
})

test('a full disk is store_unavailable for the whole batch; room again, it works again', async (t) => {
  const { database, accounts } = await openParts(t)
  const pages = database.prepare('pragma page_count').get()?.['page_count']
  database.exec(`pragma max_page_count = ${pages}`)
  const big = { ...account('big'), name: 'x'.repeat(100_000) }
  const [small, failure] = await Promise.allSettled([accounts.insert(account('small')), accounts.insert(big)])
  t.true(failure.status === 'rejected' && failure.reason instanceof AppError && failure.reason.code === 'store_unavailable')
  t.is((await accounts.get('small')) !== undefined, small.status === 'fulfilled')
  t.is(await accounts.get('big'), undefined)

  database.exec('pragma max_page_count = 100000')
  await accounts.insert(big)
  t.not(await accounts.get('big'), undefined)
})

test('a driver error reaches callers without names and values', async (t) => {
  const { database, queue } = await openParts(t)
  database.exec("create table t (secret_column text not null unique); insert into t values ('secret value')")
  const insert = database.prepare('insert into t values (?)')
  const taken = { instanceOf: AppError, code: 'already_exists' }
  const duplicate = await t.throwsAsync(queue.write(() => insert.run('secret value')), taken)
  const missing = await t.throwsAsync(queue.write(() => insert.run(null)), { instanceOf: AppError, code: 'internal' })
  for (const error of [duplicate, missing]) t.notRegex(`${error?.stack} ${String(error?.cause)}`, /secret/)
})
