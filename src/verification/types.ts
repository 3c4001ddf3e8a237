import type { Keyring } from '../secrets/keyring.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import type { CheckResult, Purpose, Recipient } from './method.ts'
import type { OtherMethod } from '../policy/types.ts'

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

/** What becomes of a message. `life` in ms; `suppressed`: it costs what a message costs, and nobody gets it. */
export interface Handling {
  life: number
  suppressed?: boolean
  /** key that is claimed in the ephemeral store for `life` (ms) when the message is refused for good */
  ifRefused?: { mark: string; life: number }
}

export interface VerificationDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'ephemeral' | 'clock'>
  keyring: Keyring
  accounts: { findByIdentifier(identifier: { kind: IdentifierKind; value: string }): Promise<Account | undefined> }
  outbox: { enqueue(mail: Mail & Handling & { to: string }): Promise<void> }
  mails: { code: CodeMails }
  /** an identifier as people write it */
  display(identifier: { kind: IdentifierKind; value: string }): string
  config: {
    issuer: string
    theme: { name: string }
    verification: { methods: readonly OtherMethod[]; code: { digits: number; alphabet: 'digits' | 'letters'; life: number } }
  }
}

/** What a press or a look at the link of a mail is told. Times in ms since 1970. */
export interface LinkView {
  /** the interaction and the authorization request that asked */
  uid: string
  cid: string
  purpose: Purpose
  /** whom it is for */
  email: string
  app: string
  asker: string
  place?: string
  askedAt: number
  expiresAt: number
  /** of the browser that asked */
  deviceHash: string
  state: 'open' | 'used'
}

/** Links in mails. A ticket is what stands in the address; only its hash is stored. */
export interface Links {
  /** undefined: unknown, too old, replaced, or refused. Changes nothing: mail scanners look too. */
  look(ticket: string): Promise<LinkView | undefined>
  /** spends it, only in the browser and the request that asked; exactly one of parallel presses gets `ok` */
  press(ticket: string, here: { cid: string; deviceHash: string }): Promise<CheckResult>
  /** a new code, in place of the mail's, for the window that asked; costs what a sent one costs. undefined: as for `look`, or used */
  reveal(ticket: string): Promise<{ code: string; expiresAt: number } | 'budget' | undefined>
  /** "I did not ask for this": link and code end; false when there was nothing to end */
  refuse(ticket: string): Promise<boolean>
  /** for the tab that waits: nothing about any account */
  state(of: { cid: string; purpose: Purpose }): Promise<'waiting' | 'used' | 'gone'>
}

export interface Unreachable {
  /** a message to it was refused for good in the last day. The same for known and unknown ones */
  isUnreachable(recipient: Recipient): Promise<boolean>
}
