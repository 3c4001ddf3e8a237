import { numbers } from './budget.ts'
import type { Budgets, Charge, Payer } from './budgets.ts'
import { codeMac, makeCode, readCode } from './code.ts'
import { equalSecrets, randomId } from '../secrets/keyring.ts'
import type { Account } from '../storage/types.ts'
import type { CheckInput, CheckResult, CodeStatus, Recipient, SendInput, SendResult, VerificationMethod } from './method.ts'
import type { CodeMailProps, Unreachable, VerificationDeps } from './types.ts'

/** `code:<purpose>:<cid>`. */
type CodeRecord = CodeStatus & {
  /** HMAC of the address: the code of one address says nothing about another */
  recipient: string
  mac: string
  /** what the person is told */
  triesLeft: number
  /** what the mailed code really has left. Lower than `triesLeft` after a resend that kept an invitation's code. */
  codeTries: number
  codeExpiresAt: number
}

/** What a mail a day is counted as, for each address by itself. */
const marks = { sign_in: 'invitation', sign_up: 'sign-up', confirm: 'confirmation', passkeysOnly: 'passkeys only' } as const

const takesCodes = (account: Account | undefined): boolean => account?.passkeysOnlySince === undefined

/** Codes by email: made, sent and spent under the numbers of `budget.ts`. */
export function createEmailOtp(deps: VerificationDeps, budgets: Budgets): Required<VerificationMethod> & Unreachable {
  const { keyring, accounts, outbox, mails } = deps
  const { ephemeral, clock } = deps.storage
  const { digits: usualDigits, life } = deps.config.verification.code

  const recordKey = ({ cid, purpose }: Pick<SendInput, 'cid' | 'purpose'>) => `code:${purpose}:${cid}`
  const recipientId = (email: Recipient) => keyring.hmac('code recipient', email.value)
  /**
   * As long as an address is invited once only, and for all its `+tags`: what is not mailed again reads as it did when it
   * was mailed, or the page would tell who has an account.
   */
  const refusedKey = (email: Recipient) => `unreachable:${keyring.hmac('unreachable', email.throttleKey)}`
  const payerOf = ({ typed, recognisedDevice }: Pick<SendInput, 'typed' | 'recognisedDevice'>, account: Account | undefined): Payer =>
    ({ recipient: typed, accountId: account?.id, recognisedDevice })

  async function send(input: SendInput): Promise<SendResult> {
    const recipient = recipientId(input.typed)
    const before = await ephemeral.get<CodeRecord>(recordKey(input))
    if (before?.recipient === recipient && clock.now() < before.resendAt) return refusal('too_early', before.resendAt)
    const account = await accounts.findByIdentifier(input.typed)
    const payer = payerOf(input, account)
    const spending = await budgets.send(payer)
    if (!spending.ok) return refusal('send_limit', spending.nextAt)

    const variant = await chooseVariant(input, account)
    const digits = await budgets.digits(payer, usualDigits)
    const code = makeCode(digits)
    // What nobody could type: an account that takes no codes has a record like all others, and none that works.
    const never = randomId()
    const mac = codeMac(keyring, { ...input, recipient: input.typed.value }, takesCodes(account) ? code : never)
    const record = freshRecord({ recipient, mac, digits }, spending)

    const outcome = await ephemeral.update<CodeRecord, { record: CodeRecord; resent: boolean } | { tooEarly: number }>(
      recordKey(input),
      (current) => {
        const previous = current?.recipient === recipient ? current : undefined
        if (previous && spending.at < previous.resendAt) return { next: 'keep', result: { tooEarly: previous.resendAt } }
        const value = variant === undefined && previous && takesCodes(account) ? keepCode(record, previous) : record
        return {
          next: { value, expiresAt: Math.max(value.expiresAt, value.resendAt) },
          result: { record: value, resent: previous !== undefined },
        }
      },
    )
    if ('tooEarly' in outcome) {
      await spending.refund()
      return refusal('too_early', outcome.tooEarly)
    }

    const { app, asker, locale } = input
    const mail = mails.code({ variant: variant ?? 'no_account', code, app, asker, locale, life, at: record.sentAt })
    await outbox.enqueue({ ...mail, to: input.typed.value, life, suppressed: variant === undefined, ifRefused: { mark: refusedKey(input.typed), life: numbers.invitationEvery } })
    return { ok: true, resent: outcome.resent, ...statusOf(outcome.record) }
  }

  /**
   * undefined: no mail. An address without an account is invited at most once a day by sign-ins, and an account that
   * takes no codes says so at most once a day, or anybody could fill a stranger's mailbox. The mark is set for all
   * addresses, so that each costs the same.
   */
  async function chooseVariant({ typed: email, purpose, recognisedDevice }: SendInput, account: Account | undefined): Promise<CodeMailProps['variant'] | undefined> {
    const device = recognisedDevice === undefined ? [] : [recognisedDevice]
    const mark = takesCodes(account) ? keyring.hmac(marks[purpose], email.throttleKey, ...device) : keyring.hmac(marks.passkeysOnly, email.throttleKey)
    const firstToday = await ephemeral.claim(`budget:invitation:${mark}`, clock.now() + numbers.invitationEvery)
    if (!takesCodes(account)) return firstToday ? 'passkeys_only' : undefined
    if (purpose === 'confirm') return 'code'
    if (purpose === 'sign_up') return account ? 'account_exists' : 'code'
    if (account) return 'code'
    return firstToday ? 'no_account' : undefined
  }

  function freshRecord(of: Pick<CodeRecord, 'recipient' | 'mac' | 'digits'>, { at, used, nextAt }: Charge & { ok: true }): CodeRecord {
    const wait = numbers.resendWaits[used - 1] ?? 0
    return {
      ...of,
      sentAt: at,
      resendAt: Math.max(at + wait, nextAt),
      expiresAt: at + life,
      triesLeft: numbers.triesPerCode,
      codeTries: numbers.triesPerCode,
      codeExpiresAt: at + life,
    }
  }

  async function check(input: CheckInput): Promise<CheckResult> {
    const key = recordKey(input)
    const recipient = recipientId(input.typed)
    const isOpen = (record: CodeRecord | undefined, now: number) =>
      record !== undefined && record.recipient === recipient && now < record.expiresAt && record.triesLeft > 0
    if (!isOpen(await ephemeral.get<CodeRecord>(key), clock.now())) return { ok: false, reason: 'gone' }

    const account = await accounts.findByIdentifier(input.typed)
    const spending = await budgets.guess(payerOf(input, account))
    if (!spending.ok) return { ok: false, reason: 'budget', retryAfter: secondsUntil(spending.nextAt) }

    const mac = codeMac(keyring, { ...input, recipient: input.typed.value }, readCode(input.code))
    const result = await ephemeral.update<CodeRecord, CheckResult>(key, (record) => {
      if (!record || !isOpen(record, spending.at)) return { next: 'keep', result: { ok: false, reason: 'gone' } }
      const alive = record.codeTries > 0 && spending.at < record.codeExpiresAt && takesCodes(account)
      if (equalSecrets(record.mac, mac) && alive) return { next: undefined, result: { ok: true } }
      const triesLeft = record.triesLeft - 1
      return {
        next: { value: { ...record, triesLeft, codeTries: record.codeTries - 1 }, expiresAt: Math.max(record.expiresAt, record.resendAt) },
        result: { ok: false, reason: 'wrong', triesLeft },
      }
    })
    // only wrong guesses count: somebody who signs in often by code is no attacker
    if (result.ok || result.reason === 'gone') await spending.refund()
    return result
  }

  const secondsUntil = (time: number) => Math.max(1, Math.ceil((time - clock.now()) / 1_000))
  const refusal = (reason: 'too_early' | 'send_limit', until: number): SendResult =>
    ({ ok: false, reason, retryAfter: secondsUntil(until) })

  return {
    name: 'email_otp',
    sendsTo: 'email',
    isAvailable: (account) => takesCodes(account) && account.identifiers.some(({ kind }) => kind === 'email'),
    send,
    check,
    status: async (input) => {
      const record = await ephemeral.get<CodeRecord>(recordKey(input))
      return record && statusOf(record)
    },
    isUnreachable: async (email) => (await ephemeral.get(refusedKey(email))) !== undefined,
  }
}

/** Nothing was sent: the person is told what everybody is told, and the invitation's code stays as it was. */
function keepCode(record: CodeRecord, { mac, codeTries, codeExpiresAt }: CodeRecord): CodeRecord {
  return { ...record, mac, codeTries, codeExpiresAt }
}

const statusOf = ({ sentAt, resendAt, expiresAt, digits }: CodeRecord): CodeStatus => ({ sentAt, resendAt, expiresAt, digits })
