import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Channel, Clock, Ephemeral, Outbox as OutboxStore, OutboxMail } from '../storage/types.ts'
import { isPhoneNumber, isSingleAddress } from './address.ts'
import { createSender, type Sender } from './sender.ts'
import type { DeliveryLog, MailTransport, SendOutcome, TextTransport } from './types.ts'

interface Queued {
  accountId?: string
  /** ms after which it is worth nothing and erased */
  life: number
  /** goes every step of the way but the last: costs what a message costs, and nobody gets it */
  suppressed?: boolean
  /** key that is claimed in the ephemeral store for `life` (ms) when the message is refused for good: the recipient is not reached */
  ifRefused?: { mark: string; life: number }
}

export interface QueuedMail extends Queued {
  to: string
  subject: string
  text: string
  html: string
}

export interface QueuedText extends Queued {
  /** E.164: `+447911123456` */
  to: string
  text: string
}

/** `at`: ms since 1970 */
export type ListedMail = { channel: 'mail'; at: number } & Pick<QueuedMail, 'to' | 'subject' | 'text' | 'html'>
export type ListedText = { channel: 'sms'; at: number } & Pick<QueuedText, 'to' | 'text'>

export interface Outbox {
  /** resolves once the mail is stored for good; `AppError('internal')` when `to` is not one plain address */
  enqueue(mail: QueuedMail): Promise<void>
  /** resolves once the text message is stored for good; `AppError('internal')` when `to` is not one phone number in E.164 */
  enqueueText(text: QueuedText): Promise<void>
  start(): void
  /** lets the messages under way finish */
  stop(): Promise<void>
  /** the messages that had no transport and are still there, newest first, readable: for the page that stands in for a mailbox and a phone */
  listForDevelopment(): Promise<(ListedMail | ListedText)[]>
  /** messages that are still to be delivered, without a channel those of all */
  depth(channel?: Channel): Promise<number>
}

export interface OutboxDeps {
  outbox: OutboxStore
  ephemeral: Pick<Ephemeral, 'claim'>
  keyring: Pick<Keyring, 'seal' | 'open'>
  clock: Clock
  /** what has none when it is put in can be listed, is never sent later, and is erased when it expires */
  transports?: { mail?: MailTransport; sms?: TextTransport }
  log: DeliveryLog
  /** what became of each attempt to hand a message on */
  observe?: (channel: Channel, outcome: 'delivered' | 'retry' | 'failed') => void
  /** how often to look for what other processes left behind, and for what has expired, in ms */
  interval?: number
}

interface Letters {
  mail: Pick<QueuedMail, 'to' | 'subject' | 'text' | 'html'>
  sms: Pick<QueuedText, 'to' | 'text'>
}
type Enclosed<C extends Channel> = { letter: Letters[C]; suppressed: boolean } & Pick<Queued, 'ifRefused'>

const sealPurpose = 'outbox message'
const listed = 100

/**
 * The outgoing mails and text messages: stored sealed, sent off the request path, at least once. A sender claims a
 * message for a while, so that every process can run one. Address and bodies are erased when it is delivered or refused
 * for good; the store erases what has expired.
 */
export function createOutbox({ outbox, ephemeral, keyring, clock, transports = {}, log, observe = () => {}, interval = 5_000 }: OutboxDeps): Outbox {
  const senders: Partial<Record<Channel, Sender>> = {}
  const { mail, sms } = transports
  if (mail) senders.mail = sender('mail', ({ id }, letter) => mail.send({ id, ...letter }))
  if (sms) senders.sms = sender('sms', ({ id, at }, letter) => sms.send({ id, at, ...letter }))

  function sender<C extends Channel>(channel: C, send: (row: OutboxMail, letter: Letters[C]) => Promise<SendOutcome>): Sender {
    return createSender({
      channel, outbox, ephemeral, clock, log, interval,
      observe: (outcome) => observe(channel, outcome),
      open(row, sealed) {
        const { letter, ...rest } = open<C>(sealed)
        return { ...rest, send: () => send(row, letter) }
      },
    })
  }

  const open = <C extends Channel>(sealed: string) => JSON.parse(keyring.open(sealPurpose, sealed)) as Enclosed<C>

  async function put<C extends Channel>(channel: C, letter: Letters[C], { accountId, life, suppressed = false, ifRefused }: Queued): Promise<void> {
    const enclosed: Enclosed<C> = { letter, suppressed, ...(ifRefused && { ifRefused }) }
    const at = clock.now()
    await outbox.put({
      id: randomId(),
      channel,
      at,
      ...(accountId !== undefined && { accountId }),
      sealed: keyring.seal(sealPurpose, JSON.stringify(enclosed)),
      // Whoever used it then was told that nothing leaves the machine.
      state: transports[channel] ? 'waiting' : 'kept',
      attempts: 0,
      nextAttemptAt: at,
      expiresAt: at + life,
    })
    senders[channel]?.wake()
  }

  /** undefined: nobody was to get it */
  function shown<C extends Channel>(channel: C, { at, sealed, state }: OutboxMail) {
    if (sealed === undefined || state !== 'kept') return undefined
    const { suppressed, letter } = open<C>(sealed)
    return suppressed ? undefined : { channel, at, ...letter }
  }

  return {
    async enqueue({ to, subject, text, html, ...queued }) {
      if (!isSingleAddress(to)) throw new AppError('internal', 'a mail may go to one plain address only')
      await put('mail', { to, subject, text, html }, queued)
    },
    async enqueueText({ to, text, ...queued }) {
      if (!isPhoneNumber(to)) throw new AppError('internal', 'a text message may go to one phone number only')
      await put('sms', { to, text }, queued)
    },
    start() {
      for (const sender of Object.values(senders)) sender.start()
    },
    async stop() {
      await Promise.all(Object.values(senders).map((sender) => sender.stop()))
      mail?.close()
      sms?.close()
    },
    async listForDevelopment() {
      const rows = await outbox.list(listed)
      return rows.flatMap((row) => (row.channel === 'sms' ? shown('sms', row) : shown('mail', row)) ?? [])
    },
    depth: (channel) => outbox.depth(channel),
  }
}
