/** Adding a passkey: what the browser is asked, and what it is called afterwards. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { start, type Rig } from './rig.ts'

const path = '/account/passkey-create'
type Owner = Awaited<ReturnType<Rig['newOwner']>>

const passkeysOf = (rig: Rig, { accountId }: Owner) => rig.server.foundation.storage.passkeys.listByAccount(accountId)

async function add(rig: Rig, { browser }: Owner) {
  const page = await browser.open(path)
  const form = page.passkeyForm('create')
  const response = createAuthenticator().create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  return browser.submit(page, form, { values: { response: JSON.stringify(response) } })
}

test('authenticators that have one are named to the browser; one that was removed may be made anew, and counts in no name', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const [first] = await passkeysOf(rig, owner)
  t.regex((await add(rig, owner)).text, /Passkey added: Chrome on Linux 2/)
  const second = (await passkeysOf(rig, owner)).find(({ id }) => id !== first?.id)!
  await rig.server.foundation.storage.passkeys.update(second.id, passkey => ({ ...passkey, removedAt: rig.server.foundation.storage.clock.now() }))
  const options = JSON.parse((await owner.browser.open(path)).passkeyForm('create').data['options'] ?? '') as { excludeCredentials: { id: string }[] }
  t.deepEqual(options.excludeCredentials.map(({ id }) => id), [first?.id])
  const after = await add(rig, owner)
  t.regex(after.text, /Passkey added: Chrome on Linux 2/)
})
