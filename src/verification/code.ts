import { randomInt } from 'node:crypto'
import type { Keyring } from '../secrets/keyring.ts'

/** What a code is good for, and nothing else. */
export interface CodeBinding {
  purpose: string
  /** the login it was asked in */
  cid: string
  /** the normalised address or number it goes to */
  recipient: string
}

export type Alphabet = 'digits' | 'letters' | 'paper'

/**
 * Capitals, since they are the same as small ones. `letters`: none that looks or sounds like another, none that makes words.
 * `paper`: all that look different on paper, 31, so that eight of them are 39.6 bits.
 */
const alphabets: Record<Alphabet, string> = {
  digits: '0123456789',
  letters: '34679CDFGHJKMNPQRTVWXY',
  paper: 'ABCDEFGHJKMNPQRSTUVWXYZ23456789',
}

/** A uniformly random code of that many characters, leading zeros included. */
export function makeCode(length: number, alphabet: Alphabet = 'digits'): string {
  const characters = alphabets[alphabet]
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
}

/** The stored form. An HMAC, since a plain hash of a million codes is read back in a second. */
export function codeMac(keyring: Pick<Keyring, 'hmac'>, { purpose, cid, recipient }: CodeBinding, code: string): string {
  return keyring.hmac('sent code', purpose, cid, recipient, code)
}

/** What a person typed or pasted, without blanks and dashes; full-width digits are digits, small letters capitals. */
export function readCode(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s\p{Dash}]/gu, '').toUpperCase()
}
