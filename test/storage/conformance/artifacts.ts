import { type Backend, checks, together } from './store.ts'

export function artifacts(backend: Backend): void {
  const check = checks(backend, 'artifacts')

  check('an artifact is found by model and key, and replaced as a whole', async (t, { storage: { artifacts } }) => {
    await artifacts.upsert('Session', 'k', { accountId: 'a' }, {}, undefined)
    await artifacts.upsert('Grant', 'k', { scope: 'openid' }, {}, undefined)
    t.deepEqual(await artifacts.find('Session', 'k'), { accountId: 'a' })
    t.deepEqual(await artifacts.find('Grant', 'k'), { scope: 'openid' })
    t.is(await artifacts.find('Session', 'other'), undefined)

    await artifacts.upsert('Session', 'k', { kind: 'Session' }, {}, undefined)
    t.deepEqual(await artifacts.find('Session', 'k'), { kind: 'Session' })

    await artifacts.destroy('Session', 'k')
    await artifacts.destroy('Session', 'k')
    t.is(await artifacts.find('Session', 'k'), undefined)
    t.deepEqual(await artifacts.find('Grant', 'k'), { scope: 'openid' })
  })

  check('uid and user code find the artifact of that model only', async (t, { storage: { artifacts } }) => {
    await artifacts.upsert('Session', 'k', { n: 1 }, { uid: 'u' }, undefined)
    await artifacts.upsert('DeviceCode', 'd', { n: 2 }, { userCode: 'ABCD' }, undefined)
    t.deepEqual(await artifacts.findByUid('Session', 'u'), { key: 'k', payload: { n: 1 } })
    t.deepEqual(await artifacts.findByUserCode('DeviceCode', 'ABCD'), { key: 'd', payload: { n: 2 } })
    t.is(await artifacts.findByUid('Interaction', 'u'), undefined)
    t.is(await artifacts.findByUserCode('Session', 'ABCD'), undefined)
    t.is(await artifacts.findByUid('Session', 'ABCD'), undefined)
  })

  check('an upsert replaces the index, and a rotated session is found under its new key', async (t, { storage: { artifacts } }) => {
    await artifacts.upsert('Session', 'old', { n: 1 }, { uid: 'u' }, undefined)
    await artifacts.upsert('Session', 'new', { n: 2 }, { uid: 'u' }, undefined)
    await artifacts.destroy('Session', 'old')
    t.deepEqual(await artifacts.findByUid('Session', 'u'), { key: 'new', payload: { n: 2 } })

    await artifacts.upsert('Session', 'new', { n: 3 }, { uid: 'v' }, undefined)
    t.is(await artifacts.findByUid('Session', 'u'), undefined)
    t.deepEqual(await artifacts.findByUid('Session', 'v'), { key: 'new', payload: { n: 3 } })
  })

  check('what was consumed is not replaced while it lasts', async (t, { storage: { artifacts, clock }, advance }) => {
    const expiresAt = clock.now() + 1000
    await artifacts.upsert('Session', 'k', { consumed: 1 }, {}, expiresAt)
    await artifacts.upsert('Session', 'k', { n: 1 }, { uid: 'u', accountId: 'a' }, undefined)
    t.deepEqual(await artifacts.find('Session', 'k'), { consumed: 1 })
    t.is(await artifacts.findByUid('Session', 'u'), undefined)
    t.deepEqual(await artifacts.listByAccount('Session', 'a'), [])
    advance(1000)
    await artifacts.upsert('Session', 'k', { n: 2 }, {}, undefined)
    t.deepEqual(await artifacts.find('Session', 'k'), { n: 2 })
  })

  check('an account lists what stands open for it, of one model, without what has expired or went to somebody else', async (t, { storage: { artifacts, clock }, advance }) => {
    const expiresAt = clock.now() + 1000
    await artifacts.upsert('Session', 'one', { n: 1 }, { accountId: 'a', uid: 'u' }, undefined)
    await artifacts.upsert('Session', 'two', { n: 2 }, { accountId: 'a' }, expiresAt)
    await artifacts.upsert('Session', 'three', { n: 3 }, { accountId: 'b' }, undefined)
    await artifacts.upsert('Grant', 'g', { n: 4 }, { accountId: 'a' }, undefined)
    t.deepEqual(await artifacts.listByAccount('Session', 'a'), [{ key: 'one', payload: { n: 1 } }, { key: 'two', payload: { n: 2 } }])
    t.deepEqual(await artifacts.listByAccount('Grant', 'a'), [{ key: 'g', payload: { n: 4 } }])
    t.deepEqual(await artifacts.listByAccount('Session', 'nobody'), [])

    advance(1000)
    await artifacts.upsert('Session', 'one', { n: 5 }, { accountId: 'b' }, undefined)
    t.deepEqual(await artifacts.listByAccount('Session', 'a'), [])
    await artifacts.destroy('Session', 'three')
    t.deepEqual(await artifacts.listByAccount('Session', 'b'), [{ key: 'one', payload: { n: 5 } }])
  })

  check('an expired artifact is absent to every operation', async (t, { storage: { artifacts, clock }, advance }) => {
    const expiresAt = clock.now() + 1000
    await artifacts.upsert('Code', 'k', { n: 1 }, { uid: 'u', userCode: 'c', grantId: 'g' }, expiresAt)
    advance(999)
    t.deepEqual(await artifacts.find('Code', 'k'), { n: 1 })
    advance(1)
    t.is(await artifacts.find('Code', 'k'), undefined)
    t.is(await artifacts.findByUid('Code', 'u'), undefined)
    t.is(await artifacts.findByUserCode('Code', 'c'), undefined)
    t.false(await artifacts.consume('Code', 'k'))
    t.false(await artifacts.destroyUnconsumed('Code', 'k'))
    await artifacts.patch('Code', 'k', { n: 2 })
    t.is(await artifacts.find('Code', 'k'), undefined)

    await artifacts.upsert('Code', 'k', { n: 3 }, {}, clock.now() + 1000)
    t.deepEqual(await artifacts.find('Code', 'k'), { n: 3 })
  })

  check('an artifact without expiry stays', async (t, { storage: { artifacts }, advance }) => {
    await artifacts.upsert('Grant', 'k', { n: 1 }, {}, undefined)
    advance(100 * 365 * 24 * 3_600_000)
    t.deepEqual(await artifacts.find('Grant', 'k'), { n: 1 })
  })

  check('consume marks the payload once', async (t, { storage: { artifacts, clock }, advance }) => {
    t.false(await artifacts.consume('Code', 'absent'))
    const consumedAt = clock.now()
    await artifacts.upsert('Code', 'k', { n: 1 }, { grantId: 'g' }, consumedAt + 60_000)
    t.true(await artifacts.consume('Code', 'k'))
    advance(1000)
    t.false(await artifacts.consume('Code', 'k'))
    t.deepEqual(await artifacts.find('Code', 'k'), { n: 1, consumed: consumedAt })
  })

  check('consume patches what it marks, and nothing when it is lost', async (t, { storage: { artifacts, clock } }) => {
    t.false(await artifacts.consume('RefreshToken', 'absent', { patch: { a: 2 } }))
    await artifacts.upsert('RefreshToken', 'k', { a: 1, b: { c: 1 } }, { uid: 'u' }, clock.now() + 1000)
    t.true(await artifacts.consume('RefreshToken', 'k', { patch: { a: 2, b: { d: null } } }))
    t.false(await artifacts.consume('RefreshToken', 'k', { patch: { a: 3 } }))
    t.deepEqual(await artifacts.findByUid('RefreshToken', 'u'), { key: 'k', payload: { a: 2, b: { d: null }, consumed: clock.now() } })
  })

  check('what was consumed is consumed anew from the time it was, by one of those who saw that', async (t, { storage: { artifacts, clock }, advance }) => {
    const consumed = async () => ((await artifacts.find('RefreshToken', 'k')) as { consumed: number }).consumed
    const first = clock.now()
    await artifacts.upsert('RefreshToken', 'k', {}, {}, first + 60_000)
    t.false(await artifacts.consume('RefreshToken', 'k', { from: first }), 'not consumed yet')
    await artifacts.consume('RefreshToken', 'k')
    const again = await together(5, () => artifacts.consume('RefreshToken', 'k', { from: first }))
    t.deepEqual(again, [true, false, false, false, false])
    t.is(await consumed(), first + 1, 'in the same millisecond')
    advance(1000)
    t.true(await artifacts.consume('RefreshToken', 'k', { from: first + 1 }))
    t.is(await consumed(), first + 1000)
    advance(60_000)
    t.false(await artifacts.consume('RefreshToken', 'k', { from: first + 1000 }), 'expired')
  })

  check('of 20 parallel consumes one wins', async (t, { storage: { artifacts } }) => {
    await artifacts.upsert('Code', 'k', {}, {}, undefined)
    const won = await together(20, () => artifacts.consume('Code', 'k'))
    t.is(won.filter(Boolean).length, 1)
  })

  check('patch merges the top level and keeps expiry and index', async (t, { storage: { artifacts, clock }, advance }) => {
    await artifacts.upsert('Session', 'k', { a: 1, b: { c: 1 } }, { uid: 'u', grantId: 'g' }, clock.now() + 1000)
    await artifacts.patch('Session', 'k', { b: { d: null }, e: [1] })
    t.deepEqual(await artifacts.findByUid('Session', 'u'), { key: 'k', payload: { a: 1, b: { d: null }, e: [1] } })
    advance(1000)
    t.is(await artifacts.find('Session', 'k'), undefined)
    await artifacts.patch('Session', 'absent', { a: 1 })
    t.is(await artifacts.find('Session', 'absent'), undefined)
  })

  check('destroyUnconsumed leaves what was consumed', async (t, { storage: { artifacts } }) => {
    t.false(await artifacts.destroyUnconsumed('RefreshToken', 'absent'))
    await artifacts.upsert('RefreshToken', 'used', {}, {}, undefined)
    await artifacts.consume('RefreshToken', 'used')
    t.false(await artifacts.destroyUnconsumed('RefreshToken', 'used'))
    t.not(await artifacts.find('RefreshToken', 'used'), undefined)

    await artifacts.upsert('RefreshToken', 'unused', {}, {}, undefined)
    t.deepEqual(await together(2, () => artifacts.destroyUnconsumed('RefreshToken', 'unused')), [true, false])
    t.is(await artifacts.find('RefreshToken', 'unused'), undefined)
  })

  check('of consume and destroyUnconsumed at once one wins', async (t, { storage: { artifacts } }) => {
    for (const key of ['a', 'b', 'c', 'd']) {
      await artifacts.upsert('RefreshToken', key, {}, {}, undefined)
      const outcomes = await together(10, (index) =>
        index % 2 === Number(key < 'c')
          ? artifacts.consume('RefreshToken', key)
          : artifacts.destroyUnconsumed('RefreshToken', key),
      )
      t.is(outcomes.filter(Boolean).length, 1)
    }
  })

  check('revoking a grant removes all its artifacts and no other', async (t, { storage: { artifacts } }) => {
    await together(30, (index) => artifacts.upsert(`Model${index % 3}`, `k${index}`, {}, { grantId: 'g' }, undefined))
    await artifacts.upsert('Model0', 'other', {}, { grantId: 'h' }, undefined)
    await artifacts.upsert('Model0', 'moved', {}, { grantId: 'g' }, undefined)
    await artifacts.upsert('Model0', 'moved', {}, { grantId: 'h' }, undefined)
    await artifacts.revokeByGrantId('g')
    const left = await together(30, (index) => artifacts.find(`Model${index % 3}`, `k${index}`))
    t.true(left.every((payload) => payload === undefined))
    t.deepEqual(await artifacts.find('Model0', 'other'), {})
    t.deepEqual(await artifacts.find('Model0', 'moved'), {})
  })

  check('revoking while others upsert removes at least what was answered before', async (t, { storage: { artifacts } }) => {
    for (let round = 0; round < 10; round++) {
      const grantId = `g${round}`
      const key = (index: number) => `${grantId}:${index}`
      await together(20, (index) => artifacts.upsert('AccessToken', key(index), {}, { grantId }, undefined))
      const later = together(20, (index) => artifacts.upsert('AccessToken', key(20 + index), {}, { grantId }, undefined))
      await artifacts.revokeByGrantId(grantId)
      await later
      const left = await together(20, (index) => artifacts.find('AccessToken', key(index)))
      t.true(left.every((payload) => payload === undefined))
      await artifacts.revokeByGrantId(grantId)
      t.is(await artifacts.find('AccessToken', key(39)), undefined)
    }
  })
}
