import nodemailer from 'nodemailer'
import { isSingleAddress } from './address.ts'
import type { MailTransport, OutgoingMail, SendOutcome } from './types.ts'

const second = 1_000
const limits = { connectionTimeout: 10 * second, greetingTimeout: 10 * second, socketTimeout: 20 * second, dnsTimeout: 10 * second }
/** for a whole mail: a server that drips a byte now and then keeps every single limit */
const wholeMail = 60 * second
const connections = 5

/** A mail server by its URL (`smtp://user:pass@host:587`, `smtps://…`). `from` may carry a display name. */
export function createSmtpTransport(smtpUrl: string, from: string, { timeLimit = wholeMail } = {}): MailTransport {
  const smtp = nodemailer.createTransport({ url: smtpUrl, pool: true, maxConnections: connections, ...limits })
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost'

  async function send({ id, to, subject, text, html }: OutgoingMail): Promise<SendOutcome> {
    if (!isSingleAddress(to)) return { delivered: false, permanent: true, detail: 'not a single address' }
    try {
      const sending = smtp.sendMail({
        messageId: `<${id}@${domain}>`,
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        // RFC 3834: keeps holiday notes and bounces of them away
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      await within(timeLimit, sending)
      return { delivered: true }
    } catch (error) {
      return { delivered: false, ...describe(error) }
    }
  }

  return { send, close: () => smtp.close() }
}

/**
 * A 5yz reply to the recipient or the message is final (RFC 5321, section 4.2.1). One to our log-in or greeting is the
 * operator's to put right, and the mail waits for that.
 */
function describe(error: unknown): { permanent: boolean; detail: string } {
  const { responseCode, command, code } = error as { responseCode?: number; command?: string; code?: string }
  const aboutMail = command !== undefined && /^(RCPT TO|DATA)$/.test(command)
  return {
    permanent: aboutMail && responseCode !== undefined && responseCode >= 500,
    detail: [code, command, responseCode].filter((part) => part !== undefined).join(' ') || 'unknown',
  }
}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), limit)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
