/** A wrong code on the account's pages is a failure like one at a sign-in. */
import test from 'ava'
import { throttleKeys } from '../../src/accounts/emails.ts'
import { createFailures } from '../../src/risk/failures.ts'
import { start } from './rig.ts'

test('it is in the audit log, and rules count it; one that ran out is nobody\'s guess', async t => {
  const rig = await start(t)
  const { storage, keyring } = rig.server.foundation
  const owner = await rig.newOwner()
  const sent = await owner.browser.submit(await owner.browser.open('/account/identifier-add/email'), '/identifier-add/email', { values: { identifier: 'more@example.com' } })
  const code = /^\s*(\d{6})\s*$/m.exec((await rig.server.mailTo('more@example.com')).text)?.[1] ?? ''
  const failures = () => createFailures({ ...storage, keyring }).ofAddresses(throttleKeys([owner.email]))
  const failed = async () => (await storage.audit.query({ accountId: owner.accountId, limit: 100 })).filter(({ type }) => type === 'code.failed')

  const wrong = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: code === '000000' ? '111111' : '000000' } })
  t.is(wrong.status, 400)
  t.deepEqual((await failed()).map(({ detail }) => detail), [{ purpose: 'confirm', reason: 'wrong' }])
  t.is(typeof (await failed())[0]?.expiresAt, 'number', 'kept for a while only')
  t.is(await failures(), 1)

  await storage.ephemeral.delete(`code:email:confirm:account:${((await storage.artifacts.listByAccount('Session', owner.accountId))[0]?.payload as { uid: string }).uid}`)
  await owner.browser.submit(wrong, '/identifier-confirm', { button: 'Continue', values: { code } })
  t.deepEqual((await failed()).map(({ detail }) => detail?.['reason']).toSorted(), ['gone', 'wrong'])
  t.is(await failures(), 1)
})
