import test from 'ava'
import { createFactorRig } from './factor-rig.ts'
import { address } from './rig.ts'

const codeForm = /^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/

test('ten codes, all different, none with a letter or digit that looks like another', async (t) => {
  const { recoveryCodes, account, has, storage } = await createFactorRig(t)
  t.false(await has('recovery_code'))
  const { codes, factorId } = await recoveryCodes.make(await account())
  t.is(new Set(codes).size, 10)
  for (const code of codes) t.regex(code, codeForm)
  t.is(factorId, 'recovery_codes:ada')
  t.true(await has('recovery_code'))
  t.deepEqual((await account()).factors, { recovery_codes: { since: storage.clock.now(), left: 10 } })
  const kept = JSON.stringify(await storage.factors.listByAccount('ada'))
  for (const code of codes) t.false(kept.includes(code) || kept.includes(code.replace('-', '')))
})

test('all characters come up', async (t) => {
  const { recoveryCodes, account } = await createFactorRig(t)
  const seen = new Set<string>()
  for (let i = 0; i < 20; i++) for (const code of (await recoveryCodes.make(await account())).codes) for (const letter of code) seen.add(letter)
  t.is([...seen].toSorted().join(''), '-23456789ABCDEFGHJKMNPQRSTUVWXYZ')
})

test('each works once, however it is written, and the account hears how many are left', async (t) => {
  const { recoveryCodes, account, has, input } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  const spellings = [(code: string) => code, (code: string) => code.toLowerCase(), (code: string) => ` ${code.replace('-', ' ')} `, (code: string) => code.replace('-', ''), (code: string) => code.replace('-', '–')]
  for (const [index, code] of codes.entries()) {
    const spelled = spellings[index % spellings.length]!(code)
    t.deepEqual(await recoveryCodes.check(input(spelled)), { ok: true, left: 9 - index })
    t.is((await account()).factors?.recovery_codes?.left, 9 - index)
    t.like(await recoveryCodes.check(input(code, { cid: 'again', recognisedDevice: `${index}` })), { ok: false, reason: 'wrong', triesLeft: 9 })
  }
  t.false(await has('recovery_code'))
})

test('of 20 uses of a code at the same time one gets in', async (t) => {
  const { recoveryCodes, account, input } = await createFactorRig(t)
  const { codes: [code = ''] } = await recoveryCodes.make(await account())
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => recoveryCodes.check(input(code, { recognisedDevice: `device ${i}` }))))
  t.deepEqual(results.filter(({ ok }) => ok), [{ ok: true, left: 9 }])
})

test('ten different ones at the same time all work, and none is left', async (t) => {
  const { recoveryCodes, account, input } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  const results = await Promise.all(codes.map((code, i) => recoveryCodes.check(input(code, { recognisedDevice: `device ${i}` }))))
  t.deepEqual(results.map((result) => (result.ok ? result.left : -1)).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.is((await account()).factors?.recovery_codes?.left, 0)
})

test('of two uses at once the account keeps the lower number, whichever writes last', async (t) => {
  const { recoveryCodes, account, input, storage } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  const { update } = storage.accounts
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  storage.accounts.update = async (...args) => {
    storage.accounts.update = update
    held.resolve()
    await released.promise
    return update(...args)
  }
  const first = recoveryCodes.check(input(codes[0]!))
  await held.promise
  t.deepEqual(await recoveryCodes.check(input(codes[1]!)), { ok: true, left: 8 })
  released.resolve()
  t.deepEqual(await first, { ok: true, left: 9 })
  t.is((await account()).factors?.recovery_codes?.left, 8)
})

test('codes that the account does not list open nothing', async (t) => {
  const { recoveryCodes, account, input, storage } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  await storage.accounts.update('ada', ({ factors: _, ...bare }) => bare)
  t.like(await recoveryCodes.check(input(codes[0]!)), { ok: false, reason: 'wrong' })
})

test('new ones end the old ones in the same write', async (t) => {
  const { recoveryCodes, account, input, storage, advance } = await createFactorRig(t)
  const old = await recoveryCodes.make(await account())
  t.deepEqual(await recoveryCodes.check(input(old.codes[0]!)), { ok: true, left: 9 })
  advance(1)
  let writes = 0
  const { update } = storage.factors
  storage.factors.update = (...args) => (writes++, update(...args))
  const fresh = await recoveryCodes.make(await account())
  t.is(writes, 1)
  t.is((await account()).factors?.recovery_codes?.left, 10)
  t.like(await recoveryCodes.check(input(old.codes[1]!)), { ok: false, reason: 'wrong' })
  t.true(await recoveryCodes.areCurrent(await account(), fresh.codes))
  t.false(await recoveryCodes.areCurrent(await account(), [...fresh.codes.slice(1), old.codes[2]!]))
  t.false(await recoveryCodes.areCurrent(await account(), []))
  t.deepEqual(await recoveryCodes.check(input(fresh.codes[0]!)), { ok: true, left: 9 })
})

test('a code is good for its own account alone', async (t) => {
  const { recoveryCodes, account, input, storage } = await createFactorRig(t, ['ada', 'eve'])
  const { codes } = await recoveryCodes.make(await account('eve'))
  await recoveryCodes.make(await account())
  t.like(await recoveryCodes.check(input(codes[0]!)), { ok: false, reason: 'wrong' })
  t.like(await recoveryCodes.check(input(codes[0]!, { id: 'nobody' })), { ok: false, reason: 'wrong' })
  // Who can write to the store copies Eve's codes to Ada.
  const [factor] = await storage.factors.listByAccount('eve')
  await storage.factors.update('recovery_codes:ada', (own) => ({ ...own, macs: factor!.macs! }))
  t.like(await recoveryCodes.check(input(codes[0]!)), { ok: false, reason: 'wrong' })
  t.deepEqual(await recoveryCodes.check(input(codes[0]!, { account: await account('eve') })), { ok: true, left: 9 })
})

test('wrong guesses are charged as those of every other method', async (t) => {
  const { recoveryCodes, account, input, budgets } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  for (let left = 9; left >= 0; left--) t.deepEqual(await recoveryCodes.check(input('AAAA-AAAA', { cid: `${left}` })), { ok: false, reason: 'wrong', triesLeft: left })
  t.deepEqual(await recoveryCodes.check(input(codes[0]!)), { ok: false, reason: 'budget', retryAfter: 3600 })
  t.false((await budgets.guess({ recipient: address('ada@example.com'), accountId: 'ada' })).ok)
  t.deepEqual(await recoveryCodes.check(input(codes[0]!, { recognisedDevice: 'her own' })), { ok: true, left: 9 })
})

test('a crash after a code was taken out brings it back for nobody, and the next use tells the number', async (t) => {
  const { recoveryCodes, account, input, storage } = await createFactorRig(t)
  const { codes } = await recoveryCodes.make(await account())
  const { update } = storage.accounts
  storage.accounts.update = () => Promise.reject(new Error('died'))
  await t.throwsAsync(recoveryCodes.check(input(codes[0]!)), { message: 'died' })
  storage.accounts.update = update
  t.like(await recoveryCodes.check(input(codes[0]!)), { ok: false, reason: 'wrong' })
  t.is((await account()).factors?.recovery_codes?.left, 10)
  t.deepEqual(await recoveryCodes.check(input(codes[1]!)), { ok: true, left: 8 })
  t.is((await account()).factors?.recovery_codes?.left, 8)
})

test('a crash while they are made leaves none that work unseen', async (t) => {
  const { recoveryCodes, account, has, storage } = await createFactorRig(t)
  const { update } = storage.accounts
  storage.accounts.update = () => Promise.reject(new Error('died'))
  await t.throwsAsync(recoveryCodes.make(await account()), { message: 'died' })
  storage.accounts.update = update
  t.false(await has('recovery_code'))
  const { codes } = await recoveryCodes.make(await account())
  t.true(await recoveryCodes.areCurrent(await account(), codes))
})

test('an account that is frozen meanwhile gets none', async (t) => {
  const { recoveryCodes, account, storage } = await createFactorRig(t)
  const before = await account()
  await storage.accounts.update('ada', (current) => ({ ...current, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
  await t.throwsAsync(recoveryCodes.make(before), { code: 'step_done' })
  t.is((await account()).factors, undefined)
  t.deepEqual(await storage.factors.listByAccount('ada'), [])
})
