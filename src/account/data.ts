import { sendFile } from '../http/reply.ts'
import { authenticatorFor, namesOf } from '../passkeys/index.ts'
import type { AuditEntry } from '../storage/types.ts'
import { appsOf } from './apps.ts'
import { goTo } from './go-to.ts'
import { asksAgain, guarded, type Granted } from './guard.ts'
import { logEntries } from './log-entries.ts'
import type { AccountPage, Visitor } from './session.ts'

/** entries of the log that are read at once */
const perLook = 500

const profilePath = '/account/profile'

/** A copied cookie is not to have all addresses and the whole log. */
const may = (visitor: Visitor): Promise<Granted | undefined> => guarded(visitor, { do: 'download_data' }, profilePath)

/** "Download my data": everything that is kept of the account, but what opens it (GDPR article 20). */
export const data: AccountPage = {
  path: '/data',
  async show(visitor) {
    if (!asksAgain(visitor) || (await may(visitor))) goTo(visitor, profilePath)
  },
  async submit(visitor) {
    if (!(await may(visitor))) return
    await visitor.deps.throttle.spend(visitor.ctx, 'data_asked')
    sendFile(visitor.ctx, 'my-data.json', `${JSON.stringify(await everything(visitor), null, 2)}\n`, 'application/json')
  },
}

const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString())

async function everything(visitor: Visitor) {
  const { account, deps, now } = visitor
  const [passkeys, devices, changes, sessions, apps, activity] = await Promise.all([
    deps.passkeys.listFor(account, 'all'), deps.devices.listOf(account.id), deps.changes.listOf(account.id),
    deps.revocation.listSessions(account.id), appsOf(visitor), activityOf(visitor),
  ])
  const names = namesOf(passkeys)
  return {
    exportedAt: time(now),
    account: {
      sub: account.id, createdAt: time(account.createdAt), name: account.name, locale: account.locale,
      passkeysOnlySince: time(account.passkeysOnlySince),
    },
    identifiers: account.identifiers.map(({ kind, value, verifiedAt, addedAt }) => ({ kind, value, verifiedAt: time(verifiedAt), addedAt: time(addedAt) })),
    passkeys: passkeys.map((passkey) => ({
      name: names.get(passkey.id),
      keptIn: authenticatorFor(passkey.aaguid)?.name,
      synced: passkey.backupEligible,
      createdAt: time(passkey.createdAt),
      createdWith: passkey.enrolledUserAgent,
      lastUsedAt: time(passkey.lastUsedAt),
      lastUsedWith: passkey.lastUsedIn?.userAgent,
      removedAt: time(passkey.removedAt),
    })),
    authenticatorAppSince: time(account.factors?.totp?.since),
    recoveryCodes: account.factors?.recovery_codes && { madeAt: time(account.factors.recovery_codes.since), left: account.factors.recovery_codes.left },
    devices: devices.map(({ userAgent, firstSeenAt, lastSeenAt, country }) => ({ browser: userAgent, firstSeenAt: time(firstSeenAt), lastSeenAt: time(lastSeenAt), country })),
    sessions: sessions.map(({ since, apps: at }) => ({ since: time(since), apps: at.map(({ clientId }) => clientId) })),
    apps: apps.map(({ clientId, name, since, scopes }) => ({ clientId, name, since: time(since), scopes })),
    changes: changes.map(({ kind, at, userAgent, frozenAt, settled }) => ({ kind, at: time(at), browser: userAgent, stoppedAt: time(frozenAt), decided: settled && { at: time(settled.at), how: settled.how } })),
    activity: activity.map(({ at, type, clientId, userAgent, detail }) => ({ at: time(at), type, app: clientId, browser: userAgent, detail })),
  }
}

async function activityOf(visitor: Visitor): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const found of logEntries(visitor, { perLook })) entries.push(...found)
  return entries
}
