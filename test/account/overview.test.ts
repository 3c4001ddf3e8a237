/** "Your account": the state in plain sentences, and the one step that would help most. */
import test from 'ava'
import type { Account } from '../../src/storage/types.ts'
import { start, type Rig } from './rig.ts'

const path = '/account'
type Owner = Awaited<ReturnType<Rig['newOwner']>>
const change = (rig: Rig, { accountId }: Owner, more: Partial<Account>) =>
  rig.server.foundation.storage.accounts.update(accountId, account => ({ ...account, ...more }))

test('what there is, what is missing, and where everything is', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  const none = await owner.browser.open(path)
  t.is(none.heading, 'Your account')
  t.regex(none.text, /You have no passkey yet\. No recovery codes\. Codes by email are on\./)
  t.regex(none.text, /Next best step Add a passkey\. Then you only need/)
  t.deepEqual(none.links.filter(({ href }) => /passkey-create|recovery-codes/.test(href)).map(({ text }) => text), ['Add a passkey'])
  for (const page of ['passkeys', 'ways', 'apps']) t.true(none.links.some(({ href }) => href.endsWith(`/account/${page}`)), page)
})

test('one passkey is not enough, codes or a second one are', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const one = await owner.browser.open(path)
  t.regex(one.text, /1 passkey\. No recovery codes\. Codes by email are on\./)
  t.regex(one.text, /With a second passkey, or recovery codes/)
  t.deepEqual(one.links.filter(({ href }) => /passkey-create|recovery-codes/.test(href)).map(({ text }) => text), ['Add a passkey', 'Make recovery codes'])
  await change(rig, owner, { factors: { recovery_codes: { since: 1, left: 8 } }, passkeysOnlySince: 1 })
  t.regex((await owner.browser.open(path)).text, /1 passkey\. 8 recovery codes left\. Codes are off\. All good/)
})

test('an address that is not confirmed comes first, and the code is one press away', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { identifiers } = await rig.account(owner.accountId)
  await change(rig, owner, { identifiers: identifiers.map(({ verifiedAt: _, ...entry }) => entry) })
  const page = await owner.browser.open(path)
  t.regex(page.text, /Confirm your email, so that you can sign in next time/)
  t.regex((await owner.browser.submit(page, page.form('/account/identifier-confirm', 'Send me a code'))).url.pathname, /identifier-confirm/)
})

test('nobody signed in: the sign-in leads back to it; another language stays on it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const german = await owner.browser.open(path)
  const page = await owner.browser.submit(german, german.forms.find(({ action }) => action.endsWith('/language'))!, { values: { locale: 'de' } })
  t.is(page.heading, 'Ihr Konto')
  const visitor = { ...owner, browser: rig.newBrowser() }
  t.regex((await visitor.browser.open(path)).url.pathname, /^\/interaction\//)
})
