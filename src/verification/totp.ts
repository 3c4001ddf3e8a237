import { createHmac, randomBytes } from 'node:crypto'
import { equalSecrets, type Keyring } from '../secrets/keyring.ts'
import type { Account, Factor, IdentifierKind, Storage } from '../storage/types.ts'
import { toBase32 } from './base32.ts'
import { numbers, secondsUntil } from './budget.ts'
import type { Budgets } from './budgets.ts'
import { readCode } from './code.ts'
import { putFactor } from './factors.ts'
import type { CheckInput, CheckResult, VerificationMethod } from './method.ts'

export interface TotpDeps {
  storage: Pick<Storage, 'accounts' | 'factors' | 'ephemeral' | 'clock'>
  keyring: Pick<Keyring, 'seal' | 'open'>
  accounts: { findByIdentifier(identifier: { kind: IdentifierKind; value: string }): Promise<Account | undefined> }
  budgets: Pick<Budgets, 'guess' | 'digits'>
  /** an identifier as people write it: the app shows it under the brand */
  display(identifier: { kind: IdentifierKind; value: string }): string
  config: { theme: { name: string } }
}

/** `gone`: the key waits no longer, or the account has an app meanwhile */
export type ConfirmResult = { ok: true; factorId: string } | { ok: false; reason: 'wrong' | 'gone' }

/** How an authenticator app is set up. The caller has asked the guard. */
export interface TotpSetUp {
  /** A key that waits for its first code, 15 minutes long; asked again meanwhile it is the same. `key`: base32, `uri`: what the QR code says. */
  begin(account: Account, cid: string): Promise<{ key: string; uri: string }>
  /**
   * The first code of the app makes the key a factor, and is spent by it. `announce` is awaited once the code is known to
   * be right and before anything is written: the change is recorded and told there. @throws AppError `step_done` when the
   * account was frozen meanwhile
   */
  confirm(account: Account, cid: string, code: string, announce?: (factorId: string) => Promise<void>): Promise<ConfirmResult>
}

/** RFC 6238 with what every authenticator app understands: SHA-1, six digits, steps of 30 s from 1970 on. */
const digits = 6
const step = 30_000
/** RFC 4226 4: as long as the hash */
const keyLength = 20
/** RFC 6238 5.2: so many steps either side, for clocks that differ and people who type slowly */
const drift = 1
const pendingLife = 15 * 60_000
const sealPurpose = 'totp key'

export const totpFactorId = (accountId: string): string => `totp:${accountId}`

/** The code of a time step (RFC 4226 5.3). */
export function totpCode(key: Uint8Array, timeStep: number, length: number = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(timeStep))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = mac[mac.length - 1]! & 0xf
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff
  return (truncated % 10 ** length).toString().padStart(length, '0')
}

/** ms to the number of the time step */
export const stepAt = (time: number): number => Math.floor(time / step)

/** The record of a key, also of one that comes from another system. The key is bound to its account: elsewhere it opens nothing. */
export function totpFactor(keyring: Pick<Keyring, 'seal'>, { accountId, key, createdAt }: { accountId: string; key: Uint8Array; createdAt: number }): Factor {
  const id = totpFactorId(accountId)
  return { id, accountId, kind: 'totp', createdAt, sealed: keyring.seal(sealPurpose, Buffer.from(key).toString('base64url'), id) }
}

/** Codes of an authenticator app. The account's record says whether there is one; only both together count. */
export function createTotp({ storage, keyring, accounts, budgets, display, config }: TotpDeps): VerificationMethod & TotpSetUp {
  const { factors, ephemeral, clock } = storage
  let standIn: Factor | undefined
  /** What costs the same work as somebody's key, and is nobody's. */
  const nobody = (): Factor => (standIn ??= totpFactor(keyring, { accountId: '-', key: randomBytes(keyLength), createdAt: 0 }))
  const keyOf = ({ id, sealed = '' }: Pick<Factor, 'id' | 'sealed'>): Uint8Array => Buffer.from(keyring.open(sealPurpose, sealed, id), 'base64url')

  /** Every code in reach is computed and compared, whichever fits: the newest step that does, or undefined. */
  function stepOf(key: Uint8Array, code: string, now: number): number | undefined {
    const steps = Array.from({ length: 2 * drift + 1 }, (_, index) => stepAt(now) - drift + index)
    return steps.filter((one) => equalSecrets(totpCode(key, one), code)).at(-1)
  }

  async function check({ typed, account: known, recognisedDevice, purpose, code }: CheckInput): Promise<CheckResult> {
    const account = known ?? (await accounts.findByIdentifier(typed))
    const payer = { recipient: typed, accountId: account?.id, recognisedDevice, purpose }
    const guess = await budgets.guess(payer)
    if (!guess.ok) return { ok: false, reason: 'budget', retryAfter: secondsUntil(guess.nextAt, clock) }

    const found = await factors.get(totpFactorId(account?.id ?? '-'))
    const own = found?.sealed === undefined ? undefined : found
    const matched = stepOf(keyOf(own ?? nobody()), readCode(code), guess.at)
    // Where codes of other methods get longer after many guesses, these count for one step only.
    const hardened = (await budgets.digits(payer, digits)) > digits
    const inReach = matched !== undefined && (!hardened || matched === stepAt(guess.at))
    if (inReach && own && account && counts(account)) {
      // Who knows a code that was used learns nothing by hearing so, and its owner waits for the next one.
      if (!(await spend(own, matched))) return { ok: false, reason: 'gone' }
      // only wrong guesses count, as with every method
      await guess.refund()
      return { ok: true }
    }
    return { ok: false, reason: 'wrong', triesLeft: numbers.guesses[0].count - guess.used }
  }

  /** One compare-and-set: of parallel uses of a step one wins, and no step counts after a later one (RFC 6238 5.2). */
  async function spend({ id, sealed }: Factor, usedStep: number): Promise<boolean> {
    let won = false
    await factors.update(id, (current) => {
      won = current.sealed === sealed && usedStep > (current.usedStep ?? -1)
      return won ? { ...current, usedStep } : undefined
    })
    return won
  }

  const pendingKey = ({ id }: Account, cid: string) => `totp:${id}:${cid}`

  async function begin(account: Account, cid: string) {
    const fresh = totpFactor(keyring, { accountId: account.id, key: randomBytes(keyLength), createdAt: clock.now() })
    const expiresAt = fresh.createdAt + pendingLife
    const sealed = await ephemeral.update<string, string>(pendingKey(account, cid), (current) =>
      current === undefined ? { next: { value: fresh.sealed!, expiresAt }, result: fresh.sealed! } : { next: 'keep', result: current },
    )
    const key = toBase32(keyOf({ id: fresh.id, sealed }))
    return { key, uri: keyUri({ key, issuer: config.theme.name, label: labelOf(account) }) }
  }

  /** Whose codes they are, as the person writes it. */
  function labelOf({ identifiers }: Account): string {
    const first = identifiers.find(({ verifiedAt }) => verifiedAt !== undefined) ?? identifiers[0]
    return first === undefined ? '' : display(first)
  }

  /** The factor and the account that lists it, then the waiting key is forgotten: one that still waits when all is done is refused as `gone`. */
  async function confirm(account: Account, cid: string, code: string, announce?: (factorId: string) => Promise<void>): Promise<ConfirmResult> {
    const sealed = await ephemeral.get<string>(pendingKey(account, cid))
    const current = await storage.accounts.get(account.id)
    if (sealed === undefined || current === undefined || current.factors?.totp) return { ok: false, reason: 'gone' }
    const id = totpFactorId(account.id)
    const usedStep = stepOf(keyOf({ id, sealed }), readCode(code), clock.now())
    if (usedStep === undefined) return { ok: false, reason: 'wrong' }

    await announce?.(id)
    // Never older than the change that tells of it.
    const factor: Factor = { id, accountId: account.id, kind: 'totp', createdAt: clock.now(), sealed, usedStep }
    await putFactor(storage, account, factor, { totp: { since: factor.createdAt } })
    await ephemeral.delete(pendingKey(account, cid))
    return { ok: true, factorId: id }
  }

  return { name: 'totp', check, begin, confirm }
}

/** Its own record alone decides; who signs in by passkeys only takes no codes of an app. */
const counts = ({ factors, passkeysOnlySince }: Account): boolean => factors?.totp !== undefined && passkeysOnlySince === undefined

/** What the QR code says (the key URI format that apps share). Parameters that are what apps assume are left out: the code is coarser, and easier to scan. */
export function keyUri({ key, issuer, label }: { key: string; issuer: string; label: string }): string {
  // A colon separates the two in the path.
  const [brand, who] = [issuer, label].map((part) => encodeURIComponent(part.replaceAll(':', ' ').trim()))
  return `otpauth://totp/${brand}${who === '' ? '' : `:${who}`}?secret=${key}&issuer=${brand}`
}
