/** Whoever proves an identifier has it, and what only listed it loses it: also when all comes at once, or the process dies. */
import test from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createIdentifiers } from '../../src/accounts/identifiers.ts'
import { AppError } from '../../src/errors.ts'
import type { Account } from '../../src/storage/types.ts'
import { config, email, type Known, open, proven, username } from './identifiers-rig.ts'
import { day, Died } from './store.ts'

test('whoever proves an address that another account only says it has gets a new account, and the other ends', async (t) => {
  const { identifiers, world, make, holder, accounts } = open(t)
  const eve = await make('eve', [email('victim'), { ...email('other'), addedAt: 1 }], { signedUp: { deviceHash: 'evil', clientId: 'shop' }, credentialIds: ['evil'], recovery: { id: 'r', startedAt: 1, readyAt: 2, expiresAt: 3, deviceHash: 'evil', userAgent: '' } })
  await world.addSession('of the stranger', [{ method: 'passkey' }], 'eve')
  world.advance(1)

  const made = await identifiers.takeOver(email('victim'), eve, 77, 'de')
  t.not(made.id, 'eve')
  t.like(made, { identifiers: [{ ...email('victim'), verifiedAt: 77 }], credentialIds: [], locale: 'de' })
  t.is(made.signedUp, undefined)
  t.is(await holder(email('victim')), made.id)
  const before = await world.account('eve')
  t.deepEqual(before.identifiers, [{ ...email('other'), addedAt: 1 }])
  t.is(before.disabledAt, world.storage.clock.now(), 'what nobody has proven is nothing to live on with')
  t.is(before.endedAt, world.storage.clock.now())
  t.is(before.recovery, undefined)
  t.is(before.signedUp, undefined)
  t.deepEqual(await world.open('eve'), [])
  t.is(await identifiers.markProven('eve', email('victim'), 78), undefined)
  t.is(await identifiers.add(before, proven(email('victim'))), 'taken')
  t.deepEqual((await accounts.get(made.id))?.identifiers, made.identifiers)
})

test('with another proven identifier the other account lives on, signed out', async (t) => {
  const { identifiers, world, make, listed } = open(t)
  const bob = await make('bob', [proven(email('bob')), { ...email('typo'), addedAt: 1 }], { signedUp: { deviceHash: 'x', clientId: 'shop' } })
  await world.addSession('of Bob', [{ method: 'passkey' }], 'bob')
  await identifiers.takeOver(email('typo'), bob, 77)
  t.is((await world.account('bob')).disabledAt, undefined)
  t.deepEqual(await listed('bob'), ['email:bob@example.com'])
  t.deepEqual(await world.open('bob'), [])
})

test('… or with a username, which needs no proof', async (t) => {
  const { identifiers, world, make } = open(t)
  const bob = await make('bob', [username('bob'), email('typo')], { credentialIds: ['key'], signedUp: { deviceHash: 'x', clientId: 'shop' } })
  await world.addSession('of Bob', [{ method: 'passkey' }], 'bob')
  await identifiers.takeOver(email('typo'), bob, 77)
  t.like(await world.account('bob'), { disabledAt: undefined, identifiers: [username('bob')], credentialIds: ['key'] })
  t.deepEqual(await world.open('bob'), [])
})

test('what is proven is taken from nobody', async (t) => {
  const { identifiers, make, holder, world } = open(t)
  const ada = await make('ada', [proven(email('ada')), username('ada')])
  for (const one of [email('ada'), username('ada')]) {
    await t.throwsAsync(identifiers.takeOver(one, ada, 77), { instanceOf: AppError, code: 'already_exists' })
    t.is(await holder(one), 'ada')
  }
  t.is((await world.account()).disabledAt, undefined)
})

test('of 50 who prove it at once all get one account', async (t) => {
  const { identifiers, make, holder } = open(t)
  const eve = await make('eve', [email('victim')])
  const made = await Promise.all(Array.from({ length: 50 }, () => identifiers.takeOver(email('victim'), eve, 77)))
  t.is(new Set(made.map(({ id }) => id)).size, 1)
  t.is(await holder(email('victim')), made[0]?.id)
})

test('proven here and taken there at the same moment: one of the two, and the address is somebody’s', async (t) => {
  const won = { proof: 0, taking: 0 }
  for (let head = 0; head < 8; head += 1) {
    const { identifiers, make, holder, world } = open(t)
    const eve = await make('eve', [email('victim')])
    const held = async () => {
      for (let turn = 0; turn < head; turn += 1) await world.storage.ephemeral.set('turn', turn, Infinity)
    }
    const [marked, made] = await Promise.all([
      held().then(() => identifiers.markProven('eve', email('victim'), 5)),
      identifiers.takeOver(email('victim'), eve, 6).catch((error: unknown) => error),
    ])
    const account = await world.account('eve')
    if (made instanceof Error) {
      won.proof += 1
      t.truthy(marked, `${head}`)
      t.like(account, { disabledAt: undefined, identifiers: [{ verifiedAt: 5 }] })
      t.is(await holder(email('victim')), 'eve')
    } else {
      won.taking += 1
      t.deepEqual(account.identifiers, [])
      t.truthy(account.disabledAt)
      t.is(await holder(email('victim')), (made as Account).id)
    }
  }
  t.true(won.proof > 0 && won.taking > 0, JSON.stringify(won))
})

test('proven after the record was taken and before the account was: it stays', async (t) => {
  const { world, make, holder, identifiers } = open(t)
  const eve = await make('eve', [email('hers')])
  const proof = Promise.withResolvers<void>()
  const { storage } = world
  const taking = createIdentifiers({
    storage: { ...storage, accounts: { ...storage.accounts, update: async (id, fn) => (await proof.promise, storage.accounts.update(id, fn)) } },
    accounts: createAccounts(storage), revocation: world.revocation, config,
  }).takeOver(email('hers'), eve, 5)
  const marking = createIdentifiers({
    storage: { ...storage, accounts: { ...storage.accounts, async update(id, fn) {
      while ((await storage.identifiers.get('email:hers@example.com'))?.state !== 'released') await storage.ephemeral.set('turn', 0, Infinity)
      return storage.accounts.update(id, fn)
    } } },
    accounts: createAccounts(storage), revocation: world.revocation, config,
  }).markProven('eve', email('hers'), 4)
  t.truthy(await marking)
  proof.resolve()
  await t.throwsAsync(taking, { code: 'already_exists' })
  t.is(await holder(email('hers')), 'eve')
  t.like(await world.account('eve'), { disabledAt: undefined, endedAt: undefined, identifiers: [{ verifiedAt: 4 }] })
  t.is((await storage.identifiers.get('email:hers@example.com'))?.state, 'active')
  t.is(await identifiers.add(await make('ada', [username('ada')]), proven(email('hers'))), 'taken')
})

test('somebody who is signed in and proves it takes it from whom never did', async (t) => {
  const { identifiers, world, make, holder } = open(t)
  const ada = await make('ada', [proven(email('ada'))])
  await make('eve', [email('second')])
  await world.addSession('of the stranger', [{ method: 'passkey' }], 'eve')
  t.is(await identifiers.add(ada, email('second')), 'taken', 'without a proof not')
  t.is(await identifiers.add(ada, proven(email('second'))), 'added')
  t.is(await holder(email('second')), 'ada')
  t.truthy((await world.account('eve')).disabledAt)
  t.deepEqual(await world.open('eve'), [])
})

test('a slow writer lists nothing that it has lost meanwhile', async (t) => {
  const { identifiers, world, make, listed, holder } = open(t)
  const ada = await make('ada', [proven(email('ada'))])
  const eve = await make('eve', [username('eve')])
  const slow = createIdentifiers({
    storage: { ...world.storage, accounts: { ...world.storage.accounts, async update(id, fn) {
      world.advance(60_000)
      t.is(await identifiers.add(eve, email('wanted')), 'added')
      return world.storage.accounts.update(id, fn)
    } } },
    accounts: createAccounts(world.storage), revocation: world.revocation, config,
  })
  t.is(await slow.add(ada, email('wanted')), 'taken')
  t.deepEqual(await listed('ada'), ['email:ada@example.com'])
  t.is(await holder(email('wanted')), 'eve')
})

type Opened = ReturnType<typeof open>
/** Everything that writes more than once: what is there before, what is done, and who may have the identifier after a crash at any write. */
const cases: Record<string, { before(o: Opened): Promise<unknown>; act(o: Opened): Promise<unknown>; one: Known; after: (string | undefined)[]; others?: Known[] }> = {
  'adding': {
    before: ({ make }) => make('ada', [proven(email('ada'))]),
    act: async ({ identifiers, world }) => identifiers.add(await world.account(), proven(email('x'))),
    one: email('x'), after: [undefined, 'ada'],
  },
  'correcting': {
    before: ({ make }) => make('ada', [email('x'), username('ada')]),
    act: async ({ identifiers, world }) => identifiers.correct(await world.account(), email('x'), email('y')),
    one: email('x'), others: [email('y')], after: [undefined, 'ada'],
  },
  'removing': {
    before: ({ make }) => make('ada', [proven(email('x')), proven(email('y'))]),
    act: async ({ identifiers, world }) => identifiers.remove(await world.account(), email('x')),
    one: email('x'), after: [undefined, 'ada'],
  },
  'taking over': {
    before: async ({ make, world }) => {
      await make('eve', [email('x'), username('eve')])
      await world.addSession('of the stranger', [{ method: 'passkey' }], 'eve')
    },
    act: async ({ identifiers, world }) => identifiers.takeOver(email('x'), await world.account('eve'), 5),
    one: email('x'), after: [undefined, 'eve', 'new'],
  },
  'adding what another never proved': {
    before: async ({ make, world }) => {
      await make('ada', [proven(email('ada'))])
      await make('eve', [email('x'), username('eve')])
      await world.addSession('of the stranger', [{ method: 'passkey' }], 'eve')
    },
    act: async ({ identifiers, world }) => identifiers.add(await world.account(), proven(email('x'))),
    one: email('x'), after: [undefined, 'eve', 'ada'],
  },
}

for (const [name, { before, act, one, others = [], after }] of Object.entries(cases)) {
  test(`a crash at any write of ${name} leaves what the next look-up repairs`, async (t) => {
    for (let writes = 0; writes < 20; writes += 1) {
      const opened = open(t)
      const { world, accounts, identifiers, holder } = opened
      await before(opened)
      world.advance(1_000)
      world.dieAfter(writes)
      const died = await act(opened).then(() => false, (error: unknown) => {
        if (!(error instanceof Died)) throw error
        return true
      })
      world.survive()
      if (!died) {
        t.true(writes > 1)
        return
      }
      const who = await holder(one)
      t.true(after.includes(who === undefined || who === 'ada' || who === 'eve' ? who : 'new'), `${writes}: ${who}`)
      for (const known of [one, ...others]) await holder(known)
      for (const id of ['ada', 'eve']) {
        const account = await world.storage.accounts.get(id)
        for (const entry of account?.identifiers ?? []) t.is(await holder(entry), id, `${writes}: ${id} has what it lists`)
      }

      // Whoever proves it (and waits, where it was given up) gets it in the end, and eve is out.
      world.advance(8 * day)
      let found = await accounts.findByIdentifier(one)
      if (found?.id === 'eve') found = await identifiers.takeOver(one, found, 9)
      if (!found) {
        const outcome = await accounts.create({ identifiers: [{ ...one, verifiedAt: 9 }] })
        t.true(outcome.ok, `${writes}: free at last`)
      }
      const eve = await world.storage.accounts.get('eve')
      if (eve) {
        t.is(eve.disabledAt, undefined, `${writes}: it lives on by its username`)
        t.is(eve.endedAt === undefined, false)
        t.deepEqual(eve.identifiers, [username('eve')])
      }
    }
    t.fail('never done')
  })
}

test('the owner of an address need not wait after a crash while it was being taken over', async (t) => {
  for (let writes = 0; writes < 20; writes += 1) {
    const { world, accounts, identifiers, make } = open(t)
    const eve = await make('eve', [email('x')])
    world.dieAfter(writes)
    const died = await identifiers.takeOver(email('x'), eve, 5).then(() => false, () => true)
    world.survive()
    if (!died) return
    const found = await accounts.findByIdentifier(email('x'))
    const mine = found === undefined ? await accounts.create({ identifiers: [proven(email('x'))] }) : undefined
    if (mine) t.true(mine.ok, `${writes}`)
    else if (found?.id === 'eve') t.like(await identifiers.takeOver(email('x'), found, 5), { identifiers: [{ verifiedAt: 5 }] })
    else t.like(found, { identifiers: [{ verifiedAt: 5 }] })
  }
  t.fail('never done')
})
