/** Messages are sent once, in the end, and leave nothing behind. */
import test from 'ava'
import { createOutbox } from '../../src/delivery/outbox.ts'
import { createSmtpTransport } from '../../src/delivery/smtp.ts'
import type { OutgoingMail, SendOutcome } from '../../src/delivery/types.ts'
import { AppError } from '../../src/errors.ts'
import { eventually } from '../helpers/eventually.ts'
import { openTestStore } from '../verification/store.ts'
import { startMailServer } from './mail-server.ts'
import { createLog, dump, mail, minute, open, permanent, temporary, text, transportOf } from './outbox-rig.ts'

test('what waits is sealed: no address, no code and no text in the data folder', async (t) => {
  const { outbox, folder, stored } = await open(t)
  await outbox.enqueue(mail)
  const files = await dump(folder)
  t.true(files.includes(stored[0]!.id), 'the row is in the dump')
  t.false(/alice|419037|plain/.test(files))
})

test('enqueue wakes the sender, and what was delivered is erased', async (t) => {
  const { transport, sent } = transportOf()
  const { outbox, until } = await open(t, transport, 24 * 60 * minute)
  outbox.start()
  await outbox.enqueue(mail)
  const row = await until('delivered')
  t.is(row.sealed, undefined)
  const { life: _, ...outgoing } = mail
  t.deepEqual(sent, [{ id: row.id, ...outgoing }])
  t.is(await outbox.depth(), 0)
})

test('a mail server that fails for a while gets the mail in the end, once', async (t) => {
  const { url, received, manners } = await startMailServer(t, { recipient: () => 450 })
  const { outbox, until, state, advance, log, outcomes } = await open(t, createSmtpTransport(url, 'login@example.com'))
  outbox.start()
  await outbox.enqueue(mail)
  const refused = await eventually('a first refusal', async () => ((await state()).attempts === 1 ? state() : undefined))
  t.is(refused.state, 'waiting')

  manners.recipient = () => undefined
  advance(10_000)
  await until('delivered')
  t.deepEqual(received.map(({ to }) => to), [['alice@example.com']])
  t.is(log.lines.length, 1)
  t.deepEqual(outcomes, ['retry', 'delivered'])
  t.notRegex(log.lines.join(), /@|419037/)
})

test('a mail that is refused for good is not tried again, and erased', async (t) => {
  const { transport, sent } = transportOf(permanent)
  const { outbox, until, advance, outcomes } = await open(t, transport)
  outbox.start()
  await outbox.enqueue(mail)
  t.is((await until('failed')).sealed, undefined)
  advance(minute)
  await outbox.enqueue(mail)
  await until('delivered', 1)
  t.is(sent.length, 2)
  t.deepEqual(outcomes, ['failed', 'delivered'])
})

test('tries come further and further apart, until the mail is worth nothing and is erased', async (t) => {
  const { transport, sent } = transportOf(...Array<SendOutcome>(50).fill(temporary))
  const { outbox, state, advance, storage } = await open(t, transport)
  outbox.start()
  await outbox.enqueue(mail)
  const waits: number[] = []
  for (let attempt = 1; ; attempt += 1) {
    const row = await eventually(`try ${attempt}`, async () => {
      const current = await state()
      return current.attempts === attempt && current.state === 'waiting' ? current : undefined
    })
    const wait = row.nextAttemptAt - storage.clock.now()
    waits.push(wait)
    if (row.nextAttemptAt >= row.expiresAt) break
    advance(wait)
  }
  t.true(waits.length >= 4 && waits.every((wait, index) => index === 0 || wait > waits[index - 1]!), `${waits}`)
  advance(10 * minute)
  await storage.sweep()
  t.like(await storage.outbox.get((await state()).id), { state: 'expired' })
  t.is((await state()).sealed, undefined)
  t.is(sent.length, waits.length)
  t.is(await outbox.depth(), 0)
})

test('killed between sending and marking, the mail goes out again under the same id once the claim has run out', async (t) => {
  const { transport, sent } = transportOf()
  const { outbox, storage, stored, until, advance } = await open(t, transport)
  await outbox.enqueue(mail)
  const now = storage.clock.now()
  t.is((await storage.outbox.claimDue('mail', now, now + 2 * minute, 1)).length, 1, 'another process claimed it, sent it and died')

  outbox.start()
  advance(2 * minute - 1)
  await outbox.enqueue(mail)
  await until('delivered', 1)
  t.deepEqual(sent.map(({ id }) => id), [stored[1]!.id], 'not while it is claimed')
  advance(1)
  await until('delivered')
  t.deepEqual(sent.map(({ id }) => id), [stored[1]!.id, stored[0]!.id])
})

test('two processes over one store send each mail once', async (t) => {
  const one = transportOf()
  const two = transportOf()
  const { outbox, storage, keyring, until, log } = await open(t, one.transport)
  const second = createOutbox({ outbox: storage.outbox, ephemeral: storage.ephemeral, keyring, clock: storage.clock, log, interval: 5, transports: { mail: two.transport } })
  t.teardown(() => second.stop())
  outbox.start()
  second.start()
  await Promise.all(Array.from({ length: 30 }, () => outbox.enqueue(mail)))
  await Promise.all(Array.from({ length: 30 }, (_, index) => until('delivered', index)))
  t.is(new Set([...one.sent, ...two.sent].map(({ id }) => id)).size, 30)
  t.is(one.sent.length + two.sent.length, 30)
})

test('stop waits for the mail under way', async (t) => {
  const sending = Promise.withResolvers<SendOutcome>()
  const begun = Promise.withResolvers<void>()
  const { outbox, state } = await open(t, { send: () => (begun.resolve(), sending.promise), close() {} })
  outbox.start()
  await outbox.enqueue(mail)
  await begun.promise
  const stopped = outbox.stop()
  sending.resolve({ delivered: true })
  await stopped
  t.is((await state()).state, 'delivered')
})

test('one slow mail does not hold up the others', async (t) => {
  const slow = Promise.withResolvers<SendOutcome>()
  const send = ({ to }: OutgoingMail) => (to.startsWith('slow') ? slow.promise : Promise.resolve<SendOutcome>({ delivered: true }))
  const { outbox, until, state } = await open(t, { send, close() {} })
  outbox.start()
  await outbox.enqueue({ ...mail, to: 'slow@example.com' })
  for (let index = 1; index < 12; index += 1) await outbox.enqueue(mail)
  await until('delivered', 11)
  t.is((await state()).state, 'sending')
  slow.resolve({ delivered: true })
  await until('delivered')
})

for (const to of ['', '447911123456', '+0123456789', '+44 7911 123456', '+447911123456,+447911123457', '+447911123456\r\nx', '+1234567890123456', 'tel:+447911123456', '+44791112345６']) {
  test(`a text to ${JSON.stringify(to)} is refused before anything is stored`, async (t) => {
    const { outbox, stored } = await open(t)
    await t.throwsAsync(outbox.enqueueText({ ...text, to }), { instanceOf: AppError })
    t.deepEqual(stored, [])
  })
}

test('an address that could be more than one is refused before anything is stored', async (t) => {
  const { outbox, stored } = await open(t)
  await t.throwsAsync(outbox.enqueue({ ...mail, to: 'alice@example.com\r\nBcc: eve@evil.example' }), { instanceOf: AppError })
  t.deepEqual(stored, [])
})

test('who asked is left a mark when a mail is refused for good, and only then', async (t) => {
  const { transport } = transportOf(permanent, temporary)
  const { storage, outbox, until, advance } = await open(t, transport, 5)
  const marked = async (mark: string) => (await storage.ephemeral.get(mark)) !== undefined
  const withMark = (mark: string) => ({ ...mail, ifRefused: { mark, life: 60_000 } })
  outbox.start()
  await outbox.enqueue(withMark('refused'))
  await until('failed', 0)
  t.true(await marked('refused'))
  await outbox.enqueue(withMark('later'))
  await eventually('a second try', async () => ((await storage.outbox.depth()) === 1 ? true : undefined))
  await outbox.enqueue(withMark('taken'))
  await until('delivered', 2)
  await outbox.enqueue({ ...withMark('suppressed'), suppressed: true })
  await until('delivered', 3)
  t.deepEqual(await Promise.all(['later', 'taken', 'suppressed'].map(marked)), [false, false, false])
  advance(61_000)
  t.false(await marked('refused'))
})

test('a store that is away for a moment stops nothing', async (t) => {
  const { transport } = transportOf()
  const { storage, keyring } = await openTestStore(t)
  let away = 3
  const outbox = createOutbox({
    outbox: {
      ...storage.outbox,
      claimDue: async (...args) => {
        if (away-- > 0) throw new AppError('store_unavailable')
        return storage.outbox.claimDue(...args)
      },
    },
    ephemeral: storage.ephemeral, keyring, clock: storage.clock, transports: { mail: transport }, log: createLog(), interval: 5,
  })
  t.teardown(() => outbox.stop())
  outbox.start()
  await outbox.enqueue(mail)
  await eventually('delivery', async () => ((await outbox.depth()) === 0 ? true : undefined))
  t.pass()
})
