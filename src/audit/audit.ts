import type { ProofMethod } from '../policy/types.ts'
import type { AuditEntry, Clock, Json, Log } from '../storage/types.ts'
import { randomId } from '../secrets/keyring.ts'

/**
 * What is worth knowing years later, and what each entry says besides who, where and when. Values are names, counts and
 * ids of things; never a code, a token or a full identifier.
 */
export interface AuditEvents {
  'account.created': { method: ProofMethod }
  'sign_in': { method: ProofMethod; acr: string; firstTimeOnDevice: boolean; passkeyId?: string }
  'sign_in.failed': { method: ProofMethod; reason: string }
  'sign_in.refused': { reason: string }
  'sign_in.aborted': { step: string }
  /** `everywhere`: all sessions of the account and not this one alone; `elsewhere`: so many others, ended from the account's pages */
  'sign_out': { everywhere: boolean; elsewhere?: number }
  /** the person wanted this browser to know nothing of them any more */
  'device.forgotten': Record<never, never>
  'code.sent': { purpose: string; resent: boolean }
  'code.refused': { purpose: string; reason: string }
  /** typed on the account's pages; at a sign-in it is a failed one */
  'code.failed': { purpose: string; reason: string }
  /** the page of a link, opened in another browser than the one that asked: its code was shown, or whoever has the mail did not ask for it */
  'link.code_shown': { purpose: string }
  'link.refused': { purpose: string }
  /** a link that was used, and not by whoever has the mail */
  'link.disowned': { purpose: string }
  /** `note`: what the cross-device policy could not tell */
  'passkey.created': { passkeyId: string; aaguid: string; synced: boolean; enrolledAcr: string; cooling: boolean; place?: string; note?: string }
  'passkey.renamed': { passkeyId: string }
  'passkey.made_default': { passkeyId: string }
  'passkey.not_created': { reason: string }
  'passkey.refused_by_guard': { way: string }
  'method.added': { method: 'totp' | 'recovery_codes'; cooling: boolean }
  'passkey.counter_regressed': { passkeyId: string }
  /** the first press on an operator's link: it works in that browser only from then on */
  'help_link.bound': Record<never, never>
  /** what a sign-in asked for first; `words`: why, for people */
  'passkey.decision': { show: string; crossDevice: boolean; reason: string; words: string }
  'passkey.offer': { offered: boolean; reason: string }
  /** `claims`: those asked for by name; `scopes` has the scopes that give them too */
  'consent.given': { scopes: string[]; claims: string[] }
  /** by the person, on the account's pages */
  'profile.changed': Record<never, never>
  'app.access_removed': { scopes: string[] }
  'consent.denied': { scopes: string[]; claims: string[] }
  'downgrade.notified': { method: ProofMethod }
  'token.reuse_detected': { kind: string }
  /** the kind of each change is one of `ChangeKind` in the store's types; these are recorded by `accounts/changes.ts` */
  'passkey.removed': { passkeyId: string; changeId: string }
  'method.removed': { method: 'totp' | 'recovery_codes'; changeId: string }
  /** "this wasn't me" */
  'change.frozen': { changeId: string; kind: string }
  'change.settled': { changeId: string; kind: string; how: 'undone' | 'confirmed' }
  'change.undone': { changeId: string; kind: string }
  /** an address, number or username; what it was is in the change */
  'identifier.added': { kind: string; changeId: string }
  'identifier.removed': { kind: string; changeId: string }
  'identifier.confirmed': { kind: string }
  'identifier.corrected': { kind: string }
  'identifier.made_primary': { kind: string }
  /** what was to be done, and what would make it possible */
  'change.refused_by_guard': { change: string; way: string }
  /** recorded by `accounts/recovery.ts` */
  'recovery.started': { recoveryId: string; readyAt: number }
  'recovery.cancelled': { recoveryId: string }
  'recovery.used': { recoveryId: string }
  /** by an operator, at the command line */
  'account.disabled': Record<never, never>
  'account.enabled': Record<never, never>
  'account.passkeys_only': { on: boolean; changeId: string }
  /** from another system */
  'account.imported': Record<never, never>
  'help_link.made': { expiresAt: number }
}

export type AuditType = keyof AuditEvents

/** ms */
const retention = 90 * 24 * 60 * 60 * 1000
/** What anybody at all can bring about, or whoever has a mailbox or an open session, as often as they like: kept for a while only, or the log would grow without bound. */
const passing = new Set<AuditType>(['sign_in.failed', 'sign_in.refused', 'sign_in.aborted', 'code.sent', 'code.refused', 'code.failed', 'link.code_shown', 'link.refused', 'link.disowned', 'passkey.decision', 'passkey.not_created', 'passkey.refused_by_guard', 'change.refused_by_guard', 'passkey.renamed', 'passkey.made_default', 'identifier.made_primary', 'profile.changed'])

/** Who and where. A device is known by the hash of its cookie. */
export type AuditSubject = Partial<Pick<AuditEntry, 'accountId' | 'clientId' | 'deviceHash' | 'userAgent'>>

export interface Audit {
  /** Resolves when the entry is stored; never rejects: an entry that cannot be written must not stop a sign-in. */
  record<T extends AuditType>(type: T, subject: AuditSubject, detail: AuditEvents[T]): Promise<void>
}

export function createAudit(deps: {
  audit: Pick<Log<AuditEntry>, 'append'>
  clock: Clock
  log: { error(fields: object, message: string): void }
}): Audit {
  return {
    async record(type, subject, detail) {
      const { accountId, clientId, deviceHash, userAgent } = subject
      const at = deps.clock.now()
      try {
        await deps.audit.append({
          id: randomId(),
          at,
          type,
          ...(accountId !== undefined && { accountId }),
          ...(clientId !== undefined && { clientId }),
          ...(deviceHash !== undefined && { deviceHash }),
          // Browsers' are under 300 characters; what somebody else sends is not worth more room.
          ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 300) }),
          ...(passing.has(type) && { expiresAt: at + retention }),
          detail: detail as { [key: string]: Json },
        })
      } catch (err) {
        deps.log.error({ err, type }, 'audit entry lost')
      }
    },
  }
}
