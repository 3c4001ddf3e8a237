/** Messages that nobody sends, or nobody may see, and channels that have nothing to do with each other. */
import test from 'ava'
import { createOutbox } from '../../src/delivery/outbox.ts'
import type { OutgoingText, SendOutcome, TextTransport } from '../../src/delivery/types.ts'
import { dump, mail, minute, open, temporary, text, transportOf } from './outbox-rig.ts'

test('without a transport mails are kept, are listed newest first, and are gone when they expire', async (t) => {
  const { outbox, storage, advance, state } = await open(t)
  outbox.start()
  await outbox.enqueue(mail)
  advance(1_000)
  await outbox.enqueue({ ...mail, to: 'bob@example.com', life: minute })
  const { life: _, ...shown } = mail
  const now = storage.clock.now()
  t.deepEqual(await outbox.listForDevelopment(), [
    { channel: 'mail', ...shown, to: 'bob@example.com', at: now },
    { channel: 'mail', ...shown, at: now - 1_000 },
  ])
  t.is((await state()).state, 'kept')
  advance(minute)
  t.is((await outbox.listForDevelopment()).length, 1)
  advance(10 * minute)
  t.deepEqual(await outbox.listForDevelopment(), [])
  t.like(await state(), { state: 'expired', sealed: undefined })
  t.is(await outbox.depth(), 0)
})

test('a suppressed mail goes all the way but out', async (t) => {
  const { transport, sent } = transportOf()
  const { outbox, until, stored } = await open(t, transport)
  await outbox.enqueue({ ...mail, suppressed: true })
  await outbox.enqueue({ ...mail, suppressed: false })
  t.true(Math.abs(stored[0]!.sealed!.length - stored[1]!.sealed!.length) <= 2)
  outbox.start()
  t.is((await until('delivered')).sealed, undefined)
  await until('delivered', 1)
  t.is(sent.length, 1)
})

test('nobody is shown a suppressed message, and what a transport is there for', async (t) => {
  const { outbox, state } = await open(t)
  await outbox.enqueue({ ...mail, suppressed: true })
  await outbox.enqueueText({ ...text, suppressed: true })
  t.is((await state()).state, 'kept')
  t.deepEqual(await outbox.listForDevelopment(), [])

  const withMail = await open(t, transportOf(temporary).transport)
  await withMail.outbox.enqueue(mail)
  await withMail.outbox.enqueueText(text)
  t.deepEqual((await withMail.outbox.listForDevelopment()).map(({ channel }) => channel), ['sms'])
})

test('what was put in before its channel had a transport is never sent, and still shown', async (t) => {
  const { outbox, storage, keyring, log, until, state, stored } = await open(t)
  outbox.start()
  await outbox.enqueue(mail)
  await outbox.enqueueText(text)
  t.is(await outbox.depth(), 0, 'nothing is to be delivered')
  await outbox.stop()

  const mails = transportOf()
  const texts: OutgoingText[] = []
  const sms: TextTransport = { send: async (outgoing) => (texts.push(outgoing), { delivered: true }), close() {} }
  const later = createOutbox({ outbox: { ...storage.outbox, put: (row) => (stored.push(row), storage.outbox.put(row)) }, ephemeral: storage.ephemeral, keyring, clock: storage.clock, log, interval: 5, transports: { mail: mails.transport, sms } })
  t.teardown(() => later.stop())
  later.start()
  await later.enqueue({ ...mail, to: 'bob@example.com' })
  await later.enqueueText({ ...text, to: '+447911123457' })
  await until('delivered', 2)
  await until('delivered', 3)
  t.deepEqual([...mails.sent, ...texts].map(({ to }) => to), ['bob@example.com', '+447911123457'])
  t.deepEqual([(await state(0)).state, (await state(1)).state], ['kept', 'kept'])
  t.deepEqual((await later.listForDevelopment()).map(({ to }) => to).toSorted(), [text.to, mail.to])
})

test('text messages are kept beside mails', async (t) => {
  const { outbox, storage, folder, advance } = await open(t)
  await outbox.enqueueText(text)
  advance(1_000)
  await outbox.enqueue(mail)
  const now = storage.clock.now()
  t.deepEqual(await outbox.listForDevelopment(), [
    { channel: 'mail', to: mail.to, subject: mail.subject, text: mail.text, html: mail.html, at: now },
    { channel: 'sms', to: text.to, text: text.text, at: now - 1_000 },
  ])
  t.false(/447911123456|007007/.test(await dump(folder)))
})

test('what is to be delivered is counted, each channel by itself', async (t) => {
  const { transport } = transportOf()
  const { outbox } = await open(t, transport, 20, { send: async () => ({ delivered: true }), close() {} })
  await outbox.enqueueText(text)
  await outbox.enqueue(mail)
  await outbox.enqueue(mail)
  t.deepEqual([await outbox.depth(), await outbox.depth('mail'), await outbox.depth('sms')], [3, 2, 1])
})

test('a receiver of texts that hangs holds up no mail, and the other way round', async (t) => {
  const hanging = Promise.withResolvers<SendOutcome>()
  const sent: OutgoingText[] = []
  const mails = transportOf()
  const { outbox, until, outcomes, state } = await open(t, mails.transport, 20, {
    send: (outgoing) => (sent.push(outgoing), hanging.promise),
    close() {},
  })
  outbox.start()
  for (let index = 0; index < 8; index += 1) await outbox.enqueueText(text)
  await outbox.enqueue(mail)
  await until('delivered', 8)
  t.is(mails.sent.length, 1)
  t.is((await state()).state, 'sending')
  hanging.resolve({ delivered: true })
  for (let index = 0; index < 8; index += 1) await until('delivered', index)
  t.is(outcomes.filter((outcome) => outcome === 'delivered').length, 9)
  t.like(sent[0], { to: text.to, text: text.text })
  t.is((await state()).sealed, undefined)
})
