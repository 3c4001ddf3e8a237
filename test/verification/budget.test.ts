import test from 'ava'
import { createBudget, numbers } from '../../src/verification/budget.ts'
import fc from '../helpers/property.ts'
import { createMemory } from './memory.ts'
import { address, createRig, day, hour, minute, second, wrong } from './rig.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }

/** The most of these times that any stretch of `window` ms holds. */
const busiest = (times: number[], window: number) =>
  Math.max(0, ...times.map((start) => times.filter((time) => time >= start && time < start + window).length))

const cids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
const addresses = fc.constantFrom('alice@example.com', 'alice+1@example.com', 'alice+2@example.com')
const waits = fc.constantFrom(second, 30 * second, minute, 15 * minute, 20 * minute, hour, 5 * hour)
const moves = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), cid: cids, email: addresses }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('guess' as const), cid: cids, email: addresses, times: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: waits }) },
  ),
  { minLength: 40, maxLength: 200 },
)

test('no sequence of sends, resends, new logins, +tags and guesses gets more than the budgets', async (t) => {
  await fc.assert(
    fc.asyncProperty(moves, fc.boolean(), async (sequence, known) => {
      const memory = createMemory()
      const { send, check, mailbox } = createRig(memory, keyring, known ? ['alice@example.com'] : [])
      const sent: number[] = []
      const looked: number[] = []
      for (const move of sequence) {
        if (move.kind === 'wait') memory.advance(move.ms)
        if (move.kind === 'send' && (await send({ cid: move.cid, email: address(move.email) })).ok) sent.push(memory.clock.now())
        if (move.kind !== 'guess') continue
        const guesses = Array.from({ length: move.times }, () => check(wrong(mailbox[0]?.code), { cid: move.cid, email: address(move.email) }))
        for (const result of await Promise.all(guesses)) if (!result.ok && result.reason === 'wrong') looked.push(memory.clock.now())
      }
      t.true(busiest(sent, 15 * minute) <= 3)
      t.true(busiest(sent, day) <= 10)
      t.true(busiest(looked, hour) <= 10)
      t.true(busiest(looked, day) <= 20)
      t.true(mailbox.length <= sent.length)
    }),
    { numRuns: 150 },
  )
})

test('a budget says truly when the next one can be had', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), async (pauses) => {
      const memory = createMemory()
      const budget = createBudget(memory, { name: 'test', limits: [{ count: 2, window: 100 }, { count: 5, window: 1_000 }] })
      for (const pause of pauses) {
        const spending = await budget.spend('x')
        if (!spending.ok) {
          memory.advance(spending.nextAt - memory.clock.now() - 1)
          t.false((await budget.spend('x')).ok)
          memory.advance(1)
          t.true((await budget.spend('x')).ok)
        }
        memory.advance(pause)
      }
    }),
    { numRuns: 100 },
  )
})

test('subjects and budgets are apart; what is given back can be spent again', async (t) => {
  const memory = createMemory()
  const limits = [{ count: 1, window: 100 }]
  const [one, two] = ['one', 'two'].map((name) => createBudget(memory, { name, limits, aftermath: 1_000 }))
  const first = await one!.spend('x')
  t.like(await one!.spend('x'), { ok: false, nextAt: memory.clock.now() + 100 })
  t.true((await one!.spend('y')).ok)
  t.true((await two!.spend('x')).ok)

  t.is(await one!.spentUntil('x'), memory.clock.now() + 1_000)
  await one!.refund('x', 'at' in first ? first.at : 0)
  t.is(await one!.spentUntil('x'), undefined)
  t.true((await one!.spend('x')).ok)
})

test('a success gives its guess back and takes back no alarm of before', async (t) => {
  const memory = createMemory()
  const budget = createBudget(memory, { name: 'x', limits: numbers.guesses, alarm: numbers.hardened.after, aftermath: numbers.hardened.for })
  const spend = async () => {
    memory.advance(2 * hour)
    const spending = await budget.spend('a')
    if (!spending.ok) throw new Error('spent')
    return spending.at
  }
  for (let guess = 0; guess < 19; guess++) await spend()
  await budget.refund('a', await spend())
  t.is(await budget.spentUntil('a'), undefined, 'the twentieth was right')
  const last = await spend()
  t.is(await budget.spentUntil('a'), last + 7 * day)
  for (let success = 0; success < 30; success++) await budget.refund('a', await spend())
  t.is(await budget.spentUntil('a'), last + 7 * day)
})

test('an alarm is for guesses that come slowly too, and for those alone that lie within its window', async (t) => {
  const memory = createMemory()
  const budget = createBudget(memory, { name: 'x', limits: [{ count: 2, window: hour }], alarm: { count: 4, window: day }, aftermath: 2 * day })
  for (let guess = 0; guess < 12; guess++) {
    t.true((await budget.spend('a')).ok)
    memory.advance(8 * hour)
  }
  t.is(await budget.spentUntil('a'), undefined, 'three a day')
  for (let guess = 0; guess < 4; guess++) {
    t.true((await budget.spend('a')).ok)
    memory.advance(2 * hour)
  }
  t.is(await budget.spentUntil('a'), memory.clock.now() - 2 * hour + 2 * day)
})
