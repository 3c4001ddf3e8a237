import { createHmac } from 'node:crypto'
import type { Clock } from '../storage/types.ts'
import { isPhoneNumber } from './address.ts'
import type { OutgoingText, SendOutcome, TextTransport } from './types.ts'

export interface SmsWebhook {
  url: string
  /** signs each call; `whsec_…` is read as base64, as Standard Webhooks has it */
  secret: string
  /** for the receiver: what to send it by */
  channel: 'sms' | 'whatsapp'
  /** settles within its own time limit, follows no redirect */
  call(url: string, options: RequestInit): Promise<Response>
  clock: Clock
}

/** Answers that say the operator's set-up is wrong, or that it is busy: the text waits for that to pass. */
const notAboutTheText = new Set([401, 402, 403, 404, 405, 407, 408, 421, 425, 429])

/**
 * Hands text messages to a receiver of the operator's, signed as Standard Webhooks 1.0.0 says (`webhook-id`,
 * `webhook-timestamp`, `webhook-signature`): the id is the message's, so that a receiver can drop a repeat, the time is
 * that of the call, so that it can refuse an old one. docs/sms.md has the receiver's side.
 */
export function createSmsTransport({ url, secret, channel, call, clock }: SmsWebhook): TextTransport {
  function signed({ id, to, text, at }: OutgoingText): RequestInit {
    const body = JSON.stringify({ id, to, text, channel, at })
    const timestamp = Math.floor(clock.now() / 1000)
    return {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': webhookSignature(secret, `${id}.${timestamp}.${body}`),
      },
      body,
    }
  }

  async function send(message: OutgoingText): Promise<SendOutcome> {
    if (!isPhoneNumber(message.to)) return { delivered: false, permanent: true, detail: 'not a phone number' }
    try {
      const response = await call(url, signed(message))
      // its words are not ours to keep, and may quote the text
      await response.body?.cancel().catch(() => {})
      return outcomeOf(response.status)
    } catch (error) {
      return { delivered: false, permanent: false, detail: describe(error) }
    }
  }

  return { send, close() {} }
}

/** `content`: id, seconds since 1970 and body, with a full stop between each (Standard Webhooks, "Signature scheme") */
export function webhookSignature(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { delivered: true }
  const permanent = status >= 400 && status < 500 && !notAboutTheText.has(status)
  return { delivered: false, permanent, detail: `HTTP ${status}` }
}

/** No message of the error itself: it may name the address, and that may hold a key. */
function describe(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } }
  if (cause?.message?.includes('special-use')) return 'private address'
  if (cause?.message?.includes('redirect')) return 'redirect'
  return cause?.code ?? name ?? 'unknown'
}
