import test from 'ava'
import { AppError } from '../../src/errors.ts'
import type { ChangeKind, Factor } from '../../src/storage/types.ts'
import { createWorld, day, Died, here, hour, start, there, type World } from './store.ts'

/** Ada, an hour old, with the passkey and the address that she began with. */
async function begin(t: { teardown(end: () => void): void }): Promise<World> {
  const world = createWorld()
  t.teardown(world.close)
  await world.addAccount()
  await world.addPasskey('old', 'ada', { signUp: true })
  await world.addEmail('ada@example.com')
  world.advance(hour)
  return world
}

/** What opens the account: passkeys that sign in, those listed, addresses, factors, disowned devices, recovery, protection. */
async function opens(world: World): Promise<string[]> {
  const account = await world.account()
  const devices = await world.storage.devices.listByAccount('ada')
  return [
    ...(await world.usable()),
    ...account.credentialIds.toSorted().map((id) => `${id} listed`),
    ...account.identifiers.map(({ value }) => value),
    ...(await world.storage.factors.listByAccount('ada')).map(({ id, sealed, macs = [] }) => [id, sealed ?? macs.join()].join()),
    ...Object.entries(account.factors ?? {}).map(([kind, listed]) => `${kind} listed since ${(listed.since - start) / hour}${'left' in listed ? `, ${listed.left} left` : ''}`),
    ...devices.filter(({ disownedAt }) => disownedAt !== undefined).map(({ id }) => `${id} disowned`),
    ...(account.recovery ? [account.recovery.id] : []),
    ...(account.passkeysOnlySince === undefined ? [] : ['passkeys only']),
  ]
}

interface Case {
  kind: ChangeKind
  make: (world: World) => Promise<{ subject?: string; removed?: Parameters<World['changes']['record']>[0]['removed'] }>
  /** what opens the account besides the old passkey and address: before the press, after it, undone, confirmed */
  made: string[]
  frozen: string[]
  undone: string[]
  confirmed: string[]
}

const totp: Factor = { id: 'totp:ada', accountId: 'ada', kind: 'totp', sealed: 'sealed', createdAt: start, usedStep: 3 }
const codes = (...macs: string[]): Factor => ({ id: 'recovery_codes:ada', accountId: 'ada', kind: 'recovery_codes', createdAt: start, macs })
const cases: Case[] = [
  {
    kind: 'passkey_added',
    make: async (world) => (await world.addPasskey('new'), { subject: 'new' }),
    made: ['new', 'new listed'], frozen: [], undone: [], confirmed: ['new', 'new listed'],
  },
  {
    kind: 'identifier_added',
    make: async (world) => ({ subject: await world.addEmail('eve@example.com') }),
    made: ['eve@example.com'], frozen: [], undone: [], confirmed: ['eve@example.com'],
  },
  {
    kind: 'identifier_removed',
    make: async ({ storage }) => {
      await storage.identifiers.insert({ id: 'email:a@b.c', kind: 'email', value: 'a@b.c', accountId: 'ada', state: 'released', createdAt: start })
      return { subject: 'email:a@b.c', removed: { kind: 'email', value: 'a@b.c', verifiedAt: start } }
    },
    made: [], frozen: [], undone: ['a@b.c'], confirmed: [],
  },
  {
    kind: 'method_added',
    make: async (world) => (await world.addFactor(totp), { subject: totp.id, removed: {} }),
    made: ['totp:ada,sealed', 'totp listed since 0'], frozen: [], undone: [], confirmed: ['totp:ada,sealed', 'totp listed since 0'],
  },
  {
    kind: 'method_removed',
    make: async () => ({ subject: totp.id, removed: { ...totp } }),
    made: [], frozen: [], undone: ['totp:ada,sealed', 'totp listed since 0'], confirmed: [],
  },
  {
    kind: 'recovery_codes_made',
    make: async (world) => (await world.addFactor({ ...codes('c', 'd', 'e'), createdAt: start + hour }), { subject: codes().id, removed: { before: { ...codes('a', 'b') } } }),
    made: ['recovery_codes:ada,c,d,e', 'recovery_codes listed since 1, 3 left'],
    frozen: [],
    undone: ['recovery_codes:ada,a,b', 'recovery_codes listed since 0, 2 left'],
    confirmed: ['recovery_codes:ada,c,d,e', 'recovery_codes listed since 1, 3 left'],
  },
  {
    kind: 'recovery_started',
    make: async (world) => ({ subject: (await world.recoveries.start(await world.account(), there)).id }),
    made: ['recovery'], frozen: [], undone: [], confirmed: [],
  },
  {
    kind: 'new_device',
    make: async (world) => ({ subject: await world.addDevice('stranger') }),
    made: [], frozen: ['stranger:ada disowned'], undone: ['stranger:ada disowned'], confirmed: [],
  },
  {
    kind: 'passkeys_only_on',
    make: async ({ storage }) => (await storage.accounts.update('ada', (account) => ({ ...account, passkeysOnlySince: start })), {}),
    made: ['passkeys only'], frozen: ['passkeys only'], undone: [], confirmed: ['passkeys only'],
  },
  { kind: 'passkeys_only_off', make: async () => ({}), made: [], frozen: [], undone: ['passkeys only'], confirmed: [] },
  { kind: 'recovery_code_used', make: async () => ({}), made: [], frozen: [], undone: [], confirmed: [] },
]

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
  const change = await world.changes.removePasskey(await world.account(), 'phone', here)
  t.deepEqual(await world.usable(), ['old'])
  t.deepEqual((await world.account()).credentialIds, ['old'])
  t.like(world.entries.at(-1), { type: 'passkey.removed', deviceHash: 'laptop', detail: { passkeyId: 'phone', changeId: change.id } })

  await world.changes.undo(change.id, here)
  t.deepEqual(await world.usable(), ['old', 'phone'])
  t.deepEqual((await world.account()).credentialIds, ['old', 'phone'])
  t.like(world.entries.at(-1), { type: 'change.undone', deviceHash: 'laptop', detail: { changeId: change.id, kind: 'passkey_removed' } })

  const again = await world.changes.removePasskey(await world.account(), 'phone', here)
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
  const change = await world.changes.removePasskey(await world.account(), 'phone', there)
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
  const removed = await world.changes.removePasskey(await world.account(), 'evil', there)
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

/** The next call of it waits until it is let go; those after it do not. */
function holdNext<K extends string>(store: Record<K, (...args: never[]) => Promise<unknown>>, method: K) {
  const original = store[method]
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = async (...args: never[]) => {
    store[method] = original
    held.resolve()
    await released.promise
    return original(...args)
  }
  store[method] = holding as typeof original
  return { held: held.promise, release: () => released.resolve() }
}

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
  const first = await world.changes.removePasskey(await world.account(), 'phone', here)
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
