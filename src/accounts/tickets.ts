import { hashId, randomId } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'

/** `enrol`: an operator lets somebody in who has lost every way. `not_me`: in a notice, "this wasn't me". */
export type TicketPurpose = 'enrol' | 'not_me'

/* a type, not an interface: it is stored as JSON */
export type Ticket = {
  purpose: TicketPurpose
  accountId: string
  /** the one change that a `not_me` ticket names */
  changeId?: string
  /** hash of the device that it was first used in; only there it can be spent */
  boundTo?: string
  /** ms */
  expiresAt: number
}

export interface Tickets {
  /**
   * The ticket, 32 random bytes as base64url: the end of a link. `life` in ms. Of `enrol` an account has one: the newest;
   * and so a change of those that are issued with `again`, to whoever may ask as often as they like.
   */
  issue(input: { purpose: TicketPurpose; accountId: string; changeId?: string; life: number; again?: boolean }): Promise<string>
  /** what it is good for; changes nothing, so that a mail scanner may follow the link. undefined: unknown, spent or expired */
  look(purpose: TicketPurpose, ticket: string): Promise<Ticket | undefined>
  /** binds it to the first browser that asks; `elsewhere` for every other one */
  bind(purpose: TicketPurpose, ticket: string, deviceHash: string): Promise<Ticket | 'elsewhere' | undefined>
  /** single use: of any number of callers one gets it, and only in the browser that it is bound to */
  spend(purpose: TicketPurpose, ticket: string, deviceHash: string): Promise<Ticket | undefined>
  /** the account's `enrol` ticket, if it has one, is worth nothing from now on */
  revokeEnrol(accountId: string): Promise<void>
}

/** Links that let somebody do one thing. What is stored opens nothing: a ticket is found by its hash under its purpose. */
export function createTickets({ ephemeral, clock }: Pick<Storage, 'ephemeral' | 'clock'>): Tickets {
  /** Which ticket it is: one at a time, so that a link that went astray is ended by the next one. */
  async function replace(purpose: TicketPurpose, whose: string, next: { value: string; expiresAt: number } | undefined): Promise<void> {
    const before = await ephemeral.update<string, string | undefined>(`${purpose}-ticket:${whose}`, (current) => ({ next, result: current }))
    if (before !== undefined) await ephemeral.delete(before)
  }

  return {
    async issue({ purpose, accountId, changeId, life, again = false }) {
      const ticket = randomId(32)
      const expiresAt = clock.now() + life
      const key = keyOf(purpose, ticket)
      // The name first: a ticket that works can always be ended.
      if (again || purpose === 'enrol') await replace(purpose, changeId ?? accountId, { value: key, expiresAt })
      await ephemeral.set<Ticket>(key, { purpose, accountId, ...(changeId !== undefined && { changeId }), expiresAt }, expiresAt)
      return ticket
    },

    revokeEnrol: (accountId) => replace('enrol', accountId, undefined),

    look: (purpose, ticket) => ephemeral.get<Ticket>(keyOf(purpose, ticket)),

    bind: (purpose, ticket, deviceHash) =>
      ephemeral.update<Ticket, Ticket | 'elsewhere' | undefined>(keyOf(purpose, ticket), (current) => {
        if (current === undefined) return { next: undefined, result: undefined }
        if (current.boundTo !== undefined) return { next: 'keep', result: current.boundTo === deviceHash ? current : 'elsewhere' }
        const bound = { ...current, boundTo: deviceHash }
        return { next: { value: bound, expiresAt: bound.expiresAt }, result: bound }
      }),

    spend: (purpose, ticket, deviceHash) =>
      ephemeral.update<Ticket, Ticket | undefined>(keyOf(purpose, ticket), (current) =>
        current?.boundTo === deviceHash ? { next: undefined, result: current } : { next: 'keep', result: undefined },
      ),
  }
}

const keyOf = (purpose: TicketPurpose, ticket: string) => `ticket:${purpose}:${hashId(ticket)}`
