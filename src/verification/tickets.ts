import { hashId } from '../secrets/keyring.ts'
import type { Message } from './codes.ts'
import type { Purpose, Recipient } from './method.ts'
import type { VerificationDeps } from './types.ts'

/** What a ticket says. Times in ms. */
export type Ticket = {
  uid: string
  clientId: string
  cid: string
  purpose: Purpose
  /** the address that the mail went to */
  email: string
  typed: Pick<Recipient, keyof Recipient>
  app: string
  asker: string
  place?: string
  deviceHash: string
  /** whose budgets it was sent from, where that was known, and from which purse */
  accountId?: string
  recognisedDevice?: string
  askedAt: number
  expiresAt: number
}

export interface LinkTickets {
  store(message: Message, email: string): Promise<void>
  read(ticket: string): Promise<Ticket | undefined>
}

const sealPurpose = 'link'
const keyOf = (ticket: string) => `link:${hashId(ticket)}`

/**
 * Tickets outlive their link by nothing: what became of it is said by the record of the login. Kept under the hash of the
 * ticket; the login's `uid`, which its cookies hold, is encrypted there.
 */
export function createLinkTickets({ storage: { ephemeral }, keyring, config }: VerificationDeps): LinkTickets {
  const { life } = config.verification.code
  return {
    async store({ input, ticket, at }, email) {
      const { interaction, cid, purpose, typed, account, app, asker, place, recognisedDevice } = input
      if (!interaction) return
      const value: Ticket = {
        uid: keyring.seal(sealPurpose, interaction.uid, hashId(ticket)), clientId: interaction.clientId, cid, purpose, email, app, asker,
        typed: { kind: typed.kind, value: typed.value, throttleKey: typed.throttleKey },
        deviceHash: interaction.deviceHash,
        askedAt: at,
        expiresAt: at + life,
        ...(place !== undefined && { place }),
        ...(account && { accountId: account.id }),
        ...(recognisedDevice !== undefined && { recognisedDevice }),
      }
      await ephemeral.set(keyOf(ticket), value, value.expiresAt)
    },
    async read(ticket) {
      const stored = await ephemeral.get<Ticket>(keyOf(ticket))
      return stored && { ...stored, uid: keyring.open(sealPurpose, stored.uid, hashId(ticket)) }
    },
  }
}
