import type { Method, OtherMethod } from '../policy/types.ts'
import type { Account, IdentifierKind } from '../storage/types.ts'

/** An identifier in its normalised form, and the key under which all ways to write it share their budgets. */
export interface Recipient {
  kind: IdentifierKind
  value: string
  throttleKey: string
}

/** What a code is good for, and nothing else: signing in, the proof of a sign-up, or the proof of an identifier of somebody who is signed in. */
export type Purpose = 'sign_in' | 'sign_up' | 'confirm'

/** Where a check or a sending belongs. */
export interface Attempt {
  /** the authorization request it is for (`cid`), or `account:<session uid>` on the account's pages */
  cid: string
  purpose: Purpose
  /** what was typed as "who"; its account, if any, is who the guess is charged to */
  typed: Recipient
  /** the account behind it, where it is known already: by a proof, or by a live session */
  account?: Account | undefined
  /** hash of the device, only when it is recognised for that account */
  recognisedDevice?: string
}

export interface SendInput extends Attempt {
  /** what the person is going on to */
  app: string
  locale: string
  /** "Chrome on Windows" */
  asker: string
  /** "Leeds", where a trusted proxy says it */
  place?: string
  /** links only: where the press goes on, for which app, and the browser that asked; without it there is no link */
  interaction?: { uid: string; clientId: string; deviceHash: string }
  /** what counts for this app; default: all that the server has. One mail carries every way by mail that is among them. */
  methods?: readonly Method[]
}

export interface CheckInput extends Attempt {
  /** as typed: blanks and dashes do not matter */
  code: string
}

/** What the page says about a code that was sent. Times in ms since 1970. */
export type CodeStatus = {
  sentAt: number
  resendAt: number
  /** may have passed: the record outlives the code while a resend has to wait */
  expiresAt: number
  digits: number
  /** the mail carries a link, a code, or both */
  link?: boolean
}

/** `retryAfter` in seconds */
export type SendResult =
  | ({ ok: true; resent: boolean } & CodeStatus)
  | { ok: false; reason: 'too_early' | 'send_limit'; retryAfter: number }

/**
 * `gone`: expired, spent, out of tries, replaced, or never sent in this login. `identifier`: what was proven by it
 * (`email:a@b.c`), absent for what the person has. `left`: recovery codes that remain.
 */
export type CheckResult =
  | { ok: true; identifier?: string; left?: number }
  | { ok: false; reason: 'wrong'; triesLeft: number }
  | { ok: false; reason: 'gone' }
  | { ok: false; reason: 'budget'; retryAfter: number }

/** One way to prove control. Adding one is a file here, a screen, a mail where something is sent, and a line in each of the two registries. */
export interface VerificationMethod {
  readonly name: OtherMethod
  /** the kind of identifier it is sent to; absent: it comes from something the person has */
  readonly sendsTo?: 'email' | 'phone'
  /**
   * Only with `sendsTo`. The work and the answer are the same whether there is an account or not. Sent to `typed` when
   * that is of the right kind, else to the account's primary proven identifier of that kind, if it has one.
   */
  send?(input: SendInput): Promise<SendResult>
  /** Spends one try and the budgets in atomic steps; exactly one of parallel right answers gets `ok`. */
  check(input: CheckInput): Promise<CheckResult>
  /** what was last sent in this login for this purpose; undefined when nothing is remembered */
  status?(input: Pick<Attempt, 'cid' | 'purpose'>): Promise<CodeStatus | undefined>
}
