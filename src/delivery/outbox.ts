import { AppError } from '../errors.ts'
import type { Keyring } from '../secrets/keyring.ts'
import { randomId } from '../secrets/keyring.ts'
import type { Clock, Ephemeral, Outbox as OutboxStore, OutboxMail } from '../storage/types.ts'
import { isSingleAddress } from './address.ts'
import type { DeliveryLog, MailTransport } from './types.ts'

export interface QueuedMail {
  to: string
  subject: string
  text: string
  html: string
  accountId?: string
  /** ms after which it is worth nothing and erased */
  life: number
  /** goes every step of the way but the last: costs what a mail costs, and nobody gets it */
  suppressed?: boolean
  /** key that is claimed in the ephemeral store for `life` (ms) when the mail is refused for good: the address is not reached */
  ifRefused?: { mark: string; life: number }
}

export interface ListedMail extends Pick<QueuedMail, 'to' | 'subject' | 'text' | 'html'> {
  /** ms since 1970 */
  at: number
}

export interface Outbox {
  /** resolves once the mail is stored for good; `AppError('internal')` when `to` is not one plain address */
  enqueue(mail: QueuedMail): Promise<void>
  start(): void
  /** lets the mails under way finish */
  stop(): Promise<void>
  /** the mails that are still there, newest first, readable: for the page that stands in for a mailbox */
  listForDevelopment(): Promise<ListedMail[]>
  /** mails not yet delivered */
  depth(): Promise<number>
}

export interface OutboxDeps {
  outbox: OutboxStore
  ephemeral: Pick<Ephemeral, 'claim'>
  keyring: Pick<Keyring, 'seal' | 'open'>
  clock: Clock
  /** absent: mails wait, can be listed, and are erased when they expire */
  transport?: MailTransport
  log: DeliveryLog
  /** what became of each attempt to hand a mail to the mail server */
  observe?: (outcome: 'delivered' | 'retry' | 'failed') => void
  /** how often to look for what other processes left behind, and for what has expired, in ms */
  interval?: number
}

type Letter = Pick<QueuedMail, 'to' | 'subject' | 'text' | 'html' | 'ifRefused'> & { suppressed: boolean }

const second = 1_000
const sealPurpose = 'outbox mail'
/** Longer than any transport's time limit. A crash between sending and marking repeats the mail once this has run out. */
const claim = 120 * second
const atOnce = 5
const listed = 100
const firstRetry = 5 * second
const longestRetry = 900 * second

/**
 * The outgoing mail: stored sealed, sent off the request path, at least once. A sender claims a mail for a while, so that
 * every process can run one. Address and bodies are erased when the mail is delivered or refused for good; the store
 * erases what has expired.
 */
export function createOutbox({ outbox, ephemeral, keyring, clock, transport, log, observe = () => {}, interval = 5 * second }: OutboxDeps): Outbox {
  const underWay = new Set<Promise<void>>()
  let pump: Promise<void> | undefined
  let stopping = false
  let wake = () => {}

  async function enqueue({ to, subject, text, html, accountId, life, suppressed = false, ifRefused }: QueuedMail): Promise<void> {
    if (!isSingleAddress(to)) throw new AppError('internal', 'a mail may go to one plain address only')
    const letter: Letter = { to, subject, text, html, suppressed, ...(ifRefused && { ifRefused }) }
    const at = clock.now()
    await outbox.put({
      id: randomId(),
      at,
      ...(accountId !== undefined && { accountId }),
      sealed: keyring.seal(sealPurpose, JSON.stringify(letter)),
      state: 'waiting',
      attempts: 0,
      nextAttemptAt: at,
      expiresAt: at + life,
    })
    wake()
  }

  async function run(transport: MailTransport): Promise<void> {
    while (!stopping) {
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const claimed = await claimDue(atOnce - underWay.size)
      for (const mail of claimed) track(deliver(mail, transport))
      if (claimed.length === 0) await orInterval(woken)
    }
    await Promise.all(underWay)
  }

  async function claimDue(limit: number): Promise<OutboxMail[]> {
    const now = clock.now()
    try {
      return limit === 0 ? [] : await outbox.claimDue(now, now + claim, limit)
    } catch (error) {
      log.warn({ err: error }, 'the outbox cannot be read')
      return []
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error({ err: error }, 'a mail could not be handled; it is tried again'))
      .finally(() => {
        underWay.delete(tracked)
        wake()
      })
    underWay.add(tracked)
  }

  async function deliver(mail: OutboxMail, transport: MailTransport): Promise<void> {
    if (mail.sealed === undefined) return settle(mail, erased('expired'))
    const { suppressed, ifRefused, ...letter } = open(mail.sealed)
    if (suppressed) return settle(mail, erased('delivered'))

    const outcome = await transport.send({ id: mail.id, ...letter })
    observe(outcome.delivered ? 'delivered' : outcome.permanent ? 'failed' : 'retry')
    if (outcome.delivered) return settle(mail, erased('delivered'))
    const { permanent, detail } = outcome
    const attempts = mail.attempts + 1
    log.warn({ mail: mail.id, attempts, permanent, detail }, 'a mail was not taken')
    if (permanent && ifRefused) await ephemeral.claim(ifRefused.mark, clock.now() + ifRefused.life)
    if (permanent) return settle(mail, erased('failed'))
    const nextAttemptAt = clock.now() + backoff(attempts)
    return settle(mail, (current) => ({ ...current, state: 'waiting', attempts, nextAttemptAt }))
  }

  /** Writes only while the claim is ours: after it ran out, another sender may be at work. */
  async function settle(claimed: OutboxMail, next: (mail: OutboxMail) => OutboxMail): Promise<void> {
    await outbox.update(claimed.id, (current) =>
      current.state === 'sending' && current.nextAttemptAt === claimed.nextAttemptAt ? next(current) : undefined,
    )
  }

  async function orInterval(woken: Promise<void>): Promise<void> {
    const timer = setTimeout(wake, interval).unref()
    await woken
    clearTimeout(timer)
  }

  const open = (sealed: string) => JSON.parse(keyring.open(sealPurpose, sealed)) as Letter

  async function listForDevelopment(): Promise<ListedMail[]> {
    const mails = await outbox.list(listed)
    return mails.flatMap(({ at, sealed }) => {
      if (sealed === undefined) return []
      const { suppressed, ifRefused: _, ...letter } = open(sealed)
      return suppressed ? [] : [{ ...letter, at }]
    })
  }

  return {
    enqueue,
    start() {
      stopping = false
      if (transport) pump ??= run(transport)
    },
    async stop() {
      stopping = true
      wake()
      await pump
      pump = undefined
      transport?.close()
    },
    listForDevelopment,
    depth: () => outbox.depth(),
  }
}

const erased =
  (state: OutboxMail['state']) =>
  ({ sealed: _, ...mail }: OutboxMail): OutboxMail => ({ ...mail, state })

/** Longer each time, and never the same for all, so that a mail server that comes back is not overrun. */
function backoff(attempts: number): number {
  const wait = Math.min(firstRetry * 3 ** (attempts - 1), longestRetry)
  return Math.round(wait * (0.8 + Math.random() * 0.4))
}
