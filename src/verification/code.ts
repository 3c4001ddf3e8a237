import { randomInt } from 'node:crypto'
import type { Keyring } from '../secrets/keyring.ts'

/** What a code is good for, and nothing else. */
export interface CodeBinding {
  purpose: string
  /** the login it was asked in */
  cid: string
  /** the normalised address it goes to */
  recipient: string
}

/** A uniformly random code of that many decimal digits, leading zeros included. */
export function makeCode(digits: number): string {
  return randomInt(10 ** digits).toString().padStart(digits, '0')
}

/** The stored form. An HMAC, since a plain hash of a million codes is read back in a second. */
export function codeMac(keyring: Pick<Keyring, 'hmac'>, { purpose, cid, recipient }: CodeBinding, code: string): string {
  return keyring.hmac('email code', purpose, cid, recipient, code)
}

/** What a person typed or pasted, without blanks and dashes; full-width digits are digits. */
export function readCode(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s\p{Dash}]/gu, '')
}
