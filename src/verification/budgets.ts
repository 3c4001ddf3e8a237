import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import { type Budget, createBudget, numbers } from './budget.ts'
import type { Purpose, Recipient } from './method.ts'

/** Who a guess or a send is charged to. */
export interface Payer {
  /** what was typed, known or not */
  recipient: Pick<Recipient, 'throttleKey'>
  /** whose it is, where somebody has it: all methods of one account share its budgets */
  accountId?: string | undefined
  /** hash of the device when the account knows it: it has the same numbers of its own, which strangers cannot spend */
  recognisedDevice?: string | undefined
  /** what it is for: proving one's own further addresses does not use up what is left for signing in */
  purpose?: Purpose | undefined
}

/** Times in ms. `used`: how many of the shortest window are spent; `refund` gives back what this one took. */
export type Charge =
  | { ok: true; at: number; used: number; nextAt: number; refund(): Promise<void> }
  | { ok: false; nextAt: number }

export interface Budgets {
  /** before a guess is looked at */
  guess(payer: Payer): Promise<Charge>
  /** before a message goes out */
  send(payer: Payer): Promise<Charge>
  /** how long a code has to be: longer for a while after many wrong guesses, however slow they came */
  digits(payer: Payer, usual: number): Promise<number>
}

/**
 * The two budgets that stand between a guesser and an account, and between a stranger and somebody's mailbox. Each is
 * kept twice, for what was typed and for the account behind it, so that neither a second address nor a second method
 * doubles the numbers. Where nobody has the address a stand-in is charged: waits, digits and work are the same.
 */
export function createBudgets({ ephemeral, clock, keyring }: Pick<Storage, 'ephemeral' | 'clock'> & { keyring: Pick<Keyring, 'hmac'> }): Budgets {
  const guesses = createBudget({ ephemeral, clock }, { name: 'guesses', limits: numbers.guesses, alarm: numbers.hardened.after, aftermath: numbers.hardened.for })
  const sends = createBudget({ ephemeral, clock }, { name: 'sends', limits: numbers.sends })

  function subjects({ recipient, accountId, recognisedDevice, purpose }: Payer): [recipient: string, account: string] {
    const own = recognisedDevice === undefined ? [] : [recognisedDevice]
    const holder = accountId === undefined ? ['nobody', recipient.throttleKey] : ['account', accountId]
    // A browser that one account knows has no purse for whatever address is to be added to it: that may be a stranger's.
    const known = purpose === 'confirm' ? [] : own
    return [keyring.hmac('budget of recipient', recipient.throttleKey, ...known), keyring.hmac('budget of account', ...holder, ...own)]
  }

  /** A crash between the two leaves one guess charged that was not looked at: nobody gains by it. */
  async function charge(budget: Budget, [recipient, account]: [string, string]): Promise<Charge> {
    const first = await budget.spend(recipient)
    if (!first.ok) return first
    const second = await budget.spend(account)
    if (!second.ok) {
      await budget.refund(recipient, first.at)
      return second
    }
    return {
      ok: true,
      at: first.at,
      used: first.used,
      nextAt: Math.max(first.nextAt, second.nextAt),
      async refund() {
        await Promise.all([budget.refund(recipient, first.at), budget.refund(account, second.at)])
      },
    }
  }

  return {
    guess: (payer) => charge(guesses, subjects(payer)),
    send(payer) {
      const [recipient, account] = subjects(payer)
      return charge(sends, [recipient, payer.purpose === 'confirm' ? keyring.hmac('budget of confirmations', account) : account])
    },
    async digits(payer, usual) {
      const until = await Promise.all(subjects(payer).map((subject) => guesses.spentUntil(subject)))
      const hardened = until.some((time) => time !== undefined && clock.now() < time)
      return hardened ? Math.max(usual, numbers.hardened.digits) : usual
    },
  }
}
