/** A mail as it goes out. `id` stays the same over retries, so that mail systems can drop a repeat. */
export interface OutgoingMail {
  id: string
  to: string
  subject: string
  text: string
  html: string
}

/** A text message as it goes out. `id` stays the same over retries. */
export interface OutgoingText {
  id: string
  /** E.164 */
  to: string
  text: string
  /** when it was asked for, ms since 1970 */
  at: number
}

/** `permanent`: the same message will never be taken. `detail` is for the log: no address, no server's own words. */
export type SendOutcome = { delivered: true } | { delivered: false; permanent: boolean; detail: string }

interface Transport<Message> {
  /** settles within its own time limit and never rejects */
  send(message: Message): Promise<SendOutcome>
  close(): void
}

export type MailTransport = Transport<OutgoingMail>
export type TextTransport = Transport<OutgoingText>

export interface DeliveryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
