import type { Keyring } from '../secrets/keyring.ts'
import type { Account, Storage } from '../storage/types.ts'

/** A normalised address, and the key under which all its `+tag`s share their budgets. */
export interface Recipient {
  value: string
  throttleKey: string
}

export type EmailCodePurpose = 'sign_in' | 'sign_up'

export interface CodeMailProps {
  /**
   * `no_account`: an invitation; `account_exists`: a sign-up with an address that has an account; `passkeys_only`: the
   * account takes no codes, so there is none in it
   */
  variant: 'code' | 'no_account' | 'account_exists' | 'passkeys_only'
  code: string
  /** what the person is going on to */
  app: string
  /** ms */
  life: number
  /** "Chrome on Windows" */
  asker: string
  /** ms since 1970 */
  at: number
  locale: string
}

export interface Mail {
  subject: string
  text: string
  html: string
}

export type CodeMails = (props: CodeMailProps) => Mail

export interface EmailCodesDeps extends Pick<Storage, 'ephemeral' | 'clock'> {
  keyring: Pick<Keyring, 'hmac'>
  accounts: { findByEmail(value: string): Promise<Account | undefined> }
  outbox: { enqueue(mail: Mail & { to: string; life: number; suppressed?: boolean; ifRefused?: { mark: string; life: number } }): Promise<void> }
  mails: CodeMails
  config: { verification: { code: { digits: number; life: number } } }
}

export interface SendInput {
  cid: string
  email: Recipient
  purpose: EmailCodePurpose
  app: string
  locale: string
  asker: string
  /** hash of the device, only when it is recognised for the account of this address */
  recognisedDevice?: string
}

export interface CheckInput extends Pick<SendInput, 'cid' | 'email' | 'purpose' | 'recognisedDevice'> {
  /** as typed: blanks and dashes do not matter */
  code: string
}

/** What the page says about the code. Times in ms since 1970. */
export type CodeStatus = {
  sentAt: number
  resendAt: number
  /** may have passed: the record outlives the code while a resend has to wait */
  expiresAt: number
  digits: number
}

/** `retryAfter` in seconds */
export type SendResult =
  | ({ ok: true; resent: boolean } & CodeStatus)
  | { ok: false; reason: 'too_early' | 'send_limit'; retryAfter: number }

/** `gone`: expired, spent, out of tries, replaced, or never sent in this login to this address */
export type CheckResult =
  | { ok: true }
  | { ok: false; reason: 'wrong'; triesLeft: number }
  | { ok: false; reason: 'gone' }
  | { ok: false; reason: 'budget'; retryAfter: number }

export interface EmailCodes {
  /**
   * Makes a code, remembers its HMAC for this login, address and purpose, and hands the mail to the outbox. The work and
   * the answer are the same whether the address has an account or not. `too_early`: the code sent before still works.
   */
  send(input: SendInput): Promise<SendResult>
  /** Spends one try of the code and of the budget, in atomic steps. Exactly one of parallel right answers gets `ok`. */
  check(input: CheckInput): Promise<CheckResult>
  /** what was last sent in this login for this purpose; undefined when nothing is remembered */
  status(input: Pick<SendInput, 'cid' | 'purpose'>): Promise<CodeStatus | undefined>
  /** a mail to this address was refused for good in the last day. The same for known and unknown addresses */
  isUnreachable(email: Recipient): Promise<boolean>
}
