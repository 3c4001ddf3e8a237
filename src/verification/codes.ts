import { equalSecrets, hashId, randomId } from '../secrets/keyring.ts'
import { numbers, secondsUntil } from './budget.ts'
import type { Budgets, Payer } from './budgets.ts'
import { codeMac, makeCode, readCode } from './code.ts'
import type { Attempt, CheckInput, CheckResult, CodeStatus, Recipient, SendInput, SendResult } from './method.ts'
import { reachOf, type Reach, type SentTo, variantOf } from './reach.ts'
import { type CodeRecord, freshRecord, isOpen, keepCode, kept, recordKey, statusOf } from './record.ts'
import type { Handling, Unreachable, Variant, VerificationDeps } from './types.ts'

/** What a message is made of. `link` is set where it carries one: a ticket that `announce` has stored. */
export interface Message {
  input: SendInput
  variant: Variant
  code: string
  /** ms since 1970 */
  at: number
  ticket: string
  link: boolean
}

/** One kind of message, and how it goes out. */
export interface Channel {
  kind: SentTo
  /** whom a message goes to that nobody gets */
  nobody: string
  /** it is worth knowing that it does not arrive, and knowing it tells nothing about an account */
  tellsRefusal(purpose: Attempt['purpose']): boolean
  /** whether this message carries a link: from config and the request alone */
  carriesLink(input: SendInput): boolean
  /** what the ticket of a link says; before the message goes out, and for messages that nobody gets too */
  announce?(message: Message, to: string): Promise<void>
  deliver(message: Message, to: string, handling: Handling): Promise<void>
}

/** Sent codes of one kind: made, sent and spent under the numbers of `budget.ts`. */
export interface SentCodes extends Unreachable {
  send(input: SendInput): Promise<SendResult>
  check(input: CheckInput): Promise<CheckResult>
  status(input: Pick<Attempt, 'cid' | 'purpose'>): Promise<CodeStatus | undefined>
}

/** What a message a day is counted as, for each recipient by itself. */
const marks = { sign_in: 'invitation', sign_up: 'sign-up', confirm: 'confirmation', passkeysOnly: 'passkeys only' } as const

export function createSentCodes(deps: VerificationDeps, budgets: Budgets, channel: Channel): SentCodes {
  const { keyring, accounts } = deps
  const { ephemeral, clock } = deps.storage
  const { digits: usualDigits, alphabet, life } = deps.config.verification.code
  const { kind } = channel

  const typedId = ({ kind, value }: Recipient) => keyring.hmac('code recipient', kind, value)
  /** The exact address: a stranger's `+tag` of it, which its server may refuse, says nothing about it. */
  const refusedKey = ({ value }: Pick<Recipient, 'value'>) => `unreachable:${keyring.hmac('unreachable', kind, value)}`
  const holderOf = async ({ account, typed }: Attempt) => account ?? (await accounts.findByIdentifier(typed))

  async function send(input: SendInput): Promise<SendResult> {
    const typed = typedId(input.typed)
    const ofRun = (record: CodeRecord | undefined) => (record?.used === undefined && record?.typed === typed ? record : undefined)
    const before = ofRun(await ephemeral.get<CodeRecord>(recordKey(kind, input)))
    if (before && clock.now() < before.resendAt) return refusal('too_early', before.resendAt)
    const account = await holderOf(input)
    const payer = payerOf(input, account?.id)
    const spending = await budgets.send(payer)
    if (!spending.ok) return refusal('send_limit', spending.nextAt)

    const reach = reachOf(kind, input, account)
    const mark = markOf(input, reach)
    const firstToday = await ephemeral.claim(mark, clock.now() + numbers.invitationEvery)
    const variant = variantOf(kind, input.purpose, reach, firstToday)
    const digits = await budgets.digits(payer, usualDigits)
    const code = makeCode(digits, alphabet)
    const ticket = randomId(32)
    // What nobody could type or press: where nothing works there is a record like all others, and nothing that opens it.
    const mac = codeMac(keyring, { ...input, recipient: reach.to?.value ?? '' }, reach.works ? code : randomId())
    const link = channel.carriesLink(input)
    const made = { typed, mac, digits, ticket: reach.works && link ? hashId(ticket) : '', ...(link && { link }) }
    const record = freshRecord(made, spending, life)

    const outcome = await ephemeral.update<CodeRecord, { record: CodeRecord; resent: boolean } | { tooEarly: number }>(
      recordKey(kind, input),
      (current) => {
        const previous = ofRun(current)
        if (previous && spending.at < previous.resendAt) return { next: 'keep', result: { tooEarly: previous.resendAt } }
        const value = variant === undefined && previous && reach.works ? keepCode(record, previous) : record
        return { next: kept(value), result: { record: value, resent: previous !== undefined } }
      },
    )
    if ('tooEarly' in outcome) {
      await spending.refund()
      // The press that was quicker came second here and sent nothing: the next one shall.
      if (firstToday) await ephemeral.delete(mark)
      return refusal('too_early', outcome.tooEarly)
    }

    const message: Message = { input, variant: variant ?? 'no_account', code, at: record.sentAt, ticket, link }
    const to = reach.to?.value ?? channel.nobody
    if (link) await channel.announce?.(message, to)
    await channel.deliver(message, to, await handlingOf(input, reach, variant === undefined))
    return { ok: true, resent: outcome.resent, ...statusOf(outcome.record) }
  }

  /** The mark is set for all recipients, so that each costs the same. */
  function markOf({ typed, purpose, recognisedDevice }: SendInput, { to, works }: Reach): string {
    const { throttleKey } = to ? deps.recipient(to) : typed
    const own = recognisedDevice === undefined ? [] : [recognisedDevice]
    const mark = works ? keyring.hmac(marks[purpose], kind, throttleKey, ...own) : keyring.hmac(marks.passkeysOnly, kind, throttleKey)
    return `budget:invitation:${mark}`
  }

  /**
   * A refusal is remembered of the first message of a day alone, with whatever tag: of the others an address without an
   * account gets none, and the page would tell which it is.
   */
  async function handlingOf({ purpose, typed }: SendInput, { to }: Reach, suppressed: boolean): Promise<Handling> {
    const handling = { life, suppressed }
    if (!channel.tellsRefusal(purpose)) return handling
    const recipient = to ? deps.recipient(to) : typed
    const day = clock.now() + numbers.invitationEvery
    const first = await ephemeral.claim(`budget:refusal:${keyring.hmac('refusal', kind, purpose, recipient.throttleKey)}`, day)
    return first ? { ...handling, ifRefused: { mark: refusedKey(recipient), life: numbers.invitationEvery } } : handling
  }

  async function check(input: CheckInput): Promise<CheckResult> {
    const key = recordKey(kind, input)
    const typed = typedId(input.typed)
    const isTheirs = (record: CodeRecord | undefined, now: number): record is CodeRecord => isOpen(record, now) && record.typed === typed
    if (!isTheirs(await ephemeral.get<CodeRecord>(key), clock.now())) return { ok: false, reason: 'gone' }

    const account = await holderOf(input)
    const spending = await budgets.guess(payerOf(input, account?.id))
    if (!spending.ok) return { ok: false, reason: 'budget', retryAfter: secondsUntil(spending.nextAt, clock) }

    const { to, works } = reachOf(kind, input, account)
    const mac = codeMac(keyring, { ...input, recipient: to?.value ?? '' }, readCode(input.code))
    const result = await ephemeral.update<CodeRecord, CheckResult>(key, (record) => {
      if (!isTheirs(record, spending.at)) return { next: 'keep', result: { ok: false, reason: 'gone' } }
      const alive = record.codeTries > 0 && spending.at < record.codeExpiresAt && works
      if (equalSecrets(record.mac, mac) && alive) {
        return { next: kept({ ...record, used: true }), result: { ok: true, ...(to && { identifier: `${to.kind}:${to.value}` }) } }
      }
      const triesLeft = record.triesLeft - 1
      return { next: kept({ ...record, triesLeft, codeTries: record.codeTries - 1 }), result: { ok: false, reason: 'wrong', triesLeft } }
    })
    // only wrong guesses count: somebody who signs in often by code is no attacker
    if (result.ok || result.reason === 'gone') await spending.refund()
    return result
  }

  const refusal = (reason: 'too_early' | 'send_limit', until: number): SendResult =>
    ({ ok: false, reason, retryAfter: secondsUntil(until, clock) })

  return {
    send,
    check,
    async status(input) {
      const record = await ephemeral.get<CodeRecord>(recordKey(kind, input))
      return record && record.used === undefined ? statusOf(record) : undefined
    },
    isUnreachable: async (recipient) => (await ephemeral.get(refusedKey(recipient))) !== undefined,
  }
}

/** What was typed pays, and the account behind it. */
export const payerOf = ({ typed, recognisedDevice, purpose }: Pick<Attempt, 'typed' | 'recognisedDevice' | 'purpose'>, accountId: string | undefined): Payer =>
  ({ recipient: typed, accountId, recognisedDevice, purpose })

