/** A passkey that the server no longer knows, or that this browser does not show: what is said, and what the browser is told. */
import test from 'ava'
import { asked, buttonsOf, fail, screenOf, start } from './passkey-first-rig.ts'

const signalIn = (html: string) => {
  const json = /data-signal="([^"]*)"/.exec(html)?.[1]?.replaceAll('&quot;', '"').replaceAll('&#34;', '"')
  return json === undefined ? undefined : JSON.parse(json)
}

test('no account has it: the browser is told to drop it, on the first page', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const { id } = owner.authenticator.credentials[0]!
  await rig.server.foundation.storage.passkeys.delete(id)
  const stranger = rig.elsewhere(owner)
  const page = await stranger.usePasskey(await rig.arrive(stranger))
  t.is(screenOf(page), '')
  t.regex(page.text, /This passkey was removed from your account/)
  t.deepEqual(signalIn(page.html), { rpId: 'localhost', unknown: id })
  t.is((await stranger.typeEmail(page)).heading, 'Check your email')
})

test('… and on the page of somebody who is named', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const { id } = owner.authenticator.credentials[0]!
  await rig.server.foundation.storage.passkeys.delete(id)
  const stranger = rig.elsewhere(owner)
  const page = await stranger.usePasskey(await stranger.typeEmail(await rig.arrive(stranger)))
  t.is(page.heading, 'This passkey was removed from your account')
  t.deepEqual(buttonsOf(page).slice(0, 2), [`Send a code to ${owner.email}`, 'Use another passkey'])
  t.deepEqual(signalIn(page.html), { rpId: 'localhost', unknown: id })
  t.deepEqual(asked(page).allowCredentials, [])
})

test('one whose removal can be undone: the same words, and the browser keeps it', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('icloud')
  await rig.change(owner, { removedAt: 1 })
  const stranger = rig.elsewhere(owner)
  const page = await stranger.usePasskey(await stranger.typeEmail(await rig.arrive(stranger)))
  t.is(page.heading, 'This passkey was removed from your account')
  t.regex(page.text, /Delete it in Apple Passwords too/)
  t.is(signalIn(page.html), undefined)
})

test('gone from the account in the browser that used it: a code leads, and its id is not asked for', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner()
  const identifier = await rig.server.foundation.storage.identifiers.get(`email:${owner.email}`)
  await rig.change(owner, { removedAt: 1 })
  await rig.server.foundation.storage.accounts.update(identifier!.accountId, (account) => ({ ...account, credentialIds: [] }))
  const page = await owner.typeEmail(await rig.arrive(owner))
  t.is(page.heading, 'Check your email')
  t.deepEqual((await rig.decisions())[0], { show: 'other_method_first', crossDevice: true, reason: 'gone', words: 'the passkey that was used in this browser is no longer one of the account' })
})

test('this browser used one that it does not show now: where it should be, and what to check', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('icloud', 'safariMac')
  const page = await owner.typeEmail(await rig.arrive(owner))
  const failed = await fail(owner, page, 'NotAllowedError', 200)
  t.is(failed.heading, 'Your passkey should be in Apple Passwords, but this device does not show it')
  t.regex(failed.text, /Check that you are signed in to iCloud and that syncing is on/)
  t.deepEqual(buttonsOf(failed).slice(0, 2), [`Send a code to ${owner.email}`, 'Try the passkey again'])
})

test('… in a password manager: it may be locked, and once more comes first', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('manager')
  const failed = await fail(owner, await owner.typeEmail(await rig.arrive(owner)), 'NotAllowedError', 200)
  t.is(failed.heading, 'Unlock your password manager, then try again')
  t.regex(failed.text, /should be in 1Password/)
  t.deepEqual(buttonsOf(failed).slice(0, 2), ['Try the passkey again', `Send a code to ${owner.email}`])
})

test('a browser without a record of theirs: there is none here, and a phone may have it', async (t) => {
  const rig = await start(t)
  const owner = await rig.owner('icloud', 'safariMac')
  const stranger = rig.elsewhere(owner, 'safariMac')
  const failed = await fail(stranger, await stranger.typeEmail(await rig.arrive(stranger)), 'NotAllowedError', 200)
  t.is(failed.heading, 'There is no passkey for Latchkey on this device')
  t.deepEqual(buttonsOf(failed).slice(0, 2), [`Send a code to ${owner.email}`, 'Use my phone or a security key'])
  const first = await fail(owner, await rig.arrive(owner), 'NotAllowedError', 200)
  t.notRegex(first.text, /There is no passkey/, 'nobody is named, but this browser knows whose it was')
})
