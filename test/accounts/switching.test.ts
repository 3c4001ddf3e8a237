import test from 'ava'
import { createWorld, Died, here, start } from './store.ts'

async function begin(t: { teardown(end: () => void): void }) {
  const world = createWorld()
  t.teardown(world.close)
  await world.addAccount()
  return world
}

test('disabling ends all that is open and a recovery under way; enabling brings nothing back', async (t) => {
  const world = await begin(t)
  await world.addSession('one', [{}])
  await world.addSession('two', [{ method: 'passkey', credentialId: 'p' }])
  await world.addSession('gone', [])
  await world.storage.artifacts.destroy('Session', 'gone')
  await world.addAccount('bob')
  await world.addSession('bob', [{}], 'bob')
  await world.recoveries.start(await world.account(), here)

  t.like(await world.switching.disable('ada'), { id: 'ada', disabledAt: start })
  t.deepEqual(await world.open(), ['bob\'s token'])
  t.deepEqual(await world.open('bob'), ['bob'])
  t.is((await world.account()).recovery, undefined)
  world.advance(1000)
  await world.switching.disable('ada')
  t.is((await world.account()).disabledAt, start, 'since when stays')

  await world.addSession('written meanwhile', [{}])
  t.like(await world.switching.enable('ada'), { id: 'ada' })
  t.is((await world.account()).disabledAt, undefined)
  t.deepEqual(await world.open(), ['bob\'s token'])
  t.is(await world.switching.disable('nobody'), undefined)
  t.is(await world.switching.enable('nobody'), undefined)
  t.deepEqual(world.entries.map(({ type, accountId }) => `${type} ${accountId}`), ['recovery.started ada', 'account.disabled ada', 'account.disabled ada', 'account.enabled ada'])
})

test('a crash at any write of disabling leaves an account that may not sign in, and doing it again ends the rest', async (t) => {
  for (let writes = 0; ; writes++) {
    const world = await begin(t)
    await world.addSession('one', [{}])
    world.dieAfter(writes)
    const outcome = await world.switching.disable('ada').then(() => 'done', (error: unknown) => error)
    world.survive()
    if (outcome === 'done') return t.true(writes > 3)
    t.true(outcome instanceof Died)
    if (writes > 0) t.is((await world.account()).disabledAt, start, 'what everybody asks for is written first')
    const left = await world.open()
    t.false(left.includes('one\'s grant'), 'a grant goes before its session')
    await world.switching.disable('ada')
    t.deepEqual(await world.open(), [])
  }
})
