import { numbers } from './budget.ts'
import type { Charge } from './budgets.ts'
import type { Attempt, CodeStatus } from './method.ts'
import type { SentTo } from './reach.ts'

/** What is remembered of the last message of a login. Times in ms. */
export type CodeRecord = CodeStatus & {
  /** HMAC of what was typed: the code of one address says nothing about another */
  typed: string
  mac: string
  /** what the person is told */
  triesLeft: number
  /** what the code really has left. Lower than `triesLeft` after a resend that kept an invitation's code. */
  codeTries: number
  codeExpiresAt: number
  /** hash of the ticket in the mail's link, which ends by itself; empty when the mail carries none */
  ticket: string
  /** the code was typed or the link pressed */
  used?: true
}

/** Each kind of message has a code of its own, so that changing the way leaves the other's code valid. */
export const recordKey = (kind: SentTo, { cid, purpose }: Pick<Attempt, 'cid' | 'purpose'>): string => `code:${kind}:${purpose}:${cid}`

type Made = Pick<CodeRecord, 'typed' | 'mac' | 'digits' | 'ticket'> & { link?: true }

export function freshRecord(made: Made, charge: Charge & { ok: true }, life: number): CodeRecord {
  const { at } = charge
  return {
    ...made,
    ...newTries,
    sentAt: at,
    resendAt: resendAt(charge),
    expiresAt: at + life,
    codeExpiresAt: at + life,
  }
}

/** Nothing was sent: the person is told what everybody is told, and the invitation's code and link stay as they were. */
export function keepCode(record: CodeRecord, { mac, codeTries, codeExpiresAt, ticket }: CodeRecord): CodeRecord {
  return { ...record, mac, codeTries, codeExpiresAt, ticket }
}

/** Another code in place of the mail's, shown to who opened its link. */
export function revealed(record: CodeRecord, { mac, digits }: Pick<CodeRecord, 'mac' | 'digits'>, charge: Charge & { ok: true }, life: number): CodeRecord {
  const codeExpiresAt = charge.at + life
  return { ...record, ...newTries, mac, digits, codeExpiresAt, expiresAt: Math.max(record.expiresAt, codeExpiresAt), resendAt: resendAt(charge) }
}

const newTries = { triesLeft: numbers.triesPerCode, codeTries: numbers.triesPerCode }

const resendAt = ({ at, used, nextAt }: Charge & { ok: true }): number => Math.max(at + (numbers.resendWaits[used - 1] ?? 0), nextAt)

/** Something can still be typed: whether it can be right is another matter. */
export const isOpen = (record: CodeRecord | undefined, now: number): record is CodeRecord =>
  record !== undefined && record.used === undefined && now < record.expiresAt && record.triesLeft > 0

/** The link was neither replaced nor used. */
export const isPressable = (record: CodeRecord | undefined, ticket: string): record is CodeRecord =>
  record !== undefined && record.used === undefined && record.ticket === ticket

/** How long it is of use: the record outlives the code while a resend has to wait. */
export const kept = (record: CodeRecord): { value: CodeRecord; expiresAt: number } => ({ value: record, expiresAt: Math.max(record.expiresAt, record.resendAt) })

export const statusOf = ({ sentAt, resendAt, expiresAt, digits, link }: CodeRecord): CodeStatus =>
  ({ sentAt, resendAt, expiresAt, digits, ...(link && { link }) })
