import type { Accounts } from '../accounts/accounts.ts'
import type { Changes } from '../accounts/changes.ts'
import type { Devices } from '../accounts/devices.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import type { Normaliser } from '../accounts/normalise.ts'
import type { PasskeysOnly } from '../accounts/passkeys-only.ts'
import type { Recoveries } from '../accounts/recovery.ts'
import type { Tickets } from '../accounts/tickets.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/schema.ts'
import type { Notices } from '../delivery/notices.ts'
import type { Csrf } from '../http/csrf.ts'
import type { Log } from '../http/log.ts'
import type { Throttle } from '../http/throttle.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Revocation } from '../oidc/revocation.ts'
import type { Engine, ForgetDevice, SessionStops } from '../oidc/types.ts'
import type { CeremonyLog, Passkeys, Reports } from '../passkeys/index.ts'
import type { Risk } from '../risk/index.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { Storage } from '../storage/types.ts'
import type { Verification } from '../verification/index.ts'

/** What the account's pages are made of. */
export interface AccountDeps {
  config: Config
  storage: Pick<Storage, 'ephemeral' | 'audit' | 'clock'>
  engine: Pick<Engine, 'app' | 'sessionOf' | 'paths' | 'tellApps'>
  sessionStops: SessionStops
  keyring: Pick<Keyring, 'seal' | 'open'>
  accounts: Pick<Accounts, 'get' | 'provenEmails' | 'findByIdentifier' | 'setProfile'>
  identifiers: Pick<Identifiers, 'add' | 'markProven' | 'correct' | 'makePrimary' | 'remove' | 'whyKept'>
  normaliser: Normaliser
  devices: Pick<Devices, 'listHere' | 'listOf' | 'isRecognised'>
  passkeys: Passkeys
  /** for operators alone: it can be written and not read */
  ceremonies: CeremonyLog
  reports: Reports
  tickets: Tickets
  changes: Pick<Changes, 'record' | 'get' | 'listOf' | 'listStopped' | 'freeze' | 'settle' | 'removePasskey' | 'removeFactor'>
  recoveries: Pick<Recoveries, 'use'>
  passkeysOnly: PasskeysOnly
  revocation: Pick<Revocation, 'listSessions' | 'endSession' | 'endOthers' | 'listGrants' | 'listLeft' | 'endGrants'>
  forgetDevice: ForgetDevice
  notices: Pick<Notices, 'passkeyAdded' | 'passkeyRemoved' | 'recoveryUsed' | 'detailsChanged'>
  verification: Pick<Verification, 'methods' | 'totp' | 'recoveryCodes'>
  risk: Pick<Risk, 'judge' | 'noteFailure'>
  audit: Audit
  metrics: Pick<Metrics, 'passkeyReportDropped' | 'codeSent' | 'codeChecked'>
  csrf: Csrf
  throttle: Pick<Throttle, 'spend'>
  /** for what is kept of passkey dialogs */
  eventThrottle: Pick<Throttle, 'allows'>
  log: Pick<Log, 'info'>
}
