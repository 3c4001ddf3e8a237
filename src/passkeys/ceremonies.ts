import type { Place } from '../policy/cross-device.ts'
import { randomId } from '../secrets/keyring.ts'
import type { CeremonyEntry, Clock, Log } from '../storage/types.ts'
import { providerLabel } from './authenticators.ts'
import type { NotCreated } from './not-created.ts'
import type { DialogFailure } from './told.ts'
import type { AuthenticationFailure, RegistrationFailure } from './types.ts'
import { describeUserAgent } from './user-agent.ts'

export type Mediation = CeremonyEntry['mediation']

/** ms: so long a dashboard can look back */
export const ceremonyLife = 90 * 24 * 3_600_000

/** What a browser says of its dialog. Anybody can say anything. */
export interface Told {
  /** 16 hex digits: the same in all that it says of one dialog */
  ceremonyId?: string
  mediation: Mediation
  /** name of a DOMException, or `other` */
  error?: string
  /** ms */
  elapsed?: number
}

/** One dialog as far as it went: what was told, where, and what came of it. */
export interface Ceremony extends Told {
  ceremony: 'get' | 'create'
  /** `started`, `ok`, or why there is no passkey: one of our literals, never input */
  outcome: string
  /** for the log alone */
  detail?: string
  accountId?: string
  clientId?: string
  deviceHash?: string
  /** the header; only family and platform are kept */
  userAgent: string
  /** of the passkey */
  aaguid?: string
  place?: Place
  /** names the request in the log */
  reference?: string
  /** what the browser says it can do */
  capabilities?: Record<string, boolean | undefined>
}

/** All of them bounded: one of a list, or `other`. */
export interface CeremonyLabels {
  ceremony: string
  mediation: string
  outcome: string
  browser: string
  platform: string
  provider: string
}

/** Nobody who decides about a sign-in reads any of this: it is written for operators. */
export interface CeremonyLog {
  /**
   * Counts, logs what failed, and stores the event; never rejects: a sign-in does not fail for its statistics. Start it
   * beside the other writes of the request, so that they share one commit. `keep: false`: count and log only.
   */
  record(ceremony: Ceremony, options?: { keep?: boolean }): Promise<void>
}

export function createCeremonies(deps: {
  ceremonies: Pick<Log<CeremonyEntry>, 'append'>
  clock: Clock
  /** the metric */
  observe: (labels: CeremonyLabels) => void
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
}): CeremonyLog {
  return {
    async record(ceremony, { keep = true } = {}) {
      const entry = entryOf(ceremony, deps.clock.now())
      deps.observe(labelsOf(entry))
      if (!quiet.has(entry.outcome)) deps.log.info(lineOf(ceremony, entry), messageOf(ceremony))
      if (!keep) return
      try {
        await deps.ceremonies.append(entry)
      } catch (err) {
        deps.log.error({ err }, 'passkey ceremony lost')
      }
    },
  }
}

const quiet = new Set(['started', 'ok'])

function entryOf(ceremony: Ceremony, at: number): CeremonyEntry {
  const { ceremonyId, accountId, clientId, deviceHash, place, elapsed, aaguid, userAgent, mediation, outcome, capabilities } = ceremony
  const { browser, platform } = describeUserAgent(userAgent)
  return {
    id: randomId(),
    at,
    expiresAt: at + ceremonyLife,
    ...(ceremonyId !== undefined && { ceremonyId }),
    ...(accountId !== undefined && { accountId }),
    ...(clientId !== undefined && { clientId }),
    ...(deviceHash !== undefined && { deviceHash }),
    ceremony: ceremony.ceremony,
    mediation,
    outcome,
    ...(place !== undefined && { place }),
    browser: among(browsers, browser),
    platform: among(platforms, platform),
    ...(aaguid !== undefined && { provider: providerLabel(aaguid) }),
    ...(elapsed !== undefined && { elapsed }),
    // Worth its room only where something may have gone wrong.
    ...(capabilities && outcome !== 'ok' && { capabilities: Object.keys(capabilities).filter((name) => capabilities[name]) }),
  }
}

/** The server's own reason and what the browser says, in one line; the name of the ceremony leads to the others. */
function lineOf({ detail, reference, error }: Ceremony, { outcome, ceremony, mediation, ceremonyId, elapsed, clientId, browser, platform, capabilities }: CeremonyEntry): object {
  return { reason: outcome, detail, error, elapsed, capabilities, ceremony, mediation, ceremonyId, clientId, browser, platform, reference }
}

function messageOf({ ceremony, error }: Ceremony): string {
  if (error !== undefined) return 'the browser had no passkey to give'
  return ceremony === 'get' ? 'passkey refused' : 'passkey not created'
}

export function labelsOf({ ceremony, mediation, outcome, browser, platform, provider = 'unknown' }: CeremonyEntry): CeremonyLabels {
  return { ceremony, mediation, outcome: among(outcomes, outcome), browser, platform, provider }
}

const browsers = new Set(['Chrome', 'Chromium', 'Edge', 'Firefox', 'Opera', 'Safari', 'Samsung Internet'])
const platforms = new Set(['Android', 'Chrome OS', 'iPad', 'iPhone', 'Linux', 'Mac', 'Windows'])

/** A new reason that is missing here does not compile. */
const failures: Record<AuthenticationFailure | RegistrationFailure | NotCreated | DialogFailure, true> = {
  // the browser's side
  closed: true, timeout: true, none_here: true, wrong_domain: true, no_verification: true, offline: true,
  exists: true, failed: true, key_refused: true, nowhere: true,
  // the server's side
  malformed: true, challenge_expired: true, challenge_spent: true, challenge_foreign: true, unknown_credential: true, wrong_origin: true,
  wrong_rp_id: true, user_verification_missing: true, bad_signature: true, frozen: true, removed: true, already_registered: true,
  bad_attestation: true, not_allowed: true, not_elsewhere: true, not_here: true,
}
const outcomes = new Set(['started', 'ok', 'abandoned', 'signal_failed', ...Object.keys(failures)])

const among = (known: Set<string>, name: string): string => (known.has(name) ? name : 'other')
