/** An outbox over the embedded store, and transports that answer as they are told. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createOutbox } from '../../src/delivery/outbox.ts'
import type { MailTransport, OutgoingMail, SendOutcome, TextTransport } from '../../src/delivery/types.ts'
import type { OutboxMail } from '../../src/storage/types.ts'
import { eventually } from '../helpers/eventually.ts'
import { openTestStore } from '../verification/store.ts'

export const minute = 60_000
export const mail = { to: 'alice@example.com', subject: '419037 is your code', text: 'plain 419037', html: '<p>419037</p>', life: 10 * minute }
export const text = { to: '+447911123456', text: '007007 is your code', life: 10 * minute }

/** A log that keeps what it was told, to look for what it must not be told. */
export function createLog() {
  const lines: string[] = []
  const line = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  return { lines, info: line, warn: line, error: line }
}

export async function open(t: ExecutionContext, transport?: MailTransport, interval = 20, sms?: TextTransport) {
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

export function transportOf(...outcomes: SendOutcome[]) {
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

export const temporary: SendOutcome = { delivered: false, permanent: false, detail: '450' }
export const permanent: SendOutcome = { delivered: false, permanent: true, detail: '550' }

export async function dump(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('keys'))
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n')
}
