/** Changes of what finds an account: what they end as, and what has to stay. */
import test from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { email, idOf, type Known, open, phone, proven, settingsOf, username } from './identifiers-rig.ts'
import { day, here } from './store.ts'

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
