import type { Keyring } from '../secrets/keyring.ts'
import type { Account, Factor, IdentifierKind, Storage } from '../storage/types.ts'
import { numbers, secondsUntil } from './budget.ts'
import type { Budgets } from './budgets.ts'
import { makeCode, readCode } from './code.ts'
import { putFactor } from './factors.ts'
import type { CheckInput, CheckResult, VerificationMethod } from './method.ts'

export interface RecoveryCodesDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'clock'>
  keyring: Pick<Keyring, 'hmac'>
  accounts: { findByIdentifier(identifier: { kind: IdentifierKind; value: string }): Promise<Account | undefined> }
  budgets: Pick<Budgets, 'guess'>
}

/** How recovery codes are made. The caller has asked the guard, and has recorded and told the change. */
export interface RecoveryCodes {
  /** Ten codes like 4KTP-9WQX, to be shown once; the ones before them end in the same write. @throws AppError `step_done` when the account was frozen meanwhile */
  make(account: Account): Promise<{ codes: string[]; factorId: string }>
  /** whether these are all ten, and none was used: what a page was given back may go into a file, and fewer would let single codes be guessed */
  areCurrent(account: Account, codes: string[]): Promise<boolean>
}

const count = 10
const length = 8

const recoveryCodesId = (accountId: string): string => `recovery_codes:${accountId}`

/** Codes on paper: each works once. The account's record says how many are left; only both together count. */
export function createRecoveryCodes({ storage, keyring, accounts, budgets }: RecoveryCodesDeps): VerificationMethod & RecoveryCodes {
  const { factors, clock } = storage
  const macOf = (accountId: string, code: string) => keyring.hmac('recovery code', accountId, readCode(code))

  async function check({ typed, account: known, recognisedDevice, purpose, code }: CheckInput): Promise<CheckResult> {
    const account = known ?? (await accounts.findByIdentifier(typed))
    const guess = await budgets.guess({ recipient: typed, accountId: account?.id, recognisedDevice, purpose })
    if (!guess.ok) return { ok: false, reason: 'budget', retryAfter: secondsUntil(guess.nextAt, clock) }

    const accountId = account?.id ?? '-'
    const [mac, factor] = [macOf(accountId, code), await factors.get(recoveryCodesId(accountId))]
    const left = account?.factors?.recovery_codes && factor?.macs?.includes(mac) ? await spend(factor, mac) : undefined
    if (left === undefined) return { ok: false, reason: 'wrong', triesLeft: numbers.guesses[0].count - guess.used }
    // only wrong guesses count, as with every method
    await guess.refund()
    return { ok: true, left }
  }

  /**
   * One compare-and-set takes the code out; then the account hears how many are left. A crash in between leaves that
   * number one too high until the next use: no code comes back by it.
   */
  async function spend({ id, accountId, createdAt }: Factor, mac: string): Promise<number | undefined> {
    let left: number | undefined
    await factors.update(id, (current) => {
      const macs = current.macs?.filter((one) => one !== mac) ?? []
      left = macs.length === current.macs?.length || !current.macs ? undefined : macs.length
      return left === undefined ? undefined : { ...current, macs }
    })
    const now = left
    if (now === undefined) return undefined
    await storage.accounts.update(accountId, (account) => {
      const listed = account.factors?.recovery_codes
      // Of two uses at the same time the later write may be the earlier use's.
      if (listed?.since !== createdAt || listed.left <= now) return undefined
      return { ...account, factors: { ...account.factors, recovery_codes: { since: createdAt, left: now } } }
    })
    return now
  }

  /** A crash before the account lists them leaves codes that nobody has seen, and the old ones ended: making them again is what helps. */
  async function make(account: Account) {
    const codes = makeCodes()
    const { id: accountId } = account
    const id = recoveryCodesId(accountId)
    const factor: Factor = { id, accountId, kind: 'recovery_codes', createdAt: clock.now(), macs: codes.map((code) => macOf(accountId, code)) }
    await putFactor(storage, account, factor, { recovery_codes: { since: factor.createdAt, left: codes.length } })
    return { codes, factorId: id }
  }

  return {
    name: 'recovery_code',
    check,
    make,
    async areCurrent({ id }, codes) {
      const { macs = [] } = (await factors.get(recoveryCodesId(id))) ?? {}
      if (codes.length !== count) return false
      const given = new Set(codes.map((code) => macOf(id, code)))
      return given.size === count && given.isSubsetOf(new Set(macs))
    },
  }
}

function makeCodes(): string[] {
  const codes = new Set<string>()
  while (codes.size < count) codes.add(grouped(makeCode(length, 'paper')))
  return [...codes]
}

const grouped = (code: string): string => `${code.slice(0, length / 2)}-${code.slice(length / 2)}`
