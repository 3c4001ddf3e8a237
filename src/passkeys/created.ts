import type { RegistrationResult } from './types.ts'

/** What the audit log says of a new passkey: what it is, not whose. `note`: what the cross-device policy could not tell. */
export const createdRecord = ({ passkey, place, note }: Extract<RegistrationResult, { ok: true }>) => ({
  passkeyId: passkey.id,
  aaguid: passkey.aaguid,
  synced: passkey.backupEligible,
  enrolledAcr: passkey.enrolledAcr,
  cooling: passkey.coolingUntil !== undefined,
  ...(place && { place }),
  ...(note !== undefined && { note }),
})
