import type { Account, Passkey } from '../storage/types.ts'
import type { Outbox } from './outbox.ts'

/** Where and when something happened, as far as the person may be told. */
export interface NoticeContext {
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
}

export interface PasskeyAddedProps extends NoticeContext {
  /** what the person calls it, or what it is called by default */
  name?: string
  /** "iCloud Keychain" */
  storedIn?: string
  locale?: string
}

export interface NewDeviceProps extends NoticeContext {
  method: 'passkey' | 'email_otp'
  /** false: a known device, but a weaker way than the account has */
  firstTime: boolean
  /** then the mail says that the passkey would have been safer */
  hasPasskey: boolean
  locale?: string
}

type Rendered = { subject: string; text: string; html: string }

export interface NoticeMails {
  passkeyAdded(props: PasskeyAddedProps): Rendered
  newDevice(props: NewDeviceProps): Rendered
}

export interface Notices {
  /** to every proven email */
  passkeyAdded(account: Account, passkey: Pick<Passkey, 'name'>, context: NoticeContext & { storedIn?: string }): Promise<void>
  /** to every proven email: the first sign-in of a device, or one that had a passkey and did not use it */
  newDevice(account: Account, context: NoticeContext & Pick<NewDeviceProps, 'method' | 'firstTime'>): Promise<void>
}

export interface NoticesDeps {
  outbox: Pick<Outbox, 'enqueue'>
  accounts: { provenEmails(account: Account): string[] }
  mails: NoticeMails
}

/** A notice is still worth reading when the mail server was away over a weekend. */
const life = 3 * 24 * 3_600_000

/** Mails that tell people what changed about their account. */
export function createNotices({ outbox, accounts, mails }: NoticesDeps): Notices {
  async function sendToAll(account: Account, mail: Rendered): Promise<void> {
    const sends = accounts.provenEmails(account).map((to) => outbox.enqueue({ ...mail, to, accountId: account.id, life }))
    await Promise.all(sends)
  }

  const language = ({ locale }: Account) => (locale === undefined ? {} : { locale })

  return {
    passkeyAdded: (account, { name }, context) =>
      sendToAll(account, mails.passkeyAdded({ ...context, ...language(account), ...(name !== undefined && { name }) })),
    newDevice: (account, context) =>
      sendToAll(account, mails.newDevice({ ...context, ...language(account), hasPasskey: account.credentialIds.length > 0 })),
  }
}
