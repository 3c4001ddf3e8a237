import type { Account, IdentifierKind } from '../storage/types.ts'
import type { Attempt } from './method.ts'
import type { Variant } from './types.ts'

/** Where a message goes, and whose that is. */
export interface Reach {
  /** absent: there is nowhere to send it */
  to?: { kind: IdentifierKind; value: string }
  /** `unproven`: an account lists it, and nobody has shown that it is theirs: that protects nothing */
  held: 'proven' | 'unproven' | 'nobody'
  /** what is sent there can be typed: not where the account takes no codes, nor where nothing is sent */
  works: boolean
}

export type SentTo = 'email' | 'phone'

/** What was typed, when messages of this kind can go there, else what the account has proven of this kind. */
export function reachOf(kind: SentTo, { typed, purpose }: Pick<Attempt, 'typed' | 'purpose'>, account: Account | undefined): Reach {
  const listed = account?.identifiers.find((one) => one.kind === typed.kind && one.value === typed.value)
  // Who is known already signs in by what is theirs, and proves whatever they like.
  const asTyped = typed.kind === kind && (listed !== undefined || account === undefined || purpose !== 'sign_in')
  const proven = account?.identifiers.find((one) => one.kind === kind && one.verifiedAt !== undefined)
  if (!asTyped) return proven ? reach(proven, 'proven') : { held: 'nobody', works: false }
  if (!listed) return reach(typed, 'nobody')
  return reach(listed, listed.verifiedAt === undefined ? 'unproven' : 'proven')

  function reach({ value }: { value: string }, held: Reach['held']): Reach {
    return { to: { kind, value }, held, works: purpose === 'confirm' || takes(kind, held, purpose, account) }
  }
}

function takes(kind: SentTo, held: Reach['held'], purpose: Attempt['purpose'], account: Account | undefined): boolean {
  if (held === 'proven') return account?.passkeysOnlySince === undefined
  // Text messages invite nobody: they cost money, and a stranger's number is nobody's to write to.
  return held === 'unproven' || kind === 'email' || purpose === 'sign_up'
}

/**
 * undefined: nothing is sent. An address without an account is invited at most once a day by sign-ins, and an account
 * that takes no codes says so at most once a day, or anybody could fill a stranger's mailbox.
 */
export function variantOf(kind: SentTo, purpose: Attempt['purpose'], { to, held, works }: Reach, firstToday: boolean): Variant | undefined {
  if (to === undefined) return undefined
  if (!works) return kind === 'email' && firstToday ? 'passkeys_only' : undefined
  if (purpose === 'confirm') return 'confirm'
  if (purpose === 'sign_up') return held === 'proven' ? 'account_exists' : 'code'
  if (held === 'nobody') return firstToday ? 'no_account' : undefined
  return held === 'proven' ? 'code' : 'unproven'
}
