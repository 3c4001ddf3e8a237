/** "If you lose your phone", answered for this very account. */
import test from 'ava'
import type { Account } from '../../src/storage/types.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { start, type Rig } from './rig.ts'

const path = '/account/recovery'
type Owner = Awaited<ReturnType<Rig['newOwner']>>
const change = (rig: Rig, { accountId }: Owner, more: Partial<Account>) =>
  rig.server.foundation.storage.accounts.update(accountId, account => ({ ...account, ...more }))

test('codes by email alone: they work anywhere, and a passkey is the step', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  const page = await owner.browser.open(path)
  t.is(page.heading, 'If you lose your phone')
  t.regex(page.text, /What still opens your account A code by email, on any device\./)
  t.regex(page.text, /Add a passkey/)
})

test('a synced passkey comes back, one of a single device does not, a code has to wait, and codes that were saved do not', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  t.regex((await owner.browser.open(path)).text, /Your passkey in Chrome on Linux\. It comes back .* A code by email\. Before you can create a new passkey with it, you wait 24 hours\./)
  const page = await owner.browser.open('/account/passkey-create')
  const form = page.passkeyForm('create')
  const bound = createAuthenticator({ backupEligible: false, backupState: false })
  await owner.browser.submit(page, form, { values: { response: JSON.stringify(bound.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })) } })
  await change(rig, owner, { factors: { recovery_codes: { since: 1, left: 3 } } })
  const both = await owner.browser.open(path)
  t.regex(both.text, /What is lost with its device Chrome on Linux 2 works only on its own device\./)
  t.regex(both.text, /Your 3 recovery codes\. Each lets you in at once/)
  await change(rig, owner, { passkeysOnlySince: 1 })
  t.notRegex((await owner.browser.open(path)).text, /A code by email/)
})
