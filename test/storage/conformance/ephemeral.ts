import { type Backend, checks, together } from './store.ts'

export function ephemeral(backend: Backend): void {
  const check = checks(backend, 'ephemeral')

  check('a value is there until it expires', async (t, { storage: { ephemeral, clock }, advance }) => {
    t.is(await ephemeral.get('k'), undefined)
    await ephemeral.set('k', { n: 1 }, clock.now() + 1000)
    t.deepEqual(await ephemeral.get('k'), { n: 1 })
    advance(999)
    t.deepEqual(await ephemeral.get('k'), { n: 1 })
    advance(1)
    t.is(await ephemeral.get('k'), undefined)
  })

  check('set replaces value and expiry; delete removes', async (t, { storage: { ephemeral, clock }, advance }) => {
    await ephemeral.set('k', 1, clock.now() + 1000)
    await ephemeral.set('k', 2, clock.now() + 5000)
    advance(2000)
    t.is(await ephemeral.get('k'), 2)
    await ephemeral.delete('k')
    await ephemeral.delete('k')
    t.is(await ephemeral.get('k'), undefined)
  })

  check('null and false are values', async (t, { storage: { ephemeral, clock } }) => {
    for (const value of [null, false, 0, '']) {
      await ephemeral.set('k', value, clock.now() + 1000)
      t.is(await ephemeral.get('k'), value)
      t.is(await ephemeral.take('k'), value)
    }
  })

  check('a claim is won once until it expires', async (t, { storage: { ephemeral, clock }, advance }) => {
    t.true(await ephemeral.claim('k', clock.now() + 1000))
    advance(999)
    t.false(await ephemeral.claim('k', clock.now() + 1000))
    advance(1)
    t.true(await ephemeral.claim('k', clock.now() + 1000))
  })

  check('of 20 parallel claims one wins', async (t, { storage: { ephemeral, clock } }) => {
    const won = await together(20, () => ephemeral.claim('k', clock.now() + 1000))
    t.is(won.filter(Boolean).length, 1)
  })

  check('a lost claim does not prolong the first', async (t, { storage: { ephemeral, clock }, advance }) => {
    await ephemeral.claim('k', clock.now() + 1000)
    await ephemeral.claim('k', clock.now() + 60_000)
    advance(1000)
    t.true(await ephemeral.claim('k', clock.now() + 1000))
  })

  check('of 20 parallel takes one gets the value', async (t, { storage: { ephemeral, clock } }) => {
    await ephemeral.set('k', 'value', clock.now() + 1000)
    const taken = await together(20, () => ephemeral.take<string>('k'))
    t.deepEqual(taken.filter((value) => value !== undefined), ['value'])
    t.is(await ephemeral.get('k'), undefined)
  })

  check('an expired value cannot be taken', async (t, { storage: { ephemeral, clock }, advance }) => {
    await ephemeral.set('k', 'value', clock.now() + 1000)
    advance(1000)
    t.is(await ephemeral.take('k'), undefined)
  })

  check('50 parallel updates all count', async (t, { storage: { ephemeral, clock } }) => {
    const expiresAt = clock.now() + 1000
    const counts = await together(50, () =>
      ephemeral.update<number, number>('k', (count = 0) => ({ next: { value: count + 1, expiresAt }, result: count + 1 })),
    )
    t.is(await ephemeral.get('k'), 50)
    t.is(new Set(counts).size, 50)
  })

  check('update may keep or delete, and resolves to its result', async (t, { storage: { ephemeral, clock }, advance }) => {
    await ephemeral.set('k', 1, clock.now() + 1000)
    t.is(await ephemeral.update<number, string>('k', (value) => ({ next: 'keep', result: `was ${value}` })), 'was 1')
    t.is(await ephemeral.get('k'), 1)
    t.is(await ephemeral.update<number, string>('k', () => ({ next: undefined, result: 'gone' })), 'gone')
    t.is(await ephemeral.get('k'), undefined)

    await ephemeral.set('k', 1, clock.now() + 1000)
    advance(1000)
    t.is(await ephemeral.update<number, string>('k', (value) => ({ next: 'keep', result: `was ${value}` })), 'was undefined')
  })

  check('an update that throws changes nothing and fails alone', async (t, { storage: { ephemeral, clock } }) => {
    const expiresAt = clock.now() + 1000
    const [before, failure, after] = await Promise.allSettled([
      ephemeral.set('before', 1, expiresAt),
      ephemeral.update('k', () => {
        throw new RangeError('no')
      }),
      ephemeral.set('after', 1, expiresAt),
    ])
    t.is(before.status, 'fulfilled')
    t.is(after.status, 'fulfilled')
    t.true(failure.status === 'rejected' && failure.reason instanceof RangeError)
    t.is(await ephemeral.get('before'), 1)
    t.is(await ephemeral.get('k'), undefined)
    t.is(await ephemeral.get('after'), 1)
  })
}
