import type { Account } from '../storage/types.ts'
import { hashId } from '../secrets/keyring.ts'
import type { Budgets } from './budgets.ts'
import { codeMac, makeCode } from './code.ts'
import { payerOf, type SentCodes } from './codes.ts'
import type { CheckResult, VerificationMethod } from './method.ts'
import { reachOf } from './reach.ts'
import { type CodeRecord, isOpen, isPressable, kept, recordKey, revealed } from './record.ts'
import type { LinkTickets, Ticket } from './tickets.ts'
import type { Links, VerificationDeps } from './types.ts'

/** Short: somebody stands in front of the window that asked and types it. */
const revealedFor = 300_000

const gone: CheckResult = { ok: false, reason: 'gone' }

/**
 * Links in mails. The ticket says where it belongs; whether it still works is in the record of the code that was sent
 * with it, so that one atomic step ends both.
 */
export function createLinks(deps: VerificationDeps, budgets: Budgets, tickets: LinkTickets): Links {
  const { keyring, accounts } = deps
  const { ephemeral, clock } = deps.storage
  const { digits: usualDigits, alphabet } = deps.config.verification.code

  const keyOf = (of: Pick<Ticket, 'cid' | 'purpose'>) => recordKey('email', of)
  const holderOf = ({ email }: Ticket) => accounts.findByIdentifier({ kind: 'email', value: email })
  const works = ({ email, typed, purpose }: Ticket, account: Account | undefined) => {
    const { to, works } = reachOf('email', { typed: { ...typed, kind: 'email', value: email }, purpose }, account)
    return works && to?.value === email
  }

  return {
    async look(text) {
      const ticket = await tickets.read(text)
      const record = ticket && (await ephemeral.get<CodeRecord>(keyOf(ticket)))
      if (!ticket || record?.ticket !== hashId(text)) return undefined
      const { typed: _, accountId: __, recognisedDevice: ___, ...rest } = ticket
      return { ...rest, state: record.used ? 'used' : 'open' }
    },

    async press(text, { cid, deviceHash }) {
      const ticket = await tickets.read(text)
      if (!ticket || ticket.cid !== cid || ticket.deviceHash !== deviceHash) return gone
      if (!works(ticket, await holderOf(ticket))) return gone
      return ephemeral.update<CodeRecord, CheckResult>(keyOf(ticket), (record) =>
        isPressable(record, hashId(text))
          ? { next: kept({ ...record, used: true }), result: { ok: true, identifier: `email:${ticket.email}` } }
          : { next: 'keep', result: gone },
      )
    },

    async reveal(text) {
      const ticket = await tickets.read(text)
      if (!ticket || !isPressable(await ephemeral.get<CodeRecord>(keyOf(ticket)), hashId(text))) return undefined
      const account = await holderOf(ticket)
      if (!works(ticket, account)) return undefined
      const payer = payerOf(ticket, ticket.accountId ?? account?.id)
      const charge = await budgets.send(payer)
      if (!charge.ok) return 'budget'

      const digits = await budgets.digits(payer, usualDigits)
      const code = makeCode(digits, alphabet)
      const mac = codeMac(keyring, { ...ticket, recipient: ticket.email }, code)
      const expiresAt = await ephemeral.update<CodeRecord, number | undefined>(keyOf(ticket), (record) => {
        if (!isPressable(record, hashId(text))) return { next: 'keep', result: undefined }
        const next = revealed(record, { mac, digits }, charge, revealedFor)
        return { next: kept(next), result: next.codeExpiresAt }
      })
      if (expiresAt !== undefined) return { code, expiresAt }
      await charge.refund()
      return undefined
    },

    async refuse(text) {
      const ticket = await tickets.read(text)
      if (!ticket) return false
      // The waits stay: who asked for it can ask again no sooner than before.
      return ephemeral.update<CodeRecord, boolean>(keyOf(ticket), (record) =>
        isPressable(record, hashId(text))
          ? { next: kept({ ...record, ticket: '', triesLeft: 0, codeTries: 0 }), result: true }
          : { next: 'keep', result: false },
      )
    },

    async state(of) {
      const record = await ephemeral.get<CodeRecord>(keyOf(of))
      if (record?.used) return 'used'
      return isOpen(record, clock.now()) ? 'waiting' : 'gone'
    },
  }
}

/** A link in place of a code, or beside it. What is typed on its page is a code. */
export function emailLink({ send, check, status }: SentCodes): VerificationMethod {
  return { name: 'email_link', sendsTo: 'email', send, check, status }
}
