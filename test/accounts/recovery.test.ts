import test from 'ava'
import { createWorld, day, delay, here, start, there } from './store.ts'

async function begin(t: { teardown(end: () => void): void }) {
  const world = createWorld()
  t.teardown(world.close)
  await world.addAccount()
  return world
}

test('a recovery waits, and then can be used for 7 days by whoever started it', async (t) => {
  const world = await begin(t)
  const recovery = await world.recoveries.start(await world.account(), here)
  t.like(recovery, { startedAt: start, readyAt: start + delay, expiresAt: start + delay + 7 * day, deviceHash: 'laptop', userAgent: 'Chrome on Windows' })
  t.deepEqual((await world.account()).recovery, recovery)

  world.advance(delay - 1)
  t.false(await world.recoveries.use('ada', recovery.id), 'too early')
  world.advance(1)
  t.false(await world.recoveries.use('ada', 'another'))
  t.true(await world.recoveries.use('ada', recovery.id))
  t.is((await world.account()).recovery, undefined)
  t.false(await world.recoveries.use('ada', recovery.id), 'once')
  t.deepEqual(world.entries.map(({ type }) => type), ['recovery.started', 'recovery.used'])
  t.like(world.entries[0], { accountId: 'ada', deviceHash: 'laptop', detail: { recoveryId: recovery.id, readyAt: start + delay } })
})

test('asking again in the same browser changes nothing; another browser begins anew; what ran out is begun anew too', async (t) => {
  const world = await begin(t)
  const first = await world.recoveries.start(await world.account(), here)
  world.advance(1000)
  t.deepEqual(await world.recoveries.start(await world.account(), here), first)
  const elsewhere = await world.recoveries.start(await world.account(), there)
  t.like(elsewhere, { deviceHash: 'stranger', readyAt: start + 1000 + delay })
  world.advance(delay)
  t.false(await world.recoveries.use('ada', first.id), 'it was replaced')

  world.advance(7 * day)
  t.false(await world.recoveries.use('ada', elsewhere.id), 'too late')
  const late = await world.recoveries.start(await world.account(), there)
  t.not(late.id, elsewhere.id)
  t.is(world.entries.filter(({ type }) => type === 'recovery.started').length, 3)
})

test('a recovery that was cancelled is gone; cancelling is done once, and only to the one that is named', async (t) => {
  const world = await begin(t)
  const recovery = await world.recoveries.start(await world.account(), here)
  t.false(await world.recoveries.cancel('ada', 'another'))
  t.false(await world.recoveries.cancel('nobody', recovery.id))
  t.true(await world.recoveries.cancel('ada', recovery.id))
  t.false(await world.recoveries.cancel('ada', recovery.id))
  world.advance(delay)
  t.false(await world.recoveries.use('ada', recovery.id))
  t.deepEqual(world.entries.map(({ type }) => type), ['recovery.started', 'recovery.cancelled'])
})

test('of 20 uses at once one is told that it may', async (t) => {
  const world = await begin(t)
  const recovery = await world.recoveries.start(await world.account(), here)
  world.advance(delay)
  const results = await Promise.all(Array.from({ length: 20 }, () => world.recoveries.use('ada', recovery.id)))
  t.is(results.filter(Boolean).length, 1)
})

test('of a use and a cancellation at once one wins', async (t) => {
  for (let round = 0; round < 20; round++) {
    const world = await begin(t)
    const recovery = await world.recoveries.start(await world.account(), here)
    world.advance(delay)
    const acts = [() => world.recoveries.use('ada', recovery.id), () => world.recoveries.cancel('ada', recovery.id)]
    const results = await Promise.all((round % 2 ? acts : acts.toReversed()).map((act) => act()))
    t.is(results.filter(Boolean).length, 1)
  }
})

test('of 20 starts at once in one browser all are told of the same one', async (t) => {
  const world = await begin(t)
  const account = await world.account()
  const started = await Promise.all(Array.from({ length: 20 }, () => world.recoveries.start(account, here)))
  t.is(new Set(started.map(({ id }) => id)).size, 1)
  t.is(world.entries.length, 1)
})
