/** What the press on "This was not me" stops, what a decision leaves of it, and what can be taken back. */
import test from 'ava'
import { AppError } from '../../src/errors.ts'
import { begin, cases, opens } from './changes-rig.ts'
import { day, here, hour, start, there } from './store.ts'

const old = ['old', 'old listed', 'ada@example.com']
const plain = (list: string[], recovery: string | undefined) => list.map((name) => (name === 'recovery' ? recovery ?? name : name)).toSorted()

/** Who decides about these has to be older than the press alone. */
const opensNothing: string[] = ['new_device', 'recovery_started', 'recovery_code_used']

for (const { kind, make, ...expected } of cases) {
  for (const how of ['undone', 'confirmed', 'taken back'] as const) {
    test(`${kind}: what stops at the press, and what is left when it is ${how}`, async (t) => {
      const world = await begin(t)
      const made = await make(world)
      const change = await world.changes.record({ accountId: 'ada', kind, ...there, ...made })
      const is = async (list: string[], message: string) =>
        t.deepEqual((await opens(world)).toSorted(), plain([...old, ...list], kind === 'recovery_started' ? made.subject : undefined), message)
      await is(expected.made, 'made')
      world.advance(hour)

      if (how === 'taken back') {
        t.like(await world.changes.undo(change.id), { id: change.id, settled: { how: 'undone' } })
        await is(expected.undone, 'undone')
        t.is(await world.changes.undo(change.id), undefined, 'once')
        t.is((await world.account()).frozen, undefined)
        return
      }

      const frozen = await world.changes.freeze(change.id)
      t.deepEqual(frozen?.account.frozen, { at: start + 2 * hour, since: opensNothing.includes(kind) ? start + 2 * hour : change.at, changeIds: [change.id], ...(kind === 'passkey_added' && { passkey: true }) })
      t.deepEqual(frozen?.account, await world.account())
      await is(expected.frozen, 'frozen')
      t.is(await world.changes.undo(change.id), undefined, 'what is disowned waits for a decision')

      await world.changes.freeze(change.id)
      t.deepEqual((await world.account()).frozen, frozen?.account.frozen, 'pressed again')
      await is(expected.frozen, 'pressed again')
      t.deepEqual((await world.changes.listOpen('ada')).map(({ id }) => id), [change.id])

      await world.changes.settle('ada', how)
      t.is((await world.account()).frozen, undefined)
      t.deepEqual(await world.changes.listOpen('ada'), [])
      await is(expected[how], how)

      t.like(await world.changes.freeze(change.id), { change: { settled: { how } } })
      t.is((await world.account()).frozen, undefined, 'decided for good')
      await is(expected[how], 'pressed after the decision')
      t.deepEqual(world.entries.filter(({ type }) => type.startsWith('change.')).map(({ type }) => type), ['change.frozen', 'change.settled'])
    })
  }
}

test('a removed passkey signs nobody in, can be brought back for 7 days, and is deleted then', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  const change = (await world.changes.removePasskey(await world.account(), 'phone', here))!
  t.deepEqual(await world.usable(), ['old'])
  t.deepEqual((await world.account()).credentialIds, ['old'])
  t.like(world.entries.at(-1), { type: 'passkey.removed', deviceHash: 'laptop', detail: { passkeyId: 'phone', changeId: change.id } })

  await world.changes.undo(change.id, here)
  t.deepEqual(await world.usable(), ['old', 'phone'])
  t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
  t.like(world.entries.at(-1), { type: 'change.undone', deviceHash: 'laptop', detail: { changeId: change.id, kind: 'passkey_removed' } })

  const again = (await world.changes.removePasskey(await world.account(), 'phone', here))!
  world.advance(7 * day - 1)
  await world.sweep()
  t.truthy(await world.storage.passkeys.get('phone'))
  world.advance(1)
  t.is(await world.changes.undo(again.id), undefined, 'too late')
  await world.sweep()
  t.is(await world.storage.passkeys.get('phone'), undefined)
  t.is(await world.changes.get(again.id), undefined)
  t.deepEqual(await world.usable(), ['old'])
})

test('browsers forget a passkey that was removed or disowned: nobody is asked for what would be refused', async (t) => {
  const world = await begin(t)
  const device = await world.addDevice('laptop')
  await world.addDevice('phone')
  for (const id of ['one', 'two']) await world.addPasskey(id)
  const used = async () => (await world.storage.devices.get(device))?.credentialIds
  await world.storage.devices.update(device, (current) => ({ ...current, credentialIds: ['two', 'one', 'old'] }))
  await world.changes.removePasskey(await world.account(), 'one', here)
  t.deepEqual(await used(), ['two', 'old'])
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'two', ...there })
  await world.changes.freeze(change.id)
  t.deepEqual(await used(), ['old'])
})

test('only a passkey of the account that is there can be removed', async (t) => {
  const world = await begin(t)
  await world.addAccount('bob')
  await world.addPasskey('phone')
  const bob = await world.account('bob')
  await t.throwsAsync(world.changes.removePasskey(bob, 'phone', here), { instanceOf: AppError, message: 'the account has no such passkey' })
  await world.changes.removePasskey(await world.account(), 'phone', here)
  await t.throwsAsync(world.changes.removePasskey(await world.account(), 'phone', here), { instanceOf: AppError })
  t.deepEqual(await world.storage.changes.listByAccount('bob'), [])
})

test('a removal that somebody else made stays removed until it is decided, however long that takes', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  const change = (await world.changes.removePasskey(await world.account(), 'phone', there))!
  await world.changes.freeze(change.id)
  t.deepEqual(await world.usable(), ['old'])
  world.advance(30 * day)
  await world.sweep()
  await world.changes.settle('ada', 'undone')
  t.deepEqual(await world.usable(), ['old', 'phone'])
  t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
})

test('a decision about what was shown leaves what was disowned after it', async (t) => {
  const world = await begin(t)
  const ids: string[] = []
  for (const subject of ['one', 'two']) {
    await world.addPasskey(subject)
    const { id } = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject, ...there, deviceHash: subject })
    await world.changes.freeze(id)
    ids.push(id)
  }
  await world.changes.settle('ada', 'confirmed', undefined, ids.slice(0, 1))
  t.deepEqual(await world.usable(), ['old', 'one'])
  t.deepEqual((await world.account()).frozen?.changeIds, ids.slice(1))
  await world.changes.settle('ada', 'undone', undefined, ids)
  t.deepEqual(await world.usable(), ['old', 'one'])
  t.is((await world.account()).frozen, undefined)
})

test('a stranger\'s passkey that was added and removed again does not come back when all is undone', async (t) => {
  const world = await begin(t)
  await world.addPasskey('evil')
  const added = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'evil', ...there })
  world.advance(1)
  const removed = (await world.changes.removePasskey(await world.account(), 'evil', there))!
  for (const { id } of [removed, added]) await world.changes.freeze(id)
  await world.changes.settle('ada', 'undone')
  t.deepEqual(await world.usable(), ['old'])
  t.deepEqual((await world.account()).credentialIds, ['old'])
})

test('several presses: the freeze names them all, reaches back to the first, and one decision lifts it', async (t) => {
  const world = await begin(t)
  const device = await world.changes.record({ accountId: 'ada', kind: 'new_device', subject: await world.addDevice('stranger'), ...there })
  world.advance(hour)
  await world.addPasskey('evil')
  const passkey = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'evil', ...there })
  world.advance(hour)
  await world.changes.freeze(passkey.id)
  t.is((await world.account()).frozen?.since, passkey.at)
  await world.changes.freeze(device.id)
  t.deepEqual((await world.account()).frozen, { at: start + 3 * hour, since: passkey.at, changeIds: [passkey.id, device.id], passkey: true })
  await world.changes.settle('ada', 'confirmed', here)
  t.deepEqual(await world.usable(), ['evil', 'old'])
  t.is((await world.account()).frozen, undefined)
})

test('a link works for 7 days; an unknown change is no change', async (t) => {
  const world = await begin(t)
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkeys_only_off', ...there })
  world.advance(7 * day - 1)
  t.truthy(await world.changes.freeze(change.id))
  const late = await world.changes.record({ accountId: 'ada', kind: 'passkeys_only_off', ...there })
  world.advance(7 * day)
  t.is(await world.changes.freeze(late.id), undefined)
  t.truthy(await world.changes.freeze(change.id), 'what is disowned can be pressed again')
  t.is(await world.changes.freeze('unknown'), undefined)
  t.is(await world.changes.undo('unknown'), undefined)
})

test('a press ends the sessions that the change made, with their grants and tokens, and nothing older', async (t) => {
  const world = await begin(t)
  await world.addSession('at the old passkey', [{ method: 'passkey', credentialId: 'old', deviceHash: 'laptop' }])
  await world.addSession('there before', [{ deviceHash: 'stranger' }])
  world.advance(5 * 60_000 + 1)
  await world.addSession('there, by whose proof it was added', [{ deviceHash: 'stranger' }])
  await world.addSession('elsewhere meanwhile', [{ deviceHash: 'laptop' }])
  world.advance(1)
  await world.addPasskey('evil')
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'evil', ...there })
  await world.addSession('by the new passkey', [{ method: 'passkey', credentialId: 'evil', deviceHash: 'phone' }])
  await world.addSession('by both', [{ deviceHash: 'phone', at: start }, { method: 'passkey', credentialId: 'evil', deviceHash: 'phone' }])
  await world.addSession('there after', [{ deviceHash: 'stranger' }])
  await world.addSession('elsewhere after', [{ deviceHash: 'laptop' }])
  await world.addSession('gone', [{ method: 'passkey', credentialId: 'evil', deviceHash: 'stranger' }])
  await world.storage.artifacts.destroy('Session', 'gone')
  await world.changes.freeze(change.id)
  t.deepEqual(await world.open(), ['at the old passkey', 'elsewhere after', 'elsewhere meanwhile', 'there before'])

  world.advance(1)
  await world.addSession('there, after the press', [{ deviceHash: 'stranger' }])
  await world.changes.freeze(change.id)
  t.true((await world.open()).includes('there, after the press'), 'pressing again ends nothing more')

  await world.changes.settle('ada', 'undone')
  t.deepEqual(await world.open(), ['at the old passkey', 'elsewhere after', 'elsewhere meanwhile', 'there, after the press'], 'now nothing of that browser is left from before')
})

test('a sign-in from a new device: its sessions end, although the proof came before the record of it', async (t) => {
  const world = await begin(t)
  await world.addSession('old', [{ deviceHash: 'laptop' }])
  await world.addSession('new', [{ deviceHash: 'stranger', at: start + hour - 1 }])
  const change = await world.changes.record({ accountId: 'ada', kind: 'new_device', subject: await world.addDevice('stranger'), ...there })
  await world.changes.freeze(change.id)
  t.deepEqual(await world.open(), ['old'])
})

test('a removal ends the sessions in which nothing else was proven', async (t) => {
  const world = await begin(t)
  await world.addPasskey('phone')
  await world.addSession('by it', [{ method: 'passkey', credentialId: 'phone' }])
  await world.addSession('by another too', [{ method: 'passkey', credentialId: 'phone' }, { method: 'passkey', credentialId: 'old' }])
  await world.addSession('by another', [{ method: 'passkey', credentialId: 'old' }])
  await world.changes.removePasskey(await world.account(), 'phone', here)
  t.deepEqual(await world.open(), ['by another', 'by another too'])
})

test('presses at once are all counted, and one of the same change counts once', async (t) => {
  const world = await begin(t)
  const changes = await Promise.all(['one', 'two', 'three'].map(async (id) => {
    await world.addPasskey(id)
    return world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: id, ...there })
  }))
  await Promise.all([...changes, ...changes].map(({ id }) => world.changes.freeze(id)))
  t.deepEqual((await world.account()).frozen?.changeIds.toSorted(), changes.map(({ id }) => id).toSorted())
  t.deepEqual((await world.account()).credentialIds, ['old'])
  t.is(world.entries.filter(({ type }) => type === 'change.frozen').length, 3)
})

for (const how of ['undone', 'confirmed'] as const) {
  test(`a press and the decision (${how}) at once leave the account frozen with all that is disowned, or as decided`, async (t) => {
    for (let round = 0; round < 30; round++) {
      const world = await begin(t)
      await world.addPasskey('evil')
      await world.addPasskey('worse')
      const [first, second] = [
        await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'evil', ...there }),
        await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: 'worse', ...there }),
      ]
      await world.changes.freeze(first.id)
      const later = async (turns: number, act: () => Promise<unknown>) => {
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        await act()
      }
      await Promise.all([
        later(round % 6, () => world.changes.settle('ada', how)),
        later(Math.floor(round / 6), () => world.changes.freeze(second.id)),
        later(Math.floor(round / 3), () => world.changes.freeze(first.id)),
      ])
      const account = await world.account()
      const open = await world.changes.listOpen('ada')
      t.deepEqual(account.frozen?.changeIds ?? [], open.map(({ id }) => id), `round ${round}`)
      t.deepEqual(account.credentialIds.toSorted(), await world.usable(), `round ${round}`)
      const decided = [first, second].filter(({ id }) => !open.some((one) => one.id === id))
      const usable = ['old', ...(how === 'confirmed' ? decided.map(({ subject }) => String(subject)) : [])]
      t.deepEqual(await world.usable(), usable.toSorted(), `round ${round}`)
    }
  })
}
