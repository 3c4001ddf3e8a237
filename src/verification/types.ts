import type { Keyring } from '../secrets/keyring.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import type { Alphabet } from './code.ts'
import type { CheckResult, Purpose, Recipient } from './method.ts'
import type { OtherMethod } from '../policy/types.ts'

/**
 * `no_account`: an invitation; `account_exists`: a sign-up with an address that has an account; `unproven`: an account
 * lists the address, and nobody has shown that it is theirs; `confirm`: somebody who is known says it is theirs;
 * `passkeys_only`: the account takes no codes, so that there is none, and no link
 */
export type Variant = 'code' | 'no_account' | 'account_exists' | 'unproven' | 'confirm' | 'passkeys_only'

export interface CodeMailProps {
  variant: Variant
  purpose: Purpose
  /** at least one of code and link */
  code?: string
  link?: string
  /** what the person is going on to */
  app: string
  /** ms */
  life: number
  /** "Chrome on Windows" */
  asker: string
  /** "Leeds" */
  place?: string
  /** ms since 1970 */
  at: number
  locale: string
}

export interface CodeTextProps {
  code: string
  app: string
  /** ms */
  life: number
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

type Named = { kind: IdentifierKind; value: string }

export interface VerificationDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'ephemeral' | 'clock'>
  keyring: Keyring
  accounts: { findByIdentifier(identifier: Named): Promise<Account | undefined> }
  outbox: {
    enqueue(mail: Mail & Handling & { to: string }): Promise<void>
    enqueueText(text: Handling & { to: string; text: string }): Promise<void>
  }
  mails: { code: CodeMails }
  texts: { code(props: CodeTextProps): string }
  /** an identifier as people write it */
  display(identifier: Named): string
  /** with the key under which all ways to write it share their budgets */
  recipient(identifier: Named): Recipient
  config: {
    issuer: string
    theme: { name: string }
    verification: { methods: readonly OtherMethod[]; code: { digits: number; alphabet: Exclude<Alphabet, 'paper'>; life: number } }
  }
}

/** What a press or a look at the link of a mail is told. Times in ms since 1970. */
export interface LinkView {
  /** the interaction and the authorization request that asked */
  uid: string
  cid: string
  /** the app that it goes on to: names are not unique */
  clientId: string
  purpose: Purpose
  /** whom it is for, normalised */
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
