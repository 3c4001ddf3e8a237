import test, { type ExecutionContext } from 'ava'
import type { OtherMethod } from '../../src/policy/types.ts'
import type { SendInput } from '../../src/verification/index.ts'
import { address, createRig, day, minute, second, wrong } from './rig.ts'
import { openTestStore } from './store.ts'
import { account, createWorld, named } from './world.ts'

const maya = named('email', 'maya@example.com')
const here = { cid: 'cid', deviceHash: 'laptop' }
const asked = { cid: 'cid', purpose: 'sign_in' as const }
const asking: SendInput = {
  ...asked, typed: maya, app: 'Shop', locale: 'en', asker: 'Chrome on Windows', place: 'Leeds', interaction: { uid: 'uid', clientId: 'shop', deviceHash: 'laptop' },
}

function open(methods: OtherMethod[] = ['email_otp', 'email_link', 'sms_otp'], accounts = [account('maya', [{ ...maya, verifiedAt: 1 }, { kind: 'username', value: 'maya' }])]) {
  const world = createWorld(accounts, { methods })
  const mail = world.methods.email_otp
  const send = (input: Partial<SendInput> = {}) => mail.send!({ ...asking, ...input })
  const check = (code: string, input: Partial<SendInput> = {}) => mail.check({ ...asked, typed: maya, ...input, code })
  /** asks, and gives what arrived */
  const receive = async (input: Partial<SendInput> = {}) => {
    const before = world.arrived.length
    const answer = await send(input)
    if (!answer.ok || world.arrived.length === before) throw new Error(`nothing arrived: ${JSON.stringify(answer)}`)
    const { code = '', ticket = '' } = world.arrived[0]!
    return { code, ticket }
  }
  return { ...world, send, check, receive }
}

test('a look tells who asked, where and when, and changes nothing, however often', async (t) => {
  const { receive, links, clock } = open()
  const { ticket } = await receive()
  const askedAt = clock.now()
  for (let look = 0; look < 20; look++) {
    t.deepEqual(await links.look(ticket), {
      uid: 'uid', clientId: 'shop', ...asked, email: maya.value, app: 'Shop', asker: 'Chrome on Windows', place: 'Leeds', deviceHash: 'laptop',
      askedAt, expiresAt: askedAt + 10 * minute, state: 'open',
    })
  }
  t.is(await links.state(asked), 'waiting')
  t.deepEqual(await links.press(ticket, here), { ok: true, identifier: 'email:maya@example.com' })
  t.like(await links.look(ticket), { state: 'used' })
  t.is(await links.state(asked), 'used')
})

test('a link works once, and ends the code in the same mail; the code ends the link', async (t) => {
  const { receive, links, check } = open()
  const first = await receive()
  t.true((await links.press(first.ticket, here)).ok)
  t.deepEqual(await links.press(first.ticket, here), { ok: false, reason: 'gone' })
  t.deepEqual(await check(first.code), { ok: false, reason: 'gone' })

  const second = await receive({ cid: 'other' })
  t.true((await check(second.code, { cid: 'other' })).ok)
  t.deepEqual(await links.press(second.ticket, { cid: 'other', deviceHash: 'laptop' }), { ok: false, reason: 'gone' })
  t.like(await links.look(second.ticket), { state: 'used' })
  t.is(await links.reveal(second.ticket), undefined)
  t.false(await links.refuse(second.ticket))
})

test('only the browser and the request that asked can press it, and a press elsewhere costs it nothing', async (t) => {
  const { receive, links } = open()
  const { ticket } = await receive()
  t.deepEqual(await links.press(ticket, { cid: 'cid', deviceHash: 'phone' }), { ok: false, reason: 'gone' })
  t.deepEqual(await links.press(ticket, { cid: 'another', deviceHash: 'laptop' }), { ok: false, reason: 'gone' })
  t.true((await links.press(ticket, here)).ok)
})

test('what is no ticket finds nothing', async (t) => {
  const { receive, links } = open()
  const { ticket, code } = await receive()
  for (const other of ['', code, `${ticket}x`, ticket.toLowerCase(), '__proto__']) {
    t.is(await links.look(other), undefined)
    t.is(await links.reveal(other), undefined)
    t.false(await links.refuse(other))
    t.deepEqual(await links.press(other, here), { ok: false, reason: 'gone' })
  }
  t.is(await links.state({ cid: 'nothing was sent here', purpose: 'sign_in' }), 'gone')
  t.is(await links.state({ cid: 'cid', purpose: 'sign_up' }), 'gone')
})

test('a link ends with its life, also when a code was shown for it at the last moment', async (t) => {
  const { receive, links, check, advance } = open()
  const { ticket } = await receive()
  advance(10 * minute - 1)
  const shown = await links.reveal(ticket)
  advance(1)
  t.is(await links.look(ticket), undefined)
  t.deepEqual(await links.press(ticket, here), { ok: false, reason: 'gone' })
  t.is(await links.reveal(ticket), undefined)
  t.true(typeof shown === 'object' && (await check(shown.code)).ok, 'the shown code has its own five minutes')
})

test('another mail for the same login ends the link before it', async (t) => {
  const { receive, links, advance } = open()
  const first = await receive()
  advance(30 * second)
  const next = await receive()
  t.is(await links.look(first.ticket), undefined)
  t.deepEqual(await links.press(first.ticket, here), { ok: false, reason: 'gone' })
  t.true((await links.press(next.ticket, here)).ok)
})

test('a code that is shown elsewhere replaces the one in the mail, has five tries and five minutes, and works where it was asked for', async (t) => {
  const { receive, links, check, clock, advance } = open()
  const { ticket, code } = await receive()
  for (let guess = 0; guess < 3; guess++) await check(wrong(code))
  const shown = await links.reveal(ticket)
  if (typeof shown !== 'object') return t.fail()
  t.is(shown.expiresAt, clock.now() + 5 * minute)
  if (shown.code !== code) t.deepEqual(await check(code), { ok: false, reason: 'wrong', triesLeft: 4 })
  t.deepEqual(await check(shown.code, { cid: 'another' }), { ok: false, reason: 'gone' })
  t.deepEqual(await check(shown.code), { ok: true, identifier: 'email:maya@example.com' })

  const next = await receive({ cid: 'next' })
  const late = await links.reveal(next.ticket)
  advance(5 * minute)
  t.like(await check(typeof late === 'object' ? late.code : '', { cid: 'next' }), { ok: false, reason: 'wrong' }, 'the page still counts to ten minutes')
  t.deepEqual(await links.press(next.ticket, { cid: 'next', deviceHash: 'laptop' }), { ok: true, identifier: 'email:maya@example.com' })
})

test('a shown code costs what a sent one costs: three in a quarter of an hour, and the next mail waits', async (t) => {
  const { receive, send, links, advance } = open()
  const { ticket } = await receive()
  t.is(typeof (await links.reveal(ticket)), 'object')
  t.deepEqual(await send(), { ok: false, reason: 'too_early', retryAfter: 60 })
  t.is(typeof (await links.reveal(ticket)), 'object')
  t.is(await links.reveal(ticket), 'budget')
  t.deepEqual(await send({ cid: 'elsewhere' }), { ok: false, reason: 'send_limit', retryAfter: 900 })
  advance(15 * minute)
  t.like(await send(), { ok: true })
})

test('"I did not ask for this" ends the link and the code, and whoever asked waits as long as before', async (t) => {
  const { receive, send, links, check } = open()
  const { ticket, code } = await receive()
  t.true(await links.refuse(ticket))
  t.false(await links.refuse(ticket))
  t.is(await links.look(ticket), undefined)
  t.is(await links.state(asked), 'gone')
  t.deepEqual(await links.press(ticket, here), { ok: false, reason: 'gone' })
  t.deepEqual(await check(code), { ok: false, reason: 'gone' })
  t.is(await links.reveal(ticket), undefined)
  t.like(await send(), { ok: false, reason: 'too_early' })

  const other = await receive({ cid: 'other' })
  const shown = await links.reveal(other.ticket)
  t.true(await links.refuse(other.ticket), 'after a code was shown, that one ends too')
  t.deepEqual(await check(typeof shown === 'object' ? shown.code : '', { cid: 'other' }), { ok: false, reason: 'gone' })
})

test('a mail carries what the server has, the app takes and the page can go on with', async (t) => {
  const carries = async (methods: OtherMethod[], input: Partial<SendInput> = {}) => {
    const { arrived, methods: ways, send } = open(methods)
    const answer = await send(input)
    t.like(await ways.email_link.status!(asked), { link: answer.ok ? answer.link : false })
    const { code, ticket } = arrived[0]!
    return [code !== undefined && 'code', ticket !== undefined && 'link'].filter(Boolean).join(' and ')
  }
  const { interaction: _, ...noPage } = asking
  t.is(await carries(['email_otp', 'email_link']), 'code and link')
  t.is(await carries(['email_otp']), 'code')
  t.is(await carries(['email_otp'], { methods: ['email_otp', 'email_link'] }), 'code')
  t.is(await carries(['email_link']), 'link')
  t.is(await carries(['email_otp', 'email_link'], { methods: ['email_otp', 'passkey'] }), 'code')
  t.is(await carries(['email_otp', 'email_link'], { methods: ['email_link'] }), 'link')
  const world = open()
  await world.methods.email_otp.send!(noPage)
  t.is(world.arrived[0]!.ticket, undefined, 'on the pages of an account there is nowhere to go on')
})

test('a mail with a link alone has no code that could be typed until one is shown', async (t) => {
  const { receive, links, check } = open(['email_link'])
  const { ticket, code } = await receive()
  t.is(code, '')
  t.like(await check('wrong!'), { ok: false, reason: 'wrong' })
  const shown = await links.reveal(ticket)
  t.true(typeof shown === 'object' && (await check(shown.code)).ok)
})

test('one press sends one mail, whichever of the two ways is pressed', async (t) => {
  const { send, arrived, methods } = open()
  t.true((await send()).ok)
  t.like(await methods.email_link.send!(asking), { ok: false, reason: 'too_early' })
  t.is(arrived.length, 1)
})

test('a link goes to the address that the account has proven, when something else was typed', async (t) => {
  const { receive, links, arrived } = open()
  const { ticket } = await receive({ typed: named('username', 'maya') })
  t.is(arrived[0]!.to, maya.value)
  t.deepEqual(await links.press(ticket, here), { ok: true, identifier: 'email:maya@example.com' })
})

test('an invitation keeps its link as long as nothing else is mailed', async (t) => {
  const { receive, send, links, arrived, advance } = open(undefined, [])
  const { ticket } = await receive()
  t.is(arrived[0]!.variant, 'no_account')
  advance(minute)
  t.like(await send(), { ok: true, resent: true, link: true })
  t.is(arrived.length, 1)
  t.like(await links.look(ticket), { state: 'open' })
  advance(9 * minute)
  t.is(await links.look(ticket), undefined, 'and no longer than it would')

  advance(day)
  const next = await receive({ cid: 'the day after' })
  t.deepEqual(await links.press(next.ticket, { cid: 'the day after', deviceHash: 'laptop' }), { ok: true, identifier: 'email:maya@example.com' })
})

test('a link that went out works no longer once the account takes none', async (t) => {
  const { receive, links, accounts } = open()
  const { ticket } = await receive()
  await accounts.update('maya', (current) => ({ ...current, passkeysOnlySince: 1 }))
  t.deepEqual(await links.press(ticket, here), { ok: false, reason: 'gone' })
  t.is(await links.reveal(ticket), undefined)
})

/** Over the embedded store, where calls run side by side. */
async function openStored(t: ExecutionContext) {
  const { storage, keyring } = await openTestStore(t)
  const rig = createRig(storage, keyring, [maya.value], [], ['email_otp', 'email_link'])
  await rig.send({ email: address(maya.value), interaction: { uid: 'uid', clientId: 'shop', deviceHash: 'laptop' } })
  const { code, link = '' } = rig.mailbox[0]!
  const { links } = rig.verification
  return { storage, ...rig, links, code, ticket: link.replace('https://login.example.com/link/', '') }
}
const twenty = <T>(act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, (_, index) => act(index)))

test('of 20 browsers that press one link at once, one is let in', async (t) => {
  const { links, ticket } = await openStored(t)
  const results = await twenty(() => links.press(ticket, here))
  t.is(results.filter(({ ok }) => ok).length, 1)
})

test('of 20 that press the link or type its code at once, one is let in', async (t) => {
  const { links, ticket, code, check } = await openStored(t)
  const results = await twenty((index) => (index % 2 === 0 ? links.press(ticket, here) : check(code, { email: address(maya.value) })))
  t.is(results.filter(({ ok }) => ok).length, 1)
})

test('of 20 that ask for the code of one link at once, as many as the budget has get one, and the last one shown works', async (t) => {
  const { links, ticket, code, check } = await openStored(t)
  const shown = (await twenty(() => links.reveal(ticket))).flatMap((one) => (typeof one === 'object' ? [one.code] : []))
  t.is(shown.length, 2, 'the mail was the first of three')
  const results = await Promise.all([code, ...shown].map((one) => check(one, { email: address(maya.value) })))
  t.is(results.filter(({ ok }) => ok).length, 1)
})

test('a press and a refusal at once: whoever is first', async (t) => {
  const { links, ticket } = await openStored(t)
  const results = await twenty(async (index) => (index % 2 === 0 ? (await links.press(ticket, here)).ok : links.refuse(ticket)))
  t.is(results.filter(Boolean).length, 1)
})

test('the store holds no ticket and no code', async (t) => {
  const { storage } = await openTestStore(t)
  const written: string[] = []
  const ephemeral: typeof storage.ephemeral = {
    ...storage.ephemeral,
    set: (key, value, expiresAt) => (written.push(key, JSON.stringify(value)), storage.ephemeral.set(key, value, expiresAt)),
    update: (key, fn) =>
      storage.ephemeral.update(key, (current) => {
        const step = fn(current as never)
        written.push(key, JSON.stringify(step.next))
        return step
      }),
  }
  const { keyring } = await openTestStore(t)
  const rig = createRig({ ephemeral, clock: storage.clock }, keyring, [maya.value], [], ['email_otp', 'email_link'])
  await rig.send({ interaction: { uid: 'uid', clientId: 'shop', deviceHash: 'laptop' } })
  const { code, link = '' } = rig.mailbox[0]!
  const ticket = link.replace('https://login.example.com/link/', '')
  t.regex(ticket, /^[\w-]{43}$/, '32 random bytes')
  const shown = await rig.verification.links.reveal(ticket)
  const dump = written.join('\n')
  t.true(dump.includes('link:'))
  for (const secret of [ticket, `"${code}"`, typeof shown === 'object' ? `"${shown.code}"` : '-']) t.false(dump.includes(secret))
})
