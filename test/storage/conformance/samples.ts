import type { Account, CeremonyEntry, Change, Device, Factor, Identifier, OutboxMail, Passkey } from '../../../src/storage/types.ts'

/** Plausible records under a given id; only the fields that a test names matter to it. */
export const account = (id: string): Account => ({
  id,
  createdAt: 1,
  userHandle: `handle of ${id}`,
  identifiers: [{ kind: 'email', value: 'ann@example.com', verifiedAt: 1 }],
  credentialIds: [],
})

export const identifier = (value: string, accountId = 'a'): Identifier => ({
  id: `email:${value}`,
  kind: 'email',
  value,
  accountId,
  state: 'active',
  createdAt: 1,
})

export const passkey = (id: string, accountId = 'a'): Passkey => ({
  id,
  accountId,
  publicKey: 'pQECAyYgASFY',
  counter: 0,
  transports: ['internal'],
  aaguid: '00000000-0000-0000-0000-000000000000',
  backupEligible: true,
  backupState: true,
  rpId: 'localhost',
  enrolledAcr: 'phr',
  enrolledUserAgent: 'Chrome on Windows',
  createdAt: 1,
})

export const factor = (id: string, accountId = 'a'): Factor => ({
  id,
  accountId,
  kind: 'totp',
  sealed: 'sealed',
  createdAt: 1,
})

export const device = (deviceHash: string, accountId = 'a'): Device => ({
  id: `${deviceHash}:${accountId}`,
  deviceHash,
  accountId,
  firstSeenAt: 1,
  lastSeenAt: 1,
  credentialIds: [],
  userAgent: 'Chrome on Windows',
})

export const mail = (id: string, at: number, life = 60_000): OutboxMail => ({
  id,
  at,
  sealed: `body of ${id}`,
  state: 'waiting',
  attempts: 0,
  nextAttemptAt: at,
  expiresAt: at + life,
})

export const change = (name: string, accountId = 'a'): Change => ({
  id: name,
  accountId,
  at: 1,
  kind: 'passkey_added',
  subject: 'credential',
  deviceHash: 'device',
  userAgent: 'Chrome on Windows',
  until: 2,
})

export const ceremony = (id: string, more: Partial<CeremonyEntry> = {}): CeremonyEntry => ({
  id,
  at: 1,
  expiresAt: 2,
  ceremony: 'get',
  mediation: 'modal',
  outcome: 'ok',
  browser: 'Chrome',
  platform: 'Windows',
  ...more,
})
