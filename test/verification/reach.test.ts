/** Who gets which message: what was typed, who has it, and what for. */
import test from 'ava'
import type { Purpose, SendInput } from '../../src/verification/index.ts'
import { day, minute } from './rig.ts'
import { account, createWorld, named } from './world.ts'

const email = named('email', 'maya@example.com')
const reserved = named('email', 'theirs@example.com')
const phone = named('phone', '+447911123456')
const newPhone = named('phone', '+447911999999')
const username = named('username', 'maya')
const strict = named('email', 'sam@example.com')
const strictReserved = named('email', 'sams.typo@example.com')
const strictPhone = named('phone', '+447911000000')

const maya = account('maya', [username, { ...email, verifiedAt: 1 }, { ...phone, verifiedAt: 1 }, reserved])
const sam = account('sam', [{ ...strict, verifiedAt: 1 }, { ...strictPhone, verifiedAt: 1 }, strictReserved], { passkeysOnlySince: 1 })
const lone = account('lone', [named('username', 'lone'), named('email', 'lone@example.com')])
const off = account('off', [{ kind: 'email', value: 'off@example.com', verifiedAt: 1 }], { disabledAt: 1 })

function open() {
  const world = createWorld([maya, sam, lone, off])
  let logins = 0
  /** in a login of its own; what arrived by it: variant and address */
  const send = async (method: 'email_otp' | 'sms_otp', typed: SendInput['typed'], purpose: Purpose = 'sign_in', more: Partial<SendInput> = {}) => {
    const [cid, before] = [`login ${(logins += 1)}`, world.arrived.length]
    const answer = await world.methods[method].send!({ cid, purpose, typed, app: 'Shop', locale: 'en', asker: 'Chrome on Windows', ...more })
    if (!answer.ok) throw new Error(answer.reason)
    const mail = world.arrived.length > before ? world.arrived[0] : undefined
    const enter = (code = mail?.code ?? 'nothing came') => world.methods[method].check({ cid, purpose, typed, code, ...(more.account && { account: more.account }) })
    return { got: mail && [mail.variant, mail.to].filter(Boolean).join(' to '), enter }
  }
  return { ...world, send }
}

test('whoever signs in gets a code where they can read it', async (t) => {
  const { send, advance } = open()
  for (const typed of [email, phone, username]) {
    const mail = await send('email_otp', typed)
    t.is(mail.got, 'code to maya@example.com', typed.kind)
    t.deepEqual(await mail.enter(), { ok: true, identifier: 'email:maya@example.com' })
    advance(15 * minute)
    const text = await send('sms_otp', typed)
    t.is(text.got, '+447911123456', typed.kind)
    t.deepEqual(await text.enter(), { ok: true, identifier: 'phone:+447911123456' })
    advance(15 * minute)
  }
})

test('an unknown phone number or username gets nothing, and nothing is right', async (t) => {
  const { send, handed } = open()
  for (const [method, typed] of [['sms_otp', newPhone], ['email_otp', newPhone], ['email_otp', named('username', 'nobody')], ['sms_otp', named('email', 'new@example.com')]] as const) {
    const { got, enter } = await send(method, typed)
    t.is(got, undefined)
    t.like(await enter(), { ok: false, reason: 'wrong' })
  }
  t.true(handed.every(({ suppressed }) => suppressed))
  t.is(handed.length, 4, 'the outbox does its work all the same')
})

test('a disabled account gets an ordinary code', async (t) => {
  const { send } = open()
  t.is((await send('email_otp', named('email', 'off@example.com'))).got, 'code to off@example.com')
})

test('an address that nobody has confirmed: its owner gets a code as often as others do, and no word of an account', async (t) => {
  const { send, advance } = open()
  for (let day = 0; day < 3; day++) {
    const { got, enter } = await send('email_otp', reserved)
    t.is(got, 'unproven to theirs@example.com')
    t.deepEqual(await enter(), { ok: true, identifier: 'email:theirs@example.com' })
    advance(15 * minute)
  }
  t.is((await send('email_otp', reserved, 'sign_up')).got, 'code to theirs@example.com', 'a sign-up is not told that it has an account')
})

test('an address that was only given is where nothing else is sent', async (t) => {
  const { send } = open()
  t.is((await send('email_otp', named('username', 'lone'))).got, undefined)
  t.is((await send('email_otp', named('email', 'lone@example.com'))).got, 'unproven to lone@example.com')
})

test('who takes no codes hears so once a day, by mail alone; an address that it only reserved is not protected by that', async (t) => {
  const { send, advance } = open()
  const first = await send('email_otp', strict)
  t.is(first.got, 'passkeys_only to sam@example.com')
  t.like(await first.enter(), { ok: false, reason: 'wrong' })
  t.is((await send('email_otp', strict, 'sign_up')).got, undefined)
  t.is((await send('sms_otp', strictPhone)).got, undefined)
  advance(15 * minute)
  t.is((await send('sms_otp', strictPhone, 'sign_up')).got, undefined)
  t.is((await send('email_otp', strictPhone)).got, undefined, 'the same mailbox, typed another way')
  const reservation = await send('email_otp', strictReserved)
  t.is(reservation.got, 'unproven to sams.typo@example.com')
  t.deepEqual(await reservation.enter(), { ok: true, identifier: 'email:sams.typo@example.com' })
  advance(day)
  t.is((await send('email_otp', strict)).got, 'passkeys_only to sam@example.com')
})

test('a sign-up proves what was typed: new numbers get a text, and who has an account hears of it', async (t) => {
  const { send } = open()
  const text = await send('sms_otp', newPhone, 'sign_up')
  t.is(text.got, newPhone.value)
  t.deepEqual(await text.enter(), { ok: true, identifier: `phone:${newPhone.value}` })
  t.is((await send('sms_otp', phone, 'sign_up')).got, phone.value)
  t.is((await send('email_otp', named('email', 'new@example.com'), 'sign_up')).got, 'code to new@example.com')
  t.is((await send('email_otp', email, 'sign_up')).got, 'account_exists to maya@example.com')
})

test('who is signed in proves any address or number, their own or not, also with passkeys only', async (t) => {
  const { send, advance } = open()
  for (const [method, typed] of [['email_otp', reserved], ['email_otp', named('email', 'new@example.com')], ['email_otp', strict], ['sms_otp', newPhone]] as const) {
    for (const one of [maya, sam]) {
      const { got, enter } = await send(method, typed, 'confirm', { account: one })
      t.is(got, method === 'email_otp' ? `confirm to ${typed.value}` : typed.value)
      t.deepEqual(await enter(), { ok: true, identifier: `${typed.kind}:${typed.value}` })
    }
    advance(15 * minute)
  }
})

test('who is known signs in by what is theirs, whatever is typed', async (t) => {
  const { send } = open()
  t.is((await send('email_otp', strict, 'sign_in', { account: maya })).got, 'code to maya@example.com')
  t.is((await send('email_otp', reserved, 'sign_in', { account: maya })).got, 'unproven to theirs@example.com')
})

test('that a message does not arrive is told where that says nothing about an account', async (t) => {
  const { send, handed } = open()
  await send('email_otp', email)
  await send('sms_otp', phone)
  await send('sms_otp', phone, 'sign_up')
  t.deepEqual(handed.map(({ tellsRefusal }) => tellsRefusal), [true, false, true])
})

test('codes by mail and by text are apart: each works, and each counts for the account', async (t) => {
  const { methods, arrived } = open()
  const attempt = { cid: 'cid', purpose: 'sign_in', typed: username } as const
  const about = { app: 'Shop', locale: 'en', asker: 'Chrome on Windows' }
  t.true((await methods.email_otp.send!({ ...attempt, ...about })).ok)
  t.true((await methods.sms_otp.send!({ ...attempt, ...about })).ok, 'no wait for another way')
  const [text, mail] = arrived
  for (let guess = 0; guess < 5; guess++) t.like(await methods.sms_otp.check({ ...attempt, code: 'wrong' }), { reason: 'wrong' })
  t.deepEqual(await methods.sms_otp.check({ ...attempt, code: text!.code! }), { ok: false, reason: 'gone' })
  for (let guess = 0; guess < 4; guess++) t.like(await methods.email_otp.check({ ...attempt, code: text!.code! }), { reason: 'wrong' })
  t.true((await methods.email_otp.check({ ...attempt, code: mail!.code! })).ok)
  t.like(await methods.totp.check({ ...attempt, code: 'wrong' }), { reason: 'wrong' })
  t.like(await methods.recovery_code.check({ ...attempt, code: 'wrong' }), { reason: 'budget' }, 'ten an hour for all together')
})
