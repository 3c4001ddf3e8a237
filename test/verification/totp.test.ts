import test from 'ava'
import { fromBase32 } from '../../src/verification/base32.ts'
import { keyUri, stepAt, totpCode, totpFactor } from '../../src/verification/totp.ts'
import { createFactorRig, type FactorRig } from './factor-rig.ts'
import { address, day, hour, minute, second } from './rig.ts'

/** An app that shows the codes of a key, so many ms from now. */
const showsAt = ({ storage }: FactorRig, key: string) => (ms = 0) => totpCode(fromBase32(key) ?? new Uint8Array(), stepAt(storage.clock.now() + ms))

/** Ada with an app that is set up; the code that did it is a while ago. */
async function withApp(rig: FactorRig, id = 'ada') {
  const { key } = await rig.totp.begin(await rig.account(id), 'set-up')
  const shows = showsAt(rig, key)
  const confirmed = await rig.totp.confirm(await rig.account(id), 'set-up', shows())
  if (!confirmed.ok) throw new Error(confirmed.reason)
  rig.advance(10 * minute)
  return { key, shows }
}

test('the SHA-1 vectors of RFC 6238 appendix B', (t) => {
  const key = Buffer.from('12345678901234567890')
  const vectors: [number, string][] = [
    [59, '94287082'], [1111111109, '07081804'], [1111111111, '14050471'], [1234567890, '89005924'], [2000000000, '69279037'], [20000000000, '65353130'],
  ]
  for (const [seconds, code] of vectors) {
    t.is(totpCode(key, stepAt(seconds * second), 8), code)
    t.is(totpCode(key, stepAt(seconds * second)), code.slice(2), 'six digits are the last six')
  }
})

test('the vectors of RFC 4226 appendix D', (t) => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']
  t.deepEqual(codes.map((_, count) => totpCode(Buffer.from('12345678901234567890'), count)), codes)
})

test('an app is set up by its first code, which is spent by it', async (t) => {
  const rig = await createFactorRig(t)
  const { totp, account, storage } = rig
  t.false(await rig.has('totp'))
  const { key, uri } = await totp.begin(await account(), 'one')
  t.is(fromBase32(key)?.length, 20)
  t.is(uri, `otpauth://totp/Example:ada%40example.com?secret=${key}&issuer=Example`)
  t.is((await totp.begin(await account(), 'one')).key, key, 'the same on reload')
  t.not((await totp.begin(await account(), 'two')).key, key, 'another one elsewhere')

  const shows = showsAt(rig, key)
  const announced: string[] = []
  const announce = async (id: string) => void announced.push(`${id}, factors: ${(await storage.factors.listByAccount('ada')).length}`)
  t.deepEqual(await totp.confirm(await account(), 'one', 'wrong', announce), { ok: false, reason: 'wrong' })
  t.deepEqual(await totp.confirm(await account(), 'two', shows(), announce), { ok: false, reason: 'wrong' })
  t.deepEqual(announced, [])
  const code = shows()
  t.deepEqual(await totp.confirm(await account(), 'one', ` ${code.slice(0, 3)} ${code.slice(3)}`, announce), { ok: true, factorId: 'totp:ada' })
  t.deepEqual(announced, ['totp:ada, factors: 0'], 'told before anything is written')
  t.true(await rig.has('totp'))
  t.deepEqual((await account()).factors, { totp: { since: storage.clock.now() } })

  t.deepEqual(await totp.check(rig.input(code)), { ok: false, reason: 'gone' })
  t.deepEqual(await totp.confirm(await account(), 'one', shows(30 * second)), { ok: false, reason: 'gone' }, 'spent')
  t.deepEqual(await totp.confirm(await account(), 'two', shows()), { ok: false, reason: 'gone' }, 'one app at a time')
  rig.advance(30 * second)
  t.deepEqual(await totp.check(rig.input(shows())), { ok: true })
})

test('a key waits for 15 minutes', async (t) => {
  const rig = await createFactorRig(t)
  const { key } = await rig.totp.begin(await rig.account(), 'one')
  rig.advance(15 * minute)
  t.deepEqual(await rig.totp.confirm(await rig.account(), 'one', showsAt(rig, key)()), { ok: false, reason: 'gone' })
  t.not((await rig.totp.begin(await rig.account(), 'one')).key, key)
  t.deepEqual(await rig.storage.factors.listByAccount('ada'), [])
})

test('one step either side, each once, and none after a later one', async (t) => {
  const rig = await createFactorRig(t)
  const { shows } = await withApp(rig)
  const { totp, input } = rig
  for (const ms of [-60 * second, 60 * second]) t.like(await totp.check(input(shows(ms))), { ok: false, reason: 'wrong' })
  const [before, now, after] = [shows(-30 * second), shows(), shows(30 * second)]
  t.deepEqual(await totp.check(input(before)), { ok: true })
  t.deepEqual(await totp.check(input(before)), { ok: false, reason: 'gone' }, 'used')
  t.deepEqual(await totp.check(input(after)), { ok: true })
  t.deepEqual(await totp.check(input(now)), { ok: false, reason: 'gone' }, 'older than one that was used')
  t.deepEqual(await totp.check(input(after)), { ok: false, reason: 'gone' })
  t.like(await totp.check(input('')), { ok: false, reason: 'wrong' })
  t.like(await totp.check(input(`0${shows()}`)), { ok: false, reason: 'wrong' })
})

test('of 20 uses of a code at the same time one gets in', async (t) => {
  const rig = await createFactorRig(t)
  const { shows } = await withApp(rig)
  const code = shows()
  // from browsers of its own each, so that the budget of one is not what stops the others
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => rig.totp.check(rig.input(code, { cid: `cid ${i}`, recognisedDevice: `device ${i}` }))))
  t.is(results.filter(({ ok }) => ok).length, 1)
})

test('the key is kept sealed, and opens for its own account only', async (t) => {
  const rig = await createFactorRig(t, ['ada', 'eve'])
  const { key, shows } = await withApp(rig)
  const bytes = Buffer.from(fromBase32(key) ?? [])
  const [factor] = await rig.storage.factors.listByAccount('ada')
  for (const text of [key, bytes.toString('base64url'), bytes.toString('hex')]) t.false(JSON.stringify(factor).includes(text))
  // Who can write to the store puts Ada's key under Eve's name.
  await rig.storage.factors.insert({ ...factor!, id: 'totp:eve', accountId: 'eve' })
  await rig.storage.accounts.update('eve', (account) => ({ ...account, factors: { totp: { since: 1 } } }))
  await t.throwsAsync(rig.totp.check(rig.input(shows(), { id: 'eve' })), { message: /altered/ })
})

test('a waiting key is kept sealed too', async (t) => {
  const rig = await createFactorRig(t)
  const { key } = await rig.totp.begin(await rig.account(), 'one')
  const kept = await rig.storage.ephemeral.get<string>('totp:ada:one')
  t.is(typeof kept, 'string')
  t.false(kept?.includes(Buffer.from(fromBase32(key) ?? []).toString('base64url')))
})

test('nobody gets in without an account, a factor that it lists, or where only passkeys do', async (t) => {
  const rig = await createFactorRig(t, ['ada', 'bob', 'eve'])
  const { shows } = await withApp(rig)
  const wrong = { ok: false, reason: 'wrong', triesLeft: 9 } as const
  t.deepEqual(await rig.totp.check(rig.input(shows(), { id: 'nobody' })), wrong)
  t.deepEqual(await rig.totp.check(rig.input(shows(), { id: 'bob' })), wrong)
  const device = { recognisedDevice: 'one of her own' }
  await rig.storage.accounts.update('ada', (account) => ({ ...account, passkeysOnlySince: 1 }))
  t.false(await rig.has('totp'))
  t.deepEqual(await rig.totp.check(rig.input(shows(), device)), wrong)
  await rig.storage.accounts.update('ada', ({ passkeysOnlySince: _, factors: __, ...account }) => account)
  t.like(await rig.totp.check(rig.input(shows(), device)), { ok: false, reason: 'wrong' }, 'not listed')
})

test('the account behind a proof or session is charged and asked, not what was typed', async (t) => {
  const rig = await createFactorRig(t, ['ada', 'bob'])
  const { shows } = await withApp(rig, 'bob')
  t.deepEqual(await rig.totp.check(rig.input(shows(), { account: await rig.account('bob') })), { ok: true })
})

test('wrong guesses are charged as those of every other method, right ones are not', async (t) => {
  const rig = await createFactorRig(t)
  const { shows } = await withApp(rig)
  const { totp, input } = rig
  for (let i = 0; i < 12; i++) {
    t.deepEqual(await totp.check(input(shows())), { ok: true })
    rig.advance(30 * second)
  }
  for (let left = 9; left >= 0; left--) t.deepEqual(await totp.check(input('wrong', { cid: `cid ${left}` })), { ok: false, reason: 'wrong', triesLeft: left })
  t.like(await totp.check(input(shows())), { ok: false, reason: 'budget', retryAfter: 3600 })
  t.false((await rig.budgets.guess({ recipient: address('ada@example.com'), accountId: 'ada' })).ok, 'no code of another method either')
  t.deepEqual(await totp.check(input(shows(), { recognisedDevice: 'her own' })), { ok: true }, 'her own device has numbers of its own')
})

test('after a day of guesses one step is enough for strangers, for a week', async (t) => {
  const rig = await createFactorRig(t)
  const { shows } = await withApp(rig)
  const { totp, input } = rig
  for (let guess = 0; guess < 20; guess++) {
    if (guess === 10) rig.advance(hour)
    await totp.check(input('wrong'))
  }
  rig.advance(day)
  t.deepEqual(await totp.check(input(shows(30 * second), { recognisedDevice: 'her own' })), { ok: true })
  rig.advance(minute)
  t.like(await totp.check(input(shows(30 * second))), { ok: false })
  t.like(await totp.check(input(shows(-30 * second))), { ok: false })
  t.deepEqual(await totp.check(input(shows())), { ok: true })
  rig.advance(7 * day)
  t.deepEqual(await totp.check(input(shows(30 * second))), { ok: true })
})

test('a factor that was replaced in the same moment takes no code of the old key', async (t) => {
  const rig = await createFactorRig(t)
  const { shows } = await withApp(rig)
  const other = totpFactor(rig.keyring, { accountId: 'ada', key: Buffer.alloc(20, 7), createdAt: 1 })
  const { update } = rig.storage.factors
  rig.storage.factors.update = async (id, fn) => (await update(id, () => other), update(id, fn))
  t.deepEqual(await rig.totp.check(rig.input(shows())), { ok: false, reason: 'gone' })
})

test('an account that is frozen while an app is set up gets none', async (t) => {
  const rig = await createFactorRig(t)
  const { key } = await rig.totp.begin(await rig.account(), 'one')
  const freeze = async () => void (await rig.storage.accounts.update('ada', (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } })))
  await t.throwsAsync(rig.totp.confirm(await rig.account(), 'one', showsAt(rig, key)(), freeze), { code: 'step_done' })
  t.is((await rig.account()).factors, undefined)
  t.deepEqual(await rig.storage.factors.listByAccount('ada'), [])
})

test('after a crash before the account lists it, setting up goes on', async (t) => {
  const rig = await createFactorRig(t)
  const { key } = await rig.totp.begin(await rig.account(), 'one')
  const shows = showsAt(rig, key)
  const { update } = rig.storage.accounts
  rig.storage.accounts.update = () => Promise.reject(new Error('died'))
  await t.throwsAsync(rig.totp.confirm(await rig.account(), 'one', shows()), { message: 'died' })
  rig.storage.accounts.update = update
  t.false(await rig.has('totp'))
  t.like(await rig.totp.check(rig.input(shows(30 * second))), { ok: false, reason: 'wrong' })
  t.like(await rig.totp.confirm(await rig.account(), 'one', shows()), { ok: true })
  t.true(await rig.has('totp'))
})

test('what the QR code says is safe with whatever names there are', (t) => {
  const key = 'JBSWY3DPEHPK3PXP'
  t.is(keyUri({ key, issuer: 'Müller & Söhne: Shop', label: 'ada+x@example.com' }), `otpauth://totp/M%C3%BCller%20%26%20S%C3%B6hne%20%20Shop:ada%2Bx%40example.com?secret=${key}&issuer=M%C3%BCller%20%26%20S%C3%B6hne%20%20Shop`)
  t.is(keyUri({ key, issuer: 'Shop', label: '' }), `otpauth://totp/Shop?secret=${key}&issuer=Shop`)
})
