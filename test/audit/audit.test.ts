import test from 'ava'
import { createAudit } from '../../src/audit/audit.ts'
import type { AuditEntry } from '../../src/storage/types.ts'

test('an entry says what, who, where and when', async (t) => {
  const entries: AuditEntry[] = []
  const audit = createAudit({
    audit: { append: async (entry) => void entries.push(entry) },
    clock: { now: () => 42 },
    log: { error: () => t.fail() },
  })
  await audit.record('sign_in', { accountId: 'a', deviceHash: 'd', userAgent: 'x'.repeat(5000) }, { method: 'passkey', acr: 'phr', firstTimeOnDevice: true })
  const [entry] = entries
  t.like(entry, { at: 42, type: 'sign_in', accountId: 'a', deviceHash: 'd', detail: { method: 'passkey', acr: 'phr', firstTimeOnDevice: true } })
  t.is(entry?.userAgent?.length, 300)
  t.false('clientId' in entry!)
})

test('what strangers can bring about, and an open session as often as it likes, is kept for 90 days, what the owner will want to know for ever', async (t) => {
  const entries: AuditEntry[] = []
  const audit = createAudit({ audit: { append: async (entry) => void entries.push(entry) }, clock: { now: () => 42 }, log: { error: () => t.fail() } })
  await audit.record('sign_in.failed', {}, { method: 'passkey', reason: 'bad_signature' })
  await audit.record('code.refused', {}, { purpose: 'sign_in', reason: 'wrong' })
  await audit.record('passkey.counter_regressed', { accountId: 'a' }, { passkeyId: 'p' })
  await audit.record('sign_in', { accountId: 'a' }, { method: 'passkey', acr: 'phr', firstTimeOnDevice: false })
  await audit.record('passkey.renamed', { accountId: 'a' }, { passkeyId: 'p' })
  await audit.record('passkey.made_default', { accountId: 'a' }, { passkeyId: 'p' })
  await audit.record('identifier.made_primary', { accountId: 'a' }, { kind: 'email' })
  await audit.record('profile.changed', { accountId: 'a' }, {})
  const later = 42 + 90 * 24 * 60 * 60 * 1000
  t.deepEqual(entries.map(({ expiresAt }) => expiresAt), [later, later, undefined, undefined, later, later, later, later])
})

test('a store that is away does not stop the sign-in', async (t) => {
  const lines: [object, string][] = []
  const audit = createAudit({
    audit: { append: () => Promise.reject(new Error('away')) },
    clock: { now: () => 42 },
    log: { error: (fields, message) => void lines.push([fields, message]) },
  })
  await t.notThrowsAsync(audit.record('sign_out', { accountId: 'a' }, { everywhere: false }))
  t.is(lines[0]?.[1], 'audit entry lost')
})
