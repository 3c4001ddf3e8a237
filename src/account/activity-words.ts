import type { AuditEntry } from '../storage/types.ts'
import type { ActivityFilter } from '../../views/account/activity.ts'

/** What people are told of the log, and under which heading. Each has a sentence: `account.activity.<type>`. */
export const told = {
  'account.created': 'changes',
  'sign_in': 'sign_ins',
  'sign_out': 'sign_ins',
  'sign_in.failed': 'problems',
  'sign_in.refused': 'problems',
  'code.failed': 'problems',
  'token.reuse_detected': 'problems',
  'passkey.counter_regressed': 'problems',
  'passkey.created': 'changes',
  'passkey.removed': 'changes',
  'passkey.renamed': 'changes',
  'method.added': 'changes',
  'method.removed': 'changes',
  'identifier.added': 'changes',
  'identifier.removed': 'changes',
  'identifier.confirmed': 'changes',
  'identifier.corrected': 'changes',
  'identifier.made_primary': 'changes',
  'profile.changed': 'changes',
  'consent.given': 'changes',
  'app.access_removed': 'changes',
  'device.forgotten': 'changes',
  'account.passkeys_only': 'changes',
  'account.disabled': 'changes',
  'account.enabled': 'changes',
  'help_link.made': 'changes',
  'help_link.bound': 'changes',
  'change.frozen': 'problems',
  'change.settled': 'changes',
  'change.undone': 'changes',
  'recovery.started': 'problems',
  'recovery.cancelled': 'changes',
  'recovery.used': 'changes',
} as const satisfies Record<string, Exclude<ActivityFilter, 'all'>>

export type ToldType = keyof typeof told

export const isTold = ({ type }: AuditEntry, filter: ActivityFilter): boolean =>
  Object.hasOwn(told, type) && (filter === 'all' || told[type as ToldType] === filter)

const named = (value: unknown): string | undefined => (typeof value === 'string' && /^[a-z_]{1,40}$/.test(value) ? value : undefined)

/** What fills the sentence: a method, a kind, or which way a switch went. */
export function subjectIn({ detail = {} }: AuditEntry): { method?: string; kind?: string; on?: boolean } {
  const [method, kind] = [named(detail['method']), named(detail['kind'])]
  const on = detail['on']
  return { ...(method !== undefined && { method }), ...(kind !== undefined && { kind }), ...(typeof on === 'boolean' && { on }) }
}
