/** Changes that meet halfway, and a process that dies at any of their writes. */
import test from 'ava'
import type { ChangeKind } from '../../src/storage/types.ts'
import { begin, cases, opens } from './changes-rig.ts'
import { Died, here, holdNext, there, type World } from './store.ts'

test('a press that is under way while the decision falls changes nothing about it', async (t) => {
  for (const how of ['undone', 'confirmed'] as const) {
    const world = await begin(t)
    await world.addPasskey('new')
    const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'new', ...there })
    await world.changes.freeze(change.id)
    const { held, release } = holdNext(world.storage.passkeys, 'update')
    const press = world.changes.freeze(change.id)
    await held
    await world.changes.settle('ada', how)
    release()
    await press
    t.is((await world.account()).frozen, undefined)
    t.deepEqual(await world.usable(), how === 'confirmed' ? ['new', 'old'] : ['old'])
    t.deepEqual((await world.account()).credentialIds.toSorted(), await world.usable())
  }
})

test('a passkey that is removed while its earlier removal is taken back ends as removed and unlisted', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  const first = (await world.changes.removePasskey(await world.account(), 'phone', here))!
  const { held, release } = holdNext(world.storage.accounts, 'update')
  const undo = world.changes.undo(first.id)
  await held
  await world.changes.removePasskey(await world.account(), 'phone', here)
  release()
  await undo
  t.deepEqual(await world.usable(), ['old'])
  t.deepEqual((await world.account()).credentialIds, ['old'])
})

/** Every act, the process dying at each of its writes in turn: what is done again afterwards ends as if it had never died. */
const acts: Record<string, { prepare?: (world: World, id: string) => Promise<unknown>; act: (world: World, id: string) => Promise<unknown>; kinds: ChangeKind[] }> = {
  freeze: { act: (world, id) => world.changes.freeze(id), kinds: ['passkey_added', 'identifier_added', 'method_added', 'recovery_codes_made', 'new_device', 'recovery_started'] },
  'decide: undone': { prepare: (world, id) => world.changes.freeze(id), act: (world) => world.changes.settle('ada', 'undone'), kinds: ['passkey_added', 'identifier_added', 'identifier_removed', 'method_added', 'method_removed', 'recovery_codes_made'] },
  'decide: confirmed': { prepare: (world, id) => world.changes.freeze(id), act: (world) => world.changes.settle('ada', 'confirmed'), kinds: ['passkey_added', 'identifier_added', 'method_added', 'recovery_codes_made', 'new_device'] },
  'take back': { act: (world, id) => world.changes.undo(id), kinds: ['passkey_added', 'identifier_added', 'identifier_removed', 'method_added', 'method_removed', 'recovery_codes_made'] },
}

for (const [name, { prepare, act, kinds }] of Object.entries(acts)) {
  test(`a crash at any write of "${name}" is mended by doing it again`, async (t) => {
    for (const kind of kinds) {
      const { make } = cases.find((one) => one.kind === kind)!
      const stage = async () => {
        const world = await begin(t)
        const change = await world.changes.record({ accountId: 'ada', kind, ...there, ...(await make(world)) })
        await prepare?.(world, change.id)
        await world.addSession('theirs', [{ deviceHash: 'stranger', credentialId: 'new', identifier: 'email:eve@example.com' }])
        return { world, id: change.id }
      }
      const result = async ({ world }: { world: World }) => {
        const { frozen, recovery } = await world.account()
        return { opens: kind === 'recovery_started' ? recovery : await opens(world), frozen: frozen?.changeIds.length, sessions: await world.open() }
      }
      const smooth = await stage()
      await act(smooth.world, smooth.id)
      const expected = await result(smooth)

      let died = 0
      for (let writes = 0; ; writes++) {
        const staged = await stage()
        staged.world.dieAfter(writes)
        const outcome = await act(staged.world, staged.id).then(() => 'done', (error: unknown) => error)
        staged.world.survive()
        if (outcome === 'done') break
        t.true(outcome instanceof Died)
        died++
        const account = await staged.world.account()
        if (name === 'freeze' && kind === 'passkey_added' && writes > 1) t.false((await staged.world.usable()).includes('new'), 'what signs in stops first')
        if (name.startsWith('decide') && account.frozen === undefined) t.deepEqual((await staged.world.changes.listOpen('ada')), [], 'the freeze is lifted last')
        await act(staged.world, staged.id)
        t.deepEqual(await result(staged), expected, `${kind}, died at write ${writes + 1}`)
      }
      t.true(died >= 3, `${kind}: ${died}`)
    }
  })
}

test('a press that the process died of is completed by whoever looks at what is open', async (t) => {
  const world = await begin(t)
  await world.addPasskey('evil')
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'evil', ...there })
  world.dieAfter(1)
  await t.throwsAsync(world.changes.freeze(change.id), { instanceOf: Died })
  world.survive()
  t.is((await world.account()).frozen, undefined)
  t.is((await world.changes.listOpen('ada')).length, 1)
  t.deepEqual((await world.account()).frozen?.changeIds, [change.id])
  t.deepEqual(await world.usable(), ['old'])
})

test('a removal that the process died of is there to be taken back, or can be done again', async (t) => {
  for (let writes = 0; writes < 4; writes++) {
    const world = await begin(t)
    await world.addPasskey('phone')
    world.dieAfter(writes)
    await world.changes.removePasskey(await world.account(), 'phone', here).catch(() => {})
    world.survive()
    if ((await world.usable()).includes('phone')) await world.changes.removePasskey(await world.account(), 'phone', here)
    t.deepEqual(await world.usable(), ['old'])
    for (const { id } of await world.storage.changes.listByAccount('ada')) await world.changes.undo(id)
    t.deepEqual(await world.usable(), ['old', 'phone'])
    t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
  }
})
