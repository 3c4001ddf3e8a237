/** Apps and recovery codes that are made, removed, disowned and brought back. */
import test from 'ava'
import { begin, codes, totp } from './changes-rig.ts'
import { here, holdNext, hour, start, there } from './store.ts'

test('what is recorded before a factor is made keeps what it takes the place of', async (t) => {
  const world = await begin(t)
  const first = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...here })
  t.deepEqual(first.removed, {})
  await world.addFactor(codes('a'))
  world.advance(1)
  const second = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...here })
  t.deepEqual(second.removed, { before: codes('a') })
})

test('what is disowned after a later change of the same factor leaves that one alone', async (t) => {
  for (const how of ['undone', 'confirmed'] as const) {
    const world = await begin(t)
    await world.addFactor(codes('a'))
    const theirs = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...there })
    await world.addFactor(codes('evil'))
    world.advance(hour)
    await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...here })
    await world.addFactor(codes('mine'))
    await world.changes.freeze(theirs.id)
    t.deepEqual((await world.storage.factors.get(codes().id))?.macs, ['mine'])
    await world.changes.settle('ada', how)
    t.deepEqual((await world.storage.factors.get(codes().id))?.macs, ['mine'], how)
    t.is((await world.account()).factors?.recovery_codes?.left, 1)
  }
})

test('two that were made in the same browser are undone back to what was there before both', async (t) => {
  const world = await begin(t)
  await world.addFactor(codes('a', 'b'))
  const first = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...there })
  await world.addFactor(codes('evil'))
  world.advance(hour)
  await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...there })
  await world.addFactor(codes('worse'))
  await world.changes.freeze(first.id)
  t.is(await world.storage.factors.get(codes().id), undefined)
  t.is((await world.account()).factors, undefined)
  await world.changes.settle('ada', 'undone')
  t.deepEqual((await world.storage.factors.get(codes().id))?.macs, ['a', 'b'])
  t.is((await world.account()).factors?.recovery_codes?.left, 2)
})

test('a code that is spent while it is taken away stays spent when it comes back', async (t) => {
  const world = await begin(t)
  const change = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...there })
  await world.addFactor(codes('a', 'b'))
  const { held, release } = holdNext(world.storage.factors, 'update')
  const press = world.changes.freeze(change.id)
  await held
  await world.storage.factors.update(codes().id, (factor) => ({ ...factor, macs: ['b'] }))
  release()
  await press
  await world.changes.settle('ada', 'confirmed')
  t.deepEqual((await world.storage.factors.get(codes().id))?.macs, ['b'])
  t.is((await world.account()).factors?.recovery_codes?.left, 1)
})

test('a removed app takes no codes, ends the sessions that had nothing else, and comes back when that is undone', async (t) => {
  const world = await begin(t)
  await world.addFactor(totp)
  await world.addFactor(codes('a'))
  await world.addSession('by it', [{ method: 'totp' }])
  await world.addSession('by it and a passkey', [{ method: 'totp' }, { method: 'passkey', credentialId: 'old' }])
  await world.addSession('by a recovery code', [{ method: 'recovery_code' }])
  const change = (await world.changes.removeFactor(await world.account(), totp.id, here, () => true))!
  t.is(await world.storage.factors.get(totp.id), undefined)
  t.deepEqual((await world.account()).factors, { recovery_codes: { since: start, left: 1 } })
  t.deepEqual(await world.open(), ['by a recovery code', 'by it and a passkey'])
  t.like(world.entries.at(-1), { type: 'method.removed', deviceHash: 'laptop', detail: { method: 'totp', changeId: change.id } })
  await t.throwsAsync(world.changes.removeFactor(await world.account(), totp.id, here, () => true), { code: 'not_found' })

  await world.changes.undo(change.id)
  t.deepEqual(await world.storage.factors.get(totp.id), totp)
  t.deepEqual((await world.account()).factors?.totp, { since: start })
})

test('whether an app may go is decided by what the account then is, and what did not go can still be disowned', async (t) => {
  const world = await begin(t)
  const added = await world.changes.record({ ...there, accountId: 'ada', kind: 'method_added', subject: totp.id })
  await world.addFactor(totp)
  const before = await world.account()
  await world.storage.accounts.update('ada', (account) => ({ ...account, identifiers: [] }))
  await world.addSession('by it', [{ method: 'totp' }])
  world.advance(1)
  t.is(await world.changes.removeFactor(before, totp.id, here, ({ identifiers, factors }) => identifiers.length > 0 && !factors), undefined)
  t.deepEqual(await world.storage.factors.get(totp.id), totp)
  t.deepEqual((await world.account()).factors?.totp, { since: start })
  t.deepEqual(await world.open(), ['by it'])
  t.false(world.entries.some(({ type }) => type === 'method.removed'))

  await world.changes.freeze(added.id)
  t.is(await world.storage.factors.get(totp.id), undefined)
})

test('an app that was added since is not replaced by the one that comes back', async (t) => {
  const world = await begin(t)
  await world.addFactor(totp)
  const change = (await world.changes.removeFactor(await world.account(), totp.id, here, () => true))!
  world.advance(hour)
  await world.changes.record({ accountId: 'ada', kind: 'method_added', subject: totp.id, ...here })
  await world.addFactor({ ...totp, sealed: 'newer', createdAt: start + 2 * hour })
  await world.changes.undo(change.id)
  t.is((await world.storage.factors.get(totp.id))?.sealed, 'newer')
  t.deepEqual((await world.account()).factors?.totp, { since: start + 2 * hour })
})

test('a disowned app ends the sessions by it, wherever; disowned recovery codes those by them alone', async (t) => {
  const world = await begin(t)
  await world.addSession('by an old code', [{ method: 'recovery_code' }])
  world.advance(hour)
  const app = await world.changes.record({ accountId: 'ada', kind: 'method_added', subject: totp.id, ...there })
  await world.addFactor(totp)
  const made = await world.changes.record({ accountId: 'ada', kind: 'recovery_codes_made', subject: codes().id, ...there })
  await world.addFactor(codes('a'))
  await world.addSession('by the app', [{ method: 'totp', deviceHash: 'phone' }])
  await world.addSession('by a new code', [{ method: 'recovery_code', deviceHash: 'phone' }])
  await world.addSession('by mail', [{ deviceHash: 'phone' }])
  await world.changes.freeze(made.id)
  await world.changes.freeze(app.id)
  t.deepEqual(await world.open(), ['by an old code', 'by mail'])
})
