import type { Passkey } from '../storage/types.ts'

export const passkeyKinds = ['synced', 'device_bound', 'security_key'] as const
export type PasskeyKind = (typeof passkeyKinds)[number]

/** Neither frozen nor removed: it may sign somebody in. */
export const isUsable = ({ frozenAt, removedAt }: Pick<Passkey, 'frozenAt' | 'removedAt'>): boolean =>
  frozenAt === undefined && removedAt === undefined

/** What only ever came by cable or touch is a key on its own; a phone says so by `hybrid` or `internal`. */
export function kindOfPasskey({ backupEligible, attachment, transports }: Pick<Passkey, 'backupEligible' | 'attachment' | 'transports'>): PasskeyKind {
  if (backupEligible) return 'synced'
  const phone = transports.some((transport) => transport === 'hybrid' || transport === 'internal')
  return attachment === 'cross-platform' && !phone ? 'security_key' : 'device_bound'
}
