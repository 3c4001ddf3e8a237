/** A mail as it goes out. `id` stays the same over retries, so that mail systems can drop a repeat. */
export interface OutgoingMail {
  id: string
  to: string
  subject: string
  text: string
  html: string
}

/** `permanent`: the same mail will never be taken. `detail` is for the log: no address, no server's own words. */
export type SendOutcome = { delivered: true } | { delivered: false; permanent: boolean; detail: string }

export interface MailTransport {
  /** settles within its own time limit and never rejects */
  send(mail: OutgoingMail): Promise<SendOutcome>
  close(): void
}

export interface DeliveryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
