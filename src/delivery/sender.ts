import type { Channel, Clock, Ephemeral, Outbox as OutboxStore, OutboxMail } from '../storage/types.ts'
import type { DeliveryLog, SendOutcome } from './types.ts'

/** A message that was opened. */
export interface Sendable {
  suppressed: boolean
  ifRefused?: { mark: string; life: number }
  send(): Promise<SendOutcome>
}

export interface Sender {
  /** something may be due */
  wake(): void
  start(): void
  /** lets the messages under way finish */
  stop(): Promise<void>
}

export interface SenderDeps {
  channel: Channel
  outbox: Pick<OutboxStore, 'claimDue' | 'update'>
  ephemeral: Pick<Ephemeral, 'claim'>
  clock: Clock
  /** unseals a message */
  open(message: OutboxMail, sealed: string): Sendable
  log: DeliveryLog
  observe(outcome: 'delivered' | 'retry' | 'failed'): void
  /** ms */
  interval: number
}

const second = 1_000
/** Longer than any transport's time limit. A crash between sending and marking repeats the message once this has run out. */
const claim = 120 * second
const atOnce = 5
const firstRetry = 5 * second
const longestRetry = 900 * second

/**
 * Sends what is due on one channel, a few at once, until it is stopped: each channel has its own, so that one that hangs
 * holds up no other.
 */
export function createSender({ channel, outbox, ephemeral, clock, open, log, observe, interval }: SenderDeps): Sender {
  const underWay = new Set<Promise<void>>()
  let pump: Promise<void> | undefined
  let stopping = false
  let wake = () => {}

  async function run(): Promise<void> {
    while (!stopping) {
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const claimed = await claimDue(atOnce - underWay.size)
      for (const message of claimed) track(deliver(message))
      if (claimed.length === 0) await orInterval(woken)
    }
    await Promise.all(underWay)
  }

  async function claimDue(limit: number): Promise<OutboxMail[]> {
    const now = clock.now()
    try {
      return limit === 0 ? [] : await outbox.claimDue(channel, now, now + claim, limit)
    } catch (error) {
      log.warn({ err: error }, 'the outbox cannot be read')
      return []
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error({ err: error, channel }, 'a message could not be handled; it is tried again'))
      .finally(() => {
        underWay.delete(tracked)
        wake()
      })
    underWay.add(tracked)
  }

  async function deliver(message: OutboxMail): Promise<void> {
    if (message.sealed === undefined) return settle(message, erased('expired'))
    const { suppressed, ifRefused, send } = open(message, message.sealed)
    if (suppressed) return settle(message, erased('delivered'))

    const outcome = await send()
    observe(outcome.delivered ? 'delivered' : outcome.permanent ? 'failed' : 'retry')
    if (outcome.delivered) return settle(message, erased('delivered'))
    const { permanent, detail } = outcome
    const attempts = message.attempts + 1
    log.warn({ message: message.id, channel, attempts, permanent, detail }, 'a message was not taken')
    if (permanent && ifRefused) await ephemeral.claim(ifRefused.mark, clock.now() + ifRefused.life)
    if (permanent) return settle(message, erased('failed'))
    const nextAttemptAt = clock.now() + backoff(attempts)
    return settle(message, (current) => ({ ...current, state: 'waiting', attempts, nextAttemptAt }))
  }

  /** Writes only while the claim is ours: after it ran out, another sender may be at work. */
  async function settle(claimed: OutboxMail, next: (message: OutboxMail) => OutboxMail): Promise<void> {
    await outbox.update(claimed.id, (current) =>
      current.state === 'sending' && current.nextAttemptAt === claimed.nextAttemptAt ? next(current) : undefined,
    )
  }

  async function orInterval(woken: Promise<void>): Promise<void> {
    const timer = setTimeout(wake, interval).unref()
    await woken
    clearTimeout(timer)
  }

  return {
    wake: () => wake(),
    start() {
      stopping = false
      pump ??= run()
    },
    async stop() {
      stopping = true
      wake()
      await pump
      pump = undefined
    },
  }
}

const erased =
  (state: OutboxMail['state']) =>
  ({ sealed: _, ...message }: OutboxMail): OutboxMail => ({ ...message, state })

/** Longer each time, and never the same for all, so that a server that comes back is not overrun. */
function backoff(attempts: number): number {
  const wait = Math.min(firstRetry * 3 ** (attempts - 1), longestRetry)
  return Math.round(wait * (0.8 + Math.random() * 0.4))
}
