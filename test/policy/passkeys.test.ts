import test from 'ava'
import { isUsable, kindOfPasskey } from '../../src/policy/passkeys.ts'
import type { Passkey } from '../../src/storage/types.ts'

test('kinds of passkeys', (t) => {
  const kind = (backupEligible: boolean, attachment: Passkey['attachment'], ...transports: string[]) =>
    kindOfPasskey({ backupEligible, transports, ...(attachment && { attachment }) })
  t.is(kind(true, 'platform', 'internal'), 'synced')
  t.is(kind(true, undefined), 'synced')
  t.is(kind(false, 'platform', 'internal'), 'device_bound')
  t.is(kind(false, 'cross-platform', 'hybrid', 'internal'), 'device_bound')
  t.is(kind(false, 'cross-platform', 'usb', 'nfc'), 'security_key')
})

test('what was frozen or removed signs nobody in', (t) => {
  t.true(isUsable({}))
  t.false(isUsable({ frozenAt: 1 }))
  t.false(isUsable({ removedAt: 1 }))
})
