import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createOutbox } from '../../src/delivery/outbox.ts'
import { createSmtpTransport } from '../../src/delivery/smtp.ts'
import type { MailTransport, OutgoingMail, OutgoingText, SendOutcome, TextTransport } from '../../src/delivery/types.ts'
import { AppError } from '../../src/errors.ts'
import type { OutboxMail } from '../../src/storage/types.ts'
import { eventually } from '../helpers/eventually.ts'
import { openTestStore } from '../verification/store.ts'
import { startMailServer } from './mail-server.ts'

const minute = 60_000
const mail = { to: 'alice@example.com', subject: '419037 is your code', text: 'plain 419037', html: '<p>419037</p>', life: 10 * minute }
const text = { to: '+447911123456', text: '007007 is your code', life: 10 * minute }

/** A log that keeps what it was told, to look for what it must not be told. */
function createLog() {
  const lines: string[] = []
  const line = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, info: line, warn: line, error: line }
}

async function open(t: ExecutionContext, transport?: MailTransport, interval = 20, sms?: TextTransport) {
  const store = await openTestStore(t)
  const log = createLog()
  const stored: OutboxMail[] = []
  const outcomes: string[] = []
  const rows = {
    ...store.storage.outbox,
    put: (row: OutboxMail) => (stored.push(row), store.storage.outbox.put(row)),
  }
  const outbox = createOutbox({
    outbox: rows, ephemeral: store.storage.ephemeral, keyring: store.keyring, clock: store.storage.clock, log, interval, observe: (_channel, outcome) => outcomes.push(outcome), transports: { ...(transport && { mail: transport }), ...(sms && { sms }) },
  })
  t.teardown(() => outbox.stop())
  const state = async (index = 0) => (await store.storage.outbox.get(stored[index]!.id))!
  /** the mail once it has that state */
  const until = (wanted: OutboxMail['state'], index = 0) =>
    eventually(`a mail that is ${wanted}`, async () => {
      const row = await state(index)
      return row.state === wanted ? row : undefined
    })
  return { ...store, outbox, log, stored, outcomes, state, until }
}

function transportOf(...outcomes: SendOutcome[]) {
  const sent: OutgoingMail[] = []
  const transport: MailTransport = {
    async send(outgoing) {
      sent.push(outgoing)
      return outcomes[sent.length - 1] ?? { delivered: true }
    },
    close() {},
  }
  return { transport, sent }
}

const temporary: SendOutcome = { delivered: false, permanent: false, detail: '450' }
const permanent: SendOutcome = { delivered: false, permanent: true, detail: '550' }

async function dump(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('keys'))
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n')
}

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
