import test, { type ExecutionContext } from 'ava'
import { createMemory } from './memory.ts'
import { address, createRig, day, hour, minute, second, wrong } from './rig.ts'
import { openTestStore } from './store.ts'
import { createWorld } from './world.ts'

const alice = 'alice@example.com'

async function open(t: ExecutionContext, known: string[] = [alice]) {
  const { storage, keyring, advance, folder } = await openTestStore(t)
  return { storage, folder, advance, keyring, ...createRig(storage, keyring, known) }
}

test('a code that was sent signs in once', async (t) => {
  const { send, check, mailbox, status: statusOf, storage } = await open(t)
  const sentAt = storage.clock.now()
  const status = { sentAt, resendAt: sentAt + 30 * second, expiresAt: sentAt + 10 * minute, digits: 6 }
  t.deepEqual(await send(), { ok: true, resent: false, ...status })
  t.deepEqual(await statusOf(), status)
  t.like(mailbox[0], { variant: 'code', to: alice, app: 'Shop', asker: 'Chrome on Windows', at: sentAt })

  const { code } = mailbox[0]!
  t.like(await check(` ${code.slice(0, 3)}-${code.slice(3)} `), { ok: true })
  t.deepEqual(await check(code), { ok: false, reason: 'gone' })
  t.is(await statusOf(), undefined)
})

test('five wrong tries end a code, and the sixth is not looked at even when it is right', async (t) => {
  const { send, check, mailbox } = await open(t)
  await send()
  const { code } = mailbox[0]!
  for (const triesLeft of [4, 3, 2, 1, 0]) t.deepEqual(await check(wrong(code)), { ok: false, reason: 'wrong', triesLeft })
  t.deepEqual(await check(code), { ok: false, reason: 'gone' })
})

test('a resend replaces the code and gives five tries', async (t) => {
  const { send, check, mailbox, advance } = await open(t)
  await send()
  const old = mailbox[0]!.code
  await check(wrong(old))
  advance(30 * second)
  t.like(await send(), { ok: true, resent: true })
  const { code } = mailbox[0]!
  if (old !== code) t.deepEqual(await check(old), { ok: false, reason: 'wrong', triesLeft: 4 })
  t.like(await check(code), { ok: true })
})

test('a code is good in its own login, for its own purpose and address only', async (t) => {
  const { send, check, mailbox } = await open(t)
  await send()
  const { code } = mailbox[0]!
  await send({ cid: 'other', email: address('bob@example.com') })
  t.deepEqual(await check(code, { cid: 'other' }), { ok: false, reason: 'gone' })
  t.deepEqual(await check(code, { purpose: 'sign_up' }), { ok: false, reason: 'gone' })
  t.deepEqual(await check(code, { email: address('bob@example.com') }), { ok: false, reason: 'gone' })
  t.deepEqual(await check(code, { email: address('alice+tag@example.com') }), { ok: false, reason: 'gone' })
  t.like(await check(code), { ok: true }, 'and none of that cost it a try')
})

test('a code ends with its life', async (t) => {
  const { send, check, mailbox, advance } = await open(t)
  await send()
  advance(10 * minute - 1)
  t.like(await check(wrong(mailbox[0]!.code)), { reason: 'wrong' })
  advance(1)
  t.deepEqual(await check(mailbox[0]!.code), { ok: false, reason: 'gone' })
})

test('of 20 parallel right answers one wins', async (t) => {
  const { send, check, mailbox } = await open(t)
  await send()
  const results = await Promise.all(Array.from({ length: 20 }, () => check(mailbox[0]!.code)))
  t.is(results.filter(({ ok }) => ok).length, 1)
})

test('of 20 parallel wrong answers exactly five are looked at', async (t) => {
  const { send, check, mailbox } = await open(t)
  await send()
  const results = await Promise.all(Array.from({ length: 20 }, () => check(wrong(mailbox[0]!.code))))
  const left = results.flatMap((result) => ('triesLeft' in result ? [result.triesLeft] : []))
  t.deepEqual(left.sort(), [0, 1, 2, 3, 4])
})

test('a second press within the wait sends nothing and leaves the code valid; two at once send one mail', async (t) => {
  const { send, check, mailbox, advance } = await open(t)
  await send()
  advance(29 * second)
  t.deepEqual(await send(), { ok: false, reason: 'too_early', retryAfter: 1 })
  t.like(await check(mailbox[0]!.code), { ok: true })

  const results = await Promise.all([send({ cid: 'b' }), send({ cid: 'b' })])
  t.is(results.filter(({ ok }) => ok).length, 1)
  t.is(mailbox.length, 2)
  t.like(await send({ cid: 'c' }), { ok: true }, 'the press that sent nothing cost nothing')
})

test('waits are 30 s, 60 s, then until 15 min after the first', async (t) => {
  const { send, advance, storage } = await open(t)
  const start = storage.clock.now()
  t.like(await send(), { ok: true, resendAt: start + 30 * second })
  advance(30 * second)
  t.like(await send(), { ok: true, resendAt: start + 90 * second })
  advance(60 * second)
  t.like(await send(), { ok: true, resendAt: start + 15 * minute })
  advance(13 * minute)
  t.deepEqual(await send(), { ok: false, reason: 'too_early', retryAfter: 30 })
  advance(30 * second)
  t.like(await send(), { ok: true })
})

test('three codes in 15 min and ten a day: in new logins, for every purpose and +tag', async (t) => {
  const { send, advance, mailbox } = await open(t)
  let logins = 0
  const fresh = (input = {}) => send({ cid: `login ${(logins += 1)}`, ...input })
  t.like(await fresh(), { ok: true })
  t.like(await fresh({ purpose: 'sign_up' }), { ok: true })
  t.like(await fresh({ purpose: 'sign_up', email: address('alice+shop@example.com') }), { ok: true })
  t.deepEqual(await fresh(), { ok: false, reason: 'send_limit', retryAfter: 900 })
  t.like(await fresh({ email: address('bob@example.com') }), { ok: true })
  for (let sent = 3; sent < 10; sent += 1) {
    advance(15 * minute)
    t.like(await fresh(), { ok: true })
  }
  advance(15 * minute)
  t.deepEqual(await fresh(), { ok: false, reason: 'send_limit', retryAfter: (day - 8 * 15 * minute) / second })
  t.is(mailbox.filter(({ to }) => to.startsWith('alice')).length, 10)
})

test('ten wrong guesses an hour over all logins, then none is looked at, right ones neither', async (t) => {
  const { send, check, mailbox, advance } = await open(t)
  for (const cid of ['a', 'b', 'c']) await send({ cid })
  const [c, b, a] = mailbox.map(({ code }) => code)
  for (let guess = 0; guess < 5; guess += 1) {
    t.like(await check(wrong(a), { cid: 'a' }), { reason: 'wrong' })
    t.like(await check(wrong(b), { cid: 'b' }), { reason: 'wrong' })
  }
  t.deepEqual(await check(c!, { cid: 'c' }), { ok: false, reason: 'budget', retryAfter: 3_600 })
  advance(hour)
  await send({ cid: 'd' })
  t.like(await check(mailbox[0]!.code, { cid: 'd' }), { ok: true })
})

test('a right answer is no guess: it gives back what it took', async (t) => {
  const { send, check, mailbox } = await open(t)
  for (const cid of ['a', 'b', 'c']) await send({ cid })
  const [c, b, a] = mailbox.map(({ code }) => code)
  for (let guess = 0; guess < 5; guess += 1) await check(wrong(a), { cid: 'a' })
  for (let guess = 0; guess < 4; guess += 1) await check(wrong(b), { cid: 'b' })
  t.like(await check(b!, { cid: 'b' }), { ok: true })
  t.like(await check(wrong(c), { cid: 'c' }), { reason: 'wrong' }, 'the tenth guess of the hour')
  t.like(await check(wrong(c), { cid: 'c' }), { reason: 'budget' })
})

/** Spends every guess of a day: 10 now and 10 in an hour. */
async function spendDay({ send, check, mailbox, advance }: Pick<Awaited<ReturnType<typeof open>>, 'send' | 'check' | 'mailbox' | 'advance'>, email = address(alice)) {
  for (let round = 0; round < 2; round += 1) {
    for (const cid of [`${round} a`, `${round} b`]) {
      await send({ cid, email })
      const miss = wrong(mailbox[0]?.code)
      for (let guess = 0; guess < 5; guess += 1) await check(miss, { cid, email })
    }
    advance(hour)
  }
}

test('after a spent day there is no guess until tomorrow, and codes have 8 digits for 7 days', async (t) => {
  const rig = await open(t)
  const { send, check, mailbox, advance } = rig
  await spendDay(rig)
  t.like(await send({ cid: 'next' }), { ok: true, digits: 8 })
  t.regex(mailbox[0]!.code, /^\d{8}$/)
  t.like(await check(mailbox[0]!.code, { cid: 'next' }), { reason: 'budget' })

  advance(6 * day)
  t.like(await send({ cid: 'days later' }), { ok: true, digits: 8 })
  t.like(await check(mailbox[0]!.code, { cid: 'days later' }), { ok: true })
  advance(day)
  t.like(await send({ cid: 'a week later' }), { ok: true, digits: 6 })
})

test('strangers cannot spend what a recognised browser has of its own', async (t) => {
  const rig = await open(t)
  const { send, check, mailbox } = rig
  await spendDay(rig)
  for (const cid of ['x', 'y', 'z']) await send({ cid })
  t.like(await send({ cid: 'stranger' }), { reason: 'send_limit' })

  const own = { cid: 'owner', recognisedDevice: 'device' }
  t.like(await send(own), { ok: true, digits: 6 })
  t.like(await check(mailbox[0]!.code, own), { ok: true })
})

test('a recognised browser has the same numbers, not more', async (t) => {
  const { send, check } = await open(t)
  const recognisedDevice = 'device'
  for (const cid of ['a', 'b', 'c']) t.like(await send({ cid, recognisedDevice }), { ok: true })
  t.like(await send({ cid: 'd', recognisedDevice }), { reason: 'send_limit' })
  for (const cid of ['a', 'b']) for (let guess = 0; guess < 5; guess += 1) await check('x', { cid, recognisedDevice })
  t.like(await check('x', { cid: 'c', recognisedDevice }), { reason: 'budget' })
})

test('each variant of the mail goes to whom it is for', async (t) => {
  const { send, mailbox } = await open(t)
  const stranger = address('new@example.com')
  await send({ cid: '1' })
  await send({ cid: '2', purpose: 'sign_up' })
  await send({ cid: '3', email: stranger })
  await send({ cid: '4', email: stranger, purpose: 'sign_up' })
  t.deepEqual(mailbox.map(({ variant }) => variant).reverse(), ['code', 'account_exists', 'no_account', 'code'])
})

test('an address without an account is invited once a day; asking again says the same and leaves the code valid', async (t) => {
  const { send, check, mailbox, handedOver, advance } = await open(t, [])
  await send()
  const { code } = mailbox[0]!
  advance(30 * second)
  t.like(await send(), { ok: true, resent: true })
  t.like(await send({ cid: 'other', email: address('alice+tag@example.com') }), { ok: true })
  t.is(mailbox.length, 1)
  t.is(handedOver.length, 3, 'the outbox does its work all the same')
  t.like(await check(code), { ok: true })

  advance(day - 31 * second)
  await send({ cid: 'the day after, nearly' })
  t.is(mailbox.length, 1)
  advance(second)
  await send({ cid: 'the day after' })
  t.is(mailbox.length, 2)
})

test('of two presses at once the quicker one may be the one that is not invited: the next press is', async (t) => {
  const memory = createMemory()
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let claimed = 0
  const claim: typeof memory.ephemeral.claim = async (key, expiresAt) => {
    const isFirst = (claimed += 1) === 1
    const won = await memory.ephemeral.claim(key, expiresAt)
    if (isFirst) await held
    return won
  }
  const { send, mailbox } = createRig({ ...memory, ephemeral: { ...memory.ephemeral, claim } }, { hmac: (...parts) => JSON.stringify(parts) })
  const slow = send()
  t.like(await send(), { ok: true })
  release()
  t.like(await slow, { ok: false, reason: 'too_early' })
  t.is(mailbox.length, 0)
  memory.advance(minute)
  t.like(await send(), { ok: true, resent: true })
  t.is(mailbox.length, 1)
  memory.advance(15 * minute)
  await send()
  t.is(mailbox.length, 1)
})

test('asking again gives an invitation neither a sixth try nor a longer life', async (t) => {
  const { send, check, mailbox, advance } = await open(t, [])
  await send()
  const { code } = mailbox[0]!
  for (let guess = 0; guess < 5; guess += 1) await check(wrong(code))
  advance(30 * second)
  await send()
  t.deepEqual(await check(code), { ok: false, reason: 'wrong', triesLeft: 4 })

  const bob = address('bob@example.com')
  await send({ cid: 'b', email: bob })
  const other = mailbox[0]!.code
  advance(9 * minute)
  await send({ cid: 'b', email: bob })
  advance(minute)
  t.deepEqual(await check(other, { cid: 'b', email: bob }), { ok: false, reason: 'wrong', triesLeft: 4 })
})

test('the store holds no code and no address', async (t) => {
  const { storage, keyring } = await openTestStore(t)
  const written: string[] = []
  const spied: typeof storage.ephemeral = {
    ...storage.ephemeral,
    claim: (key, expiresAt) => (written.push(key), storage.ephemeral.claim(key, expiresAt)),
    update: (key, fn) =>
      storage.ephemeral.update(key, (current) => {
        const step = fn(current as never)
        written.push(key, JSON.stringify(step.next))
        return step
      }),
  }
  const { send, mailbox } = createRig({ ephemeral: spied, clock: storage.clock }, keyring, [alice])
  await send()
  const dump = written.join('\n')
  t.true(dump.includes('code:email:sign_in:cid'))
  t.false(dump.includes(`"${mailbox[0]!.code}"`))
  t.notRegex(dump, /alice|example/)
})

test('codes of letters are as long as those of digits, and longer after a spent day', async (t) => {
  const { methods, arrived, advance } = createWorld([], { code: { digits: 7, alphabet: 'letters', life: 10 * minute } })
  const attempt = { cid: 'cid', purpose: 'sign_up', typed: address(alice) } as const
  const about = { app: 'Shop', locale: 'en', asker: 'Chrome on Windows' }
  t.like(await methods.email_otp.send!({ ...attempt, ...about }), { ok: true, digits: 7 })
  const { code } = arrived[0]!
  t.regex(code!, /^[3-9A-Y]{7}$/)
  t.like(await methods.email_otp.check({ ...attempt, code: ` ${code!.toLowerCase().slice(0, 3)} ${code!.slice(3)}` }), { ok: true })

  for (const cid of ['a', 'b']) for (let guess = 0; guess < 10; guess++) {
    if (guess % 5 === 0) await methods.email_otp.send!({ ...attempt, ...about, cid: `${cid} ${guess}` })
    await methods.email_otp.check({ ...attempt, cid: `${cid} ${guess - (guess % 5)}`, code: 'AAAAAAA' })
    if (guess === 9) advance(hour)
  }
  t.like(await methods.email_otp.send!({ ...attempt, ...about, cid: 'next' }), { ok: true, digits: 8 })
})
