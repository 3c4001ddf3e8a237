import type { ProofMethod } from '../policy/types.ts'
import type { Account, Change, ChangeKind, Passkey } from '../storage/types.ts'
import type { Outbox } from './outbox.ts'
import type { TextAlerts } from './text-alerts.ts'

/** Where and when something happened, as far as the person may be told. */
export interface NoticeContext {
  /** ms since 1970 */
  at: number
  /** "Chrome on Windows" */
  device: string
  /** as a trusted proxy says it; left out of the mail when it is not known */
  place?: { country?: string; city?: string }
}

/** With the change that it tells of, a notice has the button "This was not me". */
export interface OfChange {
  change?: Change
}

interface Props extends NoticeContext {
  notMeUrl?: string
  locale?: string
}

export interface PasskeyAddedProps extends Props {
  /** what the person calls it, or what it is called by default */
  name?: string
  /** "iCloud Keychain" */
  storedIn?: string
}

export interface PasskeyRemovedProps extends PasskeyAddedProps {
  /** ms since 1970 */
  createdAt: number
  /** what still opens the account */
  left: { passkeys: boolean; code: boolean }
}

export interface NewDeviceProps extends Props {
  method: ProofMethod
  /** false: a known device, but a weaker way than the account has */
  firstTime: boolean
  /** then the mail says that the passkey would have been safer */
  hasPasskey: boolean
}

export interface RecoveryStartedProps extends Props {
  /** ms since 1970: from here on it can go on */
  readyAt: number
}

export interface RecoveryUsedProps extends Props {
  /** recovery codes that are left; absent: what was used is a recovery that had waited */
  codesLeft?: number
}

/**
 * `new_recovery_codes`: in place of older ones. `identifier_changed`: one that was not confirmed was corrected.
 * `restored`, `kept`: what was frozen is undone, or stands after all, and the account can be changed again.
 */
export type Detail =
  | 'recovery_cancelled'
  | 'help_link_used'
  | 'passkeys_only_on'
  | 'passkeys_only_off'
  | 'recovery_codes_made'
  | 'new_recovery_codes'
  | 'frozen'
  | 'restored'
  | 'kept'
  | 'identifier_added'
  | 'identifier_removed'
  | 'identifier_changed'
  | 'identifier_confirmed'
  | 'method_added'
  | 'method_removed'

export interface DetailsChangedProps extends Props {
  what: Detail
  /** an identifier as people write it; `totp` of a method */
  subject?: string
  /** `frozen`: all that was stopped */
  stopped?: ChangeKind[]
  /** ms since 1970: until when it can be stopped */
  until?: number
}

type Rendered = { subject: string; text: string; html: string }

export interface NoticeMails {
  passkeyAdded(props: PasskeyAddedProps): Rendered
  passkeyRemoved(props: PasskeyRemovedProps): Rendered
  newDevice(props: NewDeviceProps): Rendered
  recoveryStarted(props: RecoveryStartedProps): Rendered
  recoveryUsed(props: RecoveryUsedProps): Rendered
  detailsChanged(props: DetailsChangedProps): Rendered
}

/** Each goes to every proven email. */
export interface Notices {
  passkeyAdded(account: Account, passkey: Pick<Passkey, 'name'>, context: NoticeContext & OfChange & { storedIn?: string }): Promise<void>
  /** `account`: as it is without the passkey */
  passkeyRemoved(account: Account, passkey: Pick<Passkey, 'name' | 'createdAt'>, context: NoticeContext & OfChange & { storedIn?: string }): Promise<void>
  /** the first sign-in of a device, or one that had a passkey and did not use it */
  newDevice(account: Account, context: NoticeContext & OfChange & Pick<NewDeviceProps, 'method' | 'firstTime'>): Promise<void>
  recoveryStarted(account: Account, context: NoticeContext & OfChange & Pick<RecoveryStartedProps, 'readyAt'>): Promise<void>
  recoveryUsed(account: Account, context: NoticeContext & OfChange & Pick<RecoveryUsedProps, 'codesLeft'>): Promise<void>
  /** `alsoTo`: addresses that are proven no longer, because this change took them away */
  detailsChanged(account: Account, context: NoticeContext & OfChange & Pick<DetailsChangedProps, 'what' | 'subject' | 'stopped'> & { alsoTo?: string[] }): Promise<void>
}

export interface NoticesDeps {
  outbox: Pick<Outbox, 'enqueue'>
  accounts: { provenEmails(account: Account): string[] }
  mails: NoticeMails
  /** by text message, to proven phone numbers */
  alerts: TextAlerts
  tickets: { issue(input: { purpose: 'not_me'; accountId: string; changeId: string; life: number }): Promise<string> }
  clock: { now(): number }
  config: { issuer: string }
}

const day = 24 * 3_600_000
/** A notice is still worth reading when the mail server was away over a weekend. */
const life = 3 * day

/** Mails that tell people what changed about their account, and let them say that it was not them. */
export function createNotices({ outbox, accounts, mails, alerts, tickets, clock, config }: NoticesDeps): Notices {
  /** One ticket for all addresses: each of them may stop the change, and pressing twice does no more than once. */
  async function sendToAll<P extends NoticeContext>(
    account: Account,
    { change, ...props }: P & OfChange,
    write: (props: Omit<P, 'change'> & Pick<Props, 'notMeUrl' | 'locale'>) => Rendered,
    alsoTo: string[] = [],
  ): Promise<void> {
    const { locale } = account
    const notMeUrl = change && (await notMeLink(change))
    const mail = write({ ...(props as Omit<P, 'change'>), ...(locale !== undefined && { locale }), ...(notMeUrl !== undefined && { notMeUrl }) })
    const addresses = new Set([...accounts.provenEmails(account), ...alsoTo])
    await Promise.all([...addresses].map((to) => outbox.enqueue({ ...mail, to, accountId: account.id, life })))
  }

  /** As long as the change itself can be frozen. */
  async function notMeLink({ id, accountId, until }: Change): Promise<string | undefined> {
    const left = until - clock.now()
    if (left <= 0) return undefined
    return `${config.issuer}/account/not-me/${await tickets.issue({ purpose: 'not_me', accountId, changeId: id, life: left })}`
  }

  const named = (name: string | undefined) => (name === undefined ? {} : { name })

  return {
    async passkeyAdded(account, { name }, context) {
      await Promise.all([sendToAll(account, { ...context, ...named(name) }, mails.passkeyAdded), alerts.passkeyAdded(account)])
    },
    passkeyRemoved(account, { name, createdAt }, context) {
      const code = account.passkeysOnlySince === undefined && accounts.provenEmails(account).length > 0
      const left = { passkeys: account.credentialIds.length > 0, code }
      return sendToAll(account, { ...context, ...named(name), createdAt, left }, mails.passkeyRemoved)
    },
    newDevice: (account, context) =>
      sendToAll(account, { ...context, hasPasskey: account.credentialIds.length > 0 }, mails.newDevice),
    recoveryStarted: (account, context) => sendToAll(account, context, mails.recoveryStarted),
    recoveryUsed: (account, context) => sendToAll(account, context, mails.recoveryUsed),
    detailsChanged: (account, { alsoTo, ...context }) => {
      const { until } = context.change ?? {}
      return sendToAll(account, { ...context, ...(until !== undefined && { until }) }, mails.detailsChanged, alsoTo)
    },
  }
}
