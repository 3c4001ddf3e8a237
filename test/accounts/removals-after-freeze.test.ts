/** What takes something away and was begun before changes were stopped takes nothing away after it. */
import test from 'ava'
import { begin, totp } from './changes-rig.ts'
import { email, open, proven, username } from './identifiers-rig.ts'
import { there, type World } from './store.ts'

/** The guard was asked about the account as it was before: somebody disowns another change of it meanwhile. */
async function stop(world: World): Promise<void> {
  await world.addPasskey('young')
  const change = await world.changes.record({ ...there, accountId: 'ada', kind: 'passkey_added', subject: 'young' })
  await world.changes.freeze(change.id)
}

const enough = () => true

test('a passkey stays, signs in, and is listed', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  const before = await world.account()
  await stop(world)
  t.is(await world.changes.removePasskey(before, 'phone', there, enough), undefined)
  t.deepEqual(await world.usable(), ['old', 'phone'])
  t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
  t.false(world.entries.some(({ type }) => type === 'passkey.removed'))

  t.truthy(await world.changes.removePasskey(await world.account(), 'phone', there, enough), 'who was asked since, by an older passkey, may')
  t.deepEqual((await world.account()).credentialIds, ['old'])
})

test('… also where the freeze was decided before the removal went on', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  const before = await world.account()
  await stop(world)
  await world.changes.settle('ada', 'undone')
  t.is((await world.account()).frozen, undefined)
  t.is(await world.changes.removePasskey(before, 'phone', there, enough), undefined)
  t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
})

test('an app stays', async (t) => {
  const world = await begin(t)
  await world.addFactor(totp)
  const before = await world.account()
  await stop(world)
  t.is(await world.changes.removeFactor(before, totp.id, there, enough), undefined)
  t.deepEqual(await world.storage.factors.get(totp.id), totp)
  t.truthy((await world.account()).factors?.totp)
})

test('identifiers stay, are not put right, and none is added', async (t) => {
  const { world, identifiers, make, listed, stateOf } = open(t)
  const [one, two, name] = [email('one'), email('two'), username('ada')]
  const before = await make('ada', [proven(one), proven(two), name])
  const change = await world.changes.record({ ...there, accountId: 'ada', kind: 'new_device' })
  await world.changes.freeze(change.id)
  const all = await listed('ada')
  t.is(await identifiers.remove(before, two), undefined)
  t.is(await identifiers.correct(before, name, username('eve')), 'taken')
  t.is(await identifiers.add(before, { ...email('eve'), verifiedAt: 1 }), 'taken')
  t.deepEqual(await listed('ada'), all)
  t.is(await stateOf(two), 'active')
  t.not(await stateOf(email('eve')), 'active')

  t.is(await identifiers.remove(await world.account(), two), 'removed')
})
