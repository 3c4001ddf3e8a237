import type { Account } from '../storage/types.ts'
import type { Outbox } from './outbox.ts'

/** What is told by text message too, to every proven phone number. */
export interface TextAlerts {
  passkeyAdded(account: Account): Promise<void>
}

export interface TextAlertsDeps {
  outbox: Pick<Outbox, 'enqueueText'>
  accounts: { provenPhones(account: Account): string[] }
  texts: { passkeyAdded(props: { locale?: string }): string }
}

/** An alert that comes a day late would be taken for something new. */
const life = 24 * 3_600_000

/** Who reads no mail, or has lost the mailbox with the rest, still hears that somebody cut a key to the account. */
export function createTextAlerts({ outbox, accounts, texts }: TextAlertsDeps): TextAlerts {
  return {
    async passkeyAdded(account) {
      const text = texts.passkeyAdded(account.locale === undefined ? {} : { locale: account.locale })
      await Promise.all(accounts.provenPhones(account).map((to) => outbox.enqueueText({ to, text, accountId: account.id, life })))
    },
  }
}
