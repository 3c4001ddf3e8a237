/** Changes of what finds an account: what they end as, who loses what by them, and what a crash in between leaves. */
import test, { type ExecutionContext } from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createIdentifiers } from '../../src/accounts/identifiers.ts'
import { clientSchema } from '../../src/config/client-schema.ts'
import { serverSchema } from '../../src/config/schema.ts'
import { AppError } from '../../src/errors.ts'
import type { Account, IdentifierKind } from '../../src/storage/types.ts'
import { createWorld, day, Died, here } from './store.ts'

/** `apps`: what each says differently */
const settingsOf = (identifiers: object, ...apps: object[]) => ({
  ...serverSchema.parse({ identifiers }),
  clients: apps.map((own) => ({ ...clientSchema.parse({ client_id: 'app', latchkey: { identifiers: own } }), client_name: 'App' })),
})
const config = settingsOf({ email: { signUp: 'optional', max: 3 }, phone: { signIn: true, signUp: 'optional' }, username: { signIn: true, signUp: 'optional' } })
const email = (value: string) => ({ kind: 'email' as const, value: `${value}@example.com` })
const username = (value: string) => ({ kind: 'username' as const, value })
const phone = (number: number) => ({ kind: 'phone' as const, value: `+12025550${100 + number}` })
type Known = { kind: IdentifierKind; value: string }
const idOf = ({ kind, value }: Known) => `${kind}:${value}`

function open(t: ExecutionContext, settings: Parameters<typeof createIdentifiers>[0]['config'] = config) {
  const world = createWorld()
  t.teardown(world.close)
  const accounts = createAccounts(world.storage)
  const identifiers = createIdentifiers({ storage: world.storage, accounts, revocation: world.revocation, config: settings })
  const now = () => world.storage.clock.now()
  const holder = async (one: Known) => (await accounts.findByIdentifier(one))?.id
  const stateOf = async (one: Known) => (await world.storage.identifiers.get(idOf(one)))?.state
  const listed = async (id: string) => (await world.account(id)).identifiers.map(idOf)
  async function make(id: string, wanted: (Known & { verifiedAt?: number; addedAt?: number })[], more: Partial<Account> = {}): Promise<Account> {
    const outcome = await accounts.create({ identifiers: wanted, draft: { accountId: id, userHandle: `handle of ${id}` } })
    if (!outcome.ok) throw new Error(`taken: ${idOf(outcome.taken)}`)
    return (await world.storage.accounts.update(id, (account) => ({ ...account, ...more })))!
  }
  return { world, accounts, identifiers, now, holder, stateOf, listed, make }
}

const proven = (one: Known) => ({ ...one, verifiedAt: 1 })

test('added: found by it at once, last of its kind, and as old as the addition', async (t) => {
  const { identifiers, world, holder, now, make } = open(t)
  const ada = await make('ada', [proven(email('ada'))])
  world.advance(5)
  t.is(await identifiers.add(ada, { ...email('second'), verifiedAt: 7 }), 'added')
  t.is(await identifiers.add(ada, phone(1)), 'added')
  t.is(await holder(email('second')), 'ada')
  t.deepEqual((await world.account()).identifiers, [proven(email('ada')), { ...email('second'), verifiedAt: 7, addedAt: now() }, { ...phone(1), addedAt: now() }])
  t.is((await world.storage.identifiers.get('email:second@example.com'))?.state, 'active')

  t.is(await identifiers.add(await world.account(), { ...phone(1), verifiedAt: 9 }), 'added', 'again, with its proof')
  t.is((await world.account()).identifiers[2]?.verifiedAt, 9)
  t.is((await world.account()).identifiers.length, 3)
})

test('so many of a kind and no more, also when all come at once', async (t) => {
  const { identifiers, world, make, holder, listed } = open(t)
  const ada = await make('ada', [proven(email('ada'))])
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => identifiers.add(ada, proven(email(`${n}`)))))
  t.is(outcomes.filter((outcome) => outcome === 'added').length, 2)
  t.is(outcomes.filter((outcome) => outcome === 'too_many').length, 48)
  t.is((await listed('ada')).length, 3)
  t.is(await identifiers.add(await world.account(), email('more')), 'too_many')
  t.is(await identifiers.add(ada, username('ada')), 'added')
  t.is(await identifiers.add(await world.account(), username('lovelace')), 'too_many', 'one name')

  const eve = await make('eve', [username('eve')])
  t.is(await identifiers.add(eve, proven(email('49'))), 'added', 'what was too many is free at once')
  t.is(await holder(email('49')), 'eve')
})

test("somebody else's is taken, proven or not", async (t) => {
  const { identifiers, make, holder } = open(t)
  await make('ada', [proven(email('ada')), phone(1), username('ada')])
  const eve = await make('eve', [proven(email('eve'))])
  for (const one of [email('ada'), proven(email('ada')), phone(1), username('ada'), { ...username('ada'), verifiedAt: 1 }]) t.is(await identifiers.add(eve, one), 'taken')
  t.is(await holder(email('ada')), 'ada')
  t.is(await holder(username('ada')), 'ada')
})

test('of 50 accounts that add the same at once one has it', async (t) => {
  const { identifiers, make, holder, world } = open(t)
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => make(`person ${n}`, [username(`person${n}`)])))
  const outcomes = await Promise.all(all.map((account) => identifiers.add(account, email('wanted'))))
  t.is(outcomes.filter((outcome) => outcome === 'added').length, 1)
  const winner = all[outcomes.indexOf('added')]!
  t.is(await holder(email('wanted')), winner.id)
  for (const { id } of all) t.is((await world.account(id)).identifiers.length, id === winner.id ? 2 : 1)
})

test('proven: where it was signed up is forgotten with the last proof of the sign-up', async (t) => {
  const { identifiers, world, make } = open(t)
  await make('ada', [email('ada'), phone(1), username('ada')], { signedUp: { deviceHash: 'laptop', clientId: 'shop' } })
  t.is(await identifiers.markProven('ada', email('other'), 5), undefined)
  t.is(await identifiers.markProven('nobody', email('ada'), 5), undefined)
  const first = await identifiers.markProven('ada', email('ada'), 5)
  t.deepEqual(first?.identifiers[0], { ...email('ada'), verifiedAt: 5 })
  t.deepEqual(first?.signedUp, { deviceHash: 'laptop', clientId: 'shop' })
  const second = await identifiers.markProven('ada', phone(1), 6)
  t.is(second?.signedUp, undefined)
  t.is((await identifiers.markProven('ada', phone(1), 7))?.identifiers[1]?.verifiedAt, 6, 'once')
  t.deepEqual(await world.account(), second)
})

test('a typo gives way to the right one, in its place, and is free for its owner at once', async (t) => {
  const { identifiers, world, make, holder, listed } = open(t)
  const signedUp = { deviceHash: 'laptop', clientId: 'shop' }
  const ada = await make('ada', [email('aad'), username('ada')], { signedUp })
  t.is(await identifiers.correct(ada, email('aad'), email('ada')), 'corrected')
  t.deepEqual(await listed('ada'), ['email:ada@example.com', 'username:ada'])
  t.deepEqual((await world.account()).signedUp, signedUp)
  t.is(await holder(email('aad')), undefined)
  await make('aad', [email('aad')])
  t.is(await holder(email('aad')), 'aad')

  t.is(await identifiers.correct(await world.account(), email('ada'), email('aad')), 'taken')
  t.is(await identifiers.correct(await world.account(), email('ada'), phone(1)), 'taken', 'another kind')
  t.is(await identifiers.correct(await world.account(), email('gone'), email('new')), 'taken')
  await identifiers.markProven('ada', email('ada'), 5)
  t.is(await identifiers.correct(await world.account(), email('ada'), email('new')), 'taken', 'what is proven is no typo')
  await make('new', [email('new')])
})

test('a typo is not put right any more once changes were stopped, since it was asked whether that may be', async (t) => {
  const { identifiers, world, make, listed } = open(t)
  const ada = await make('ada', [email('aad')])
  await world.storage.accounts.update('ada', (account) => ({ ...account, lastFrozenAt: 7 }))
  t.is(await identifiers.correct(ada, email('aad'), email('ada')), 'taken')
  t.deepEqual(await listed('ada'), ['email:aad@example.com'])
  await make('eve', [email('ada')])
})

test('another username is a new one, and nobody gets the old one for 7 days', async (t) => {
  const { identifiers, world, make, now } = open(t)
  const ada = await make('ada', [username('ada')])
  world.advance(day)
  t.is(await identifiers.correct(ada, username('ada'), username('lovelace')), 'corrected')
  t.deepEqual((await world.account()).identifiers, [{ ...username('lovelace'), addedAt: now() }])
  t.like(await createAccounts(world.storage).create({ identifiers: [username('ada')] }), { ok: false })
})

test('primary is what stands first of its kind, and no unproven address does by a wish', async (t) => {
  const { identifiers, make, listed } = open(t)
  await make('ada', [proven(email('a')), username('ada'), proven(email('b')), email('c'), phone(1)])
  t.truthy(await identifiers.makePrimary('ada', email('b')))
  t.deepEqual(await listed('ada'), [email('b'), email('a'), username('ada'), email('c'), phone(1)].map(idOf))
  for (const one of [email('c'), phone(1), email('none')]) t.is(await identifiers.makePrimary('ada', one), undefined)
  t.is(await identifiers.makePrimary('nobody', email('b')), undefined)
})

test('removed: blocked for 7 days for everybody but who had it, and free then', async (t) => {
  const { identifiers, accounts, world, make, holder } = open(t)
  const gone = proven(email('old'))
  const ada = await make('ada', [proven(email('ada')), gone, username('ada')])
  const eve = await make('eve', [username('eve')])
  t.is(await identifiers.remove(ada, gone), 'removed')
  t.is(await identifiers.remove(ada, gone), undefined, 'it is gone')
  t.is(await holder(gone), undefined)
  const attempts = async () => [await identifiers.add(eve, gone), (await accounts.create({ identifiers: [gone] })).ok]
  t.deepEqual(await attempts(), ['taken', false])
  world.advance(7 * day - 1)
  t.deepEqual(await attempts(), ['taken', false])

  t.is(await identifiers.add(await world.account(), gone), 'added', 'its old owner')
  t.is(await holder(gone), 'ada')
  await identifiers.markProven('ada', gone, 9)
  await identifiers.remove(await world.account(), gone)
  world.advance(7 * day - 1)
  t.is(await identifiers.add(eve, gone), 'taken', 'from the second time on')
  world.advance(1)
  t.is(await identifiers.add(eve, gone), 'added')
  t.is(await holder(gone), 'eve')
  t.is(await identifiers.add(await world.account(), gone), 'taken')
})

test('an address that was never proven blocks nobody, whoever removes it', async (t) => {
  const { identifiers, accounts, make } = open(t)
  const eve = await make('eve', [email('victim'), username('eve'), proven(email('eve'))])
  t.is(await identifiers.remove(eve, email('victim')), 'removed')
  t.true((await accounts.create({ identifiers: [proven(email('victim'))] })).ok)
})

test('a removal that is taken back: found by it again, and the old primary order aside as it was', async (t) => {
  const { identifiers, accounts, world, make, holder } = open(t)
  const away = proven(email('away'))
  const ada = await make('ada', [proven(email('ada')), away, email('said')])
  const removal = async (one: Known & { verifiedAt?: number }) => {
    const change = await world.changes.record({ ...here, accountId: 'ada', kind: 'identifier_removed', subject: idOf(one), removed: { ...one } })
    t.is(await identifiers.remove(await world.account(), one), 'removed')
    return change
  }
  const change = await removal(away)
  world.advance(6 * day)
  await world.changes.undo(change.id)
  t.is(await holder(away), 'ada')
  t.deepEqual((await world.account()).identifiers.find(({ value }) => value === away.value), away)
  t.is((await world.storage.identifiers.get(idOf(away)))?.state, 'active')
  t.false((await accounts.create({ identifiers: [away] })).ok)

  const said = await removal(email('said'))
  const other = await make('other', [proven(email('said'))])
  await world.changes.undo(said.id)
  t.is(await holder(email('said')), other.id, 'what somebody else has by now stays theirs')
  t.false((await world.account()).identifiers.some(({ value }) => value === 'said@example.com'))
  t.is(ada.id, 'ada')
})

test('looked for while a removal is being taken back: it comes back all the same', async (t) => {
  const { identifiers, world, make, holder } = open(t)
  const away = proven(email('away'))
  const ada = await make('ada', [proven(email('ada')), away])
  const change = await world.changes.record({ ...here, accountId: 'ada', kind: 'identifier_removed', subject: idOf(away), removed: { ...away } })
  await identifiers.remove(ada, away)
  let over = false
  const undo = world.changes.undo(change.id).then(() => (over = true))
  while (!over) {
    await holder(away)
    await world.storage.ephemeral.set('turn', 0, Infinity)
  }
  await undo
  t.is(await holder(away), 'ada')
})

test('the last way in stays, and what every account has to have', async (t) => {
  const { identifiers, make, world } = open(t)
  const ada = await make('ada', [proven(email('a')), username('ada')])
  t.is(await identifiers.remove(ada, email('a')), 'last_way_in', 'a name alone signs nobody in')
  await make('totp', [proven(email('t')), username('totp')], { factors: { totp: { since: 1 } } })
  t.is(await identifiers.remove(await world.account('totp'), email('t')), 'removed', 'a name and an app do')
  t.is(await identifiers.remove(await world.account('totp'), username('totp')), 'last_way_in')
  const key = await make('key', [proven(email('k'))], { credentialIds: ['passkey'] })
  t.is(await identifiers.remove(key, email('k')), 'removed', 'a passkey needs no name')
  const spent = await make('spent', [proven(email('s')), username('spent')], { factors: { recovery_codes: { since: 1, left: 0 } } })
  t.is(await identifiers.remove(spent, email('s')), 'last_way_in')

  const strict = open(t, settingsOf({}))
  const bob = await strict.make('bob', [proven(email('b')), proven(email('c'))], { credentialIds: ['passkey'] })
  const outcomes = await Promise.all([strict.identifiers.remove(bob, email('b')), strict.identifiers.remove(bob, email('c'))])
  t.deepEqual(outcomes.toSorted(), ['last_way_in', 'removed'], 'of two at once one')
})

const atApp = { phone: { signIn: true }, username: { signIn: true } }
const optional = { email: { signUp: 'optional' }, phone: { signUp: 'optional' }, username: { signUp: 'optional' } }

test('what nobody can type is no way in, unless some app takes it', async (t) => {
  for (const [apps, outcome] of [[[], 'last_way_in'], [[{}, atApp], 'removed']] as const) {
    const { identifiers, make, world } = open(t, settingsOf(optional, ...apps))
    await make('number', [proven(email('n')), proven(phone(1))])
    t.is(await identifiers.remove(await world.account('number'), email('n')), outcome, 'a number')
    await make('totp', [proven(email('t')), username('totp')], { factors: { totp: { since: 1 } } })
    t.is(await identifiers.remove(await world.account('totp'), email('t')), outcome, 'a name and an app')
  }
})

test('a method has to reach what is left', async (t) => {
  const settings = settingsOf({ ...optional, phone: { signIn: true, signUp: 'optional' }, username: { signIn: true, signUp: 'optional' } })
  const without = { ...settings, verification: { ...settings.verification, methods: ['email_otp' as const] } }
  const { identifiers, make } = open(t, without)
  const number = await make('number', [proven(email('n')), proven(phone(1))])
  t.is(await identifiers.remove(number, email('n')), 'last_way_in', 'no text messages here')
  t.is(await identifiers.remove(number, phone(1)), 'removed')

  const named = open(t, settingsOf({ email: { signIn: false, signUp: 'optional' }, username: { signIn: true, signUp: 'optional' } }))
  const ada = await named.make('ada', [proven(email('a')), username('ada')])
  t.is(await named.identifiers.remove(ada, email('a')), 'last_way_in', 'the codes go there')
  t.is(await named.identifiers.remove(ada, username('ada')), 'last_way_in', 'it is what can be typed')
})

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
