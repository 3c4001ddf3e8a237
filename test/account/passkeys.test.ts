/** The passkeys of an account: seen, added, named, preferred and removed on its own pages. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { signalIn } from '../login/creation-rig.ts'
import { notMeLink, start, type Rig } from './rig.ts'

const list = '/account/passkeys'
const create = '/account/passkey-create'
type Owner = Awaited<ReturnType<Rig['newOwner']>>

/** One more passkey, in another authenticator: the page after it. */
async function add(rig: Rig, owner: Owner, { path = create, ...settings }: { path?: string; attachment?: 'platform' | 'cross-platform'; transports?: string[] } = {}) {
  const another = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator(settings) })
  const page = await owner.browser.open(path)
  const form = page.passkeyForm('create')
  const response = another.authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  return { page, after: await owner.browser.submit(page, form, { values: { response: JSON.stringify(response) } }), authenticator: another.authenticator, form }
}

/** In a browser that knows nobody, with the passkey of the sign-up alone. */
async function signedInByPasskey(rig: Rig, owner: Owner) {
  const visitor = createVisitor(rig.server, owner)
  await visitor.usePasskey(await rig.arrive(visitor))
  return visitor
}

const passkeysOf = async (rig: Rig, { accountId }: Owner) =>
  (await rig.server.foundation.storage.passkeys.listByAccount(accountId)).filter(({ removedAt }) => removedAt === undefined).toSorted((a, b) => a.createdAt - b.createdAt)

test('each with its keeper, since when, where it was used last, and what can be done with it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(list)
  t.is(page.heading, 'Passkeys')
  t.regex(page.text, /This device/)
  t.regex(page.text, /Created /)
  t.regex(page.text, /Not used yet/)
  t.regex((await (await signedInByPasskey(rig, owner)).browser.open(list)).text, /Last used .*, Chrome on Linux/)
  t.true(page.links.some(({ text }) => text.startsWith('Rename')))
  t.true(page.links.some(({ text }) => text.startsWith('Remove')))
  t.false(page.text.includes('Make default'), 'there is nothing to choose between')
  t.regex(page.html, /data-signal="[^"]*accepted/)
  t.true(page.html.includes((await rig.account(owner.accountId)).userHandle))
})

test('another one is added where the guard says yes: recorded, told of, and it signs in', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { page, after, authenticator } = await add(rig, owner)
  t.is(page.heading, 'Add a passkey')
  t.is(after.url.pathname, list)
  t.regex(after.text, /Passkey added/)
  const [first, second, third] = await passkeysOf(rig, owner)
  t.truthy(first && second && !third)
  t.is(second?.enrolledAcr, 'phr')
  t.deepEqual((await rig.changesOf(owner.accountId)).map(({ kind, subject }) => [kind, subject]).at(-1), ['passkey_added', second?.id])
  const recorded = (await rig.server.foundation.storage.audit.query({ accountId: owner.accountId, limit: 50 })).find(({ type }) => type === 'passkey.created')
  t.like(recorded?.detail, { passkeyId: second?.id, synced: second?.backupEligible, enrolledAcr: 'phr', cooling: false, place: 'here' })
  t.deepEqual(await rig.subjects(owner.email), ['A passkey was added to your Latchkey account'])
  t.true(await rig.passkeyOpens({ email: owner.email, authenticator }))
})

test('the mail about it stops it, and the list says that it is paused', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { authenticator } = await add(rig, owner)
  const [mail] = await rig.server.outbox()
  const page = await owner.browser.open(new URL(notMeLink(mail!)).pathname)
  await owner.browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
  t.false(await rig.passkeyOpens({ email: owner.email, authenticator }))
  const again = createVisitor(rig.server, owner)
  const asked = await again.usePasskey(await rig.arrive(again))
  await again.browser.submit(asked, '/freeze-notice', { button: 'Decide later' })
  t.regex((await again.browser.open(list)).text, /Paused/)
})

test('without a fresh proof nothing is added, and the guard leads to one and back', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(create)
  const form = page.passkeyForm('create')
  const response = createAuthenticator().create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  rig.server.advance(6 * 60_000)
  const refused = await owner.browser.submit(page, form, { values: { response: JSON.stringify(response) } })
  t.is((await passkeysOf(rig, owner)).length, 1)
  t.regex(refused.url.pathname, /^\/interaction\//)
  t.is((await owner.usePasskey(refused)).url.pathname, create)
})

test('an answer of another session, an old one and one that comes twice make nothing', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { form, page } = await add(rig, owner)
  const again = createAuthenticator().create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  const second = await owner.browser.submit(page, form, { values: { response: JSON.stringify(again) } })
  t.regex(second.text, /changed in another window/)
  const stranger = await rig.newOwner()
  const fresh = await owner.browser.open(create)
  const theirs = createAuthenticator().create(JSON.parse(fresh.passkeyForm('create').data['options'] ?? ''), { origin: rig.server.issuer })
  const own = await stranger.browser.open(create)
  const refused = await stranger.browser.submit(own, own.passkeyForm('create'), { values: { response: JSON.stringify(theirs) } })
  t.is(refused.status, 400)
  t.is(refused.heading, 'No passkey was created')
  t.is((await passkeysOf(rig, stranger)).length, 1)
  t.is((await passkeysOf(rig, owner)).length, 2)
})

test('a dialog that was closed, and an authenticator that has one already, are said quietly', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(create)
  const closed = await owner.browser.submit(page, page.passkeyForm('create'), { values: { error: 'NotAllowedError', elapsed: '3000' } })
  t.is(closed.status, 200)
  t.is(closed.heading, 'No passkey was created')
  t.truthy(closed.passkeyForm('create'))
  const exists = await owner.browser.submit(closed, closed.passkeyForm('create'), { values: { error: 'InvalidStateError', elapsed: '3000' } })
  t.is(exists.url.pathname, list)
  t.regex(exists.text, /has a passkey for your account already/)
  t.is((await passkeysOf(rig, owner)).length, 1)
})

test('a dialog of a phone that was closed is opened for a phone again, and what its keeper says is said of it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(`${create}/elsewhere`)
  const fail = (at: Page, error: string) => owner.browser.submit(at, at.passkeyForm('create'), { values: { error, elapsed: '3000' } })
  const closed = await fail(page, 'NotAllowedError')
  const again = closed.passkeyForm('create')
  t.is(again.values['place'], 'elsewhere')
  t.deepEqual(JSON.parse(again.data['options'] ?? '').hints, ['hybrid', 'security-key'])
  t.is(again.buttons[0]?.text, 'Try again')
  const full = await fail(closed, 'ConstraintError')
  t.regex(full.text, /This security key cannot store another passkey, or has no PIN yet/)
  t.is(full.passkeyForm('create').values['place'], 'here', 'another key is in smaller print')
  t.true(full.links.some(({ text, href }) => text === 'Use a phone or security key' && href.endsWith('/elsewhere')))
  const noLock = await fail(full, 'ConstraintError')
  t.regex(noLock.text, /Set up a PIN, fingerprint or face on this device first/)
  t.regex((await fail(closed, 'InvalidStateError')).text, /That phone or security key has a passkey for your account already/)
  const kept = (await rig.server.foundation.storage.ceremonies.query({ accountId: owner.accountId, limit: 9 })).filter(({ outcome }) => outcome !== 'ok')
  t.deepEqual(kept.map(({ outcome, place }) => [outcome, place]), [['exists', 'elsewhere'], ['no_verification', 'here'], ['key_refused', 'elsewhere'], ['closed', 'elsewhere']])
  t.is((await passkeysOf(rig, owner)).length, 1)
})

for (const [crossDevice, phone] of [['minimize', false], ['standard', false], ['maximize', false], ['maximize', true]] as const) {
  test(`${crossDevice}${phone ? ' on a phone' : ''}: where one may be added, and what is asked for`, async t => {
    const rig = await start(t, { config: { passkeys: { crossDevice } } })
    const owner = await rig.newOwner({ passkey: false })
    const headers = phone ? { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1' } : {}
    const open = (path: string) => owner.browser.open(path, { headers })
    const buttons = (await open(list)).links.filter(({ href }) => href.includes('passkey-create')).map(({ text }) => text)
    t.deepEqual(buttons, {
      'minimize': ['Add a passkey'],
      'standard': ['Add a passkey', 'Use a phone or security key'],
      'maximize': phone ? ['Add a passkey', 'Use a phone or security key'] : ['Use a phone or security key', 'Add a passkey'],
    }[crossDevice])
    const optionsAt = async (path: string) => JSON.parse((await open(path)).passkeyForm('create').data['options'] ?? '')
    t.like(await optionsAt(create), { authenticatorSelection: { authenticatorAttachment: 'platform' }, hints: ['client-device'] })
    t.like(await optionsAt(`${create}/elsewhere`), crossDevice === 'minimize'
      ? { authenticatorSelection: { authenticatorAttachment: 'platform' } }
      : { authenticatorSelection: { authenticatorAttachment: 'cross-platform' }, hints: ['hybrid', 'security-key'] })
  })
}

test('minimize: one of a phone is not kept, its keeper hears so, and the next button is there', async t => {
  const rig = await start(t, { config: { passkeys: { crossDevice: 'minimize' } } })
  const owner = await rig.newOwner()
  const { after } = await add(rig, owner, { attachment: 'cross-platform', transports: ['hybrid'] })
  t.is(after.status, 400)
  t.regex(after.text, /Only a passkey on this device/)
  t.regex(after.html, /data-signal="[^"]*unknown/)
  t.truthy(after.passkeyForm('create'))
  t.is((await passkeysOf(rig, owner)).length, 1)
  t.deepEqual(await rig.changesOf(owner.accountId), [])
})

test('a name of one’s own, without script, and what is refused as one', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = (await owner.browser.open(list)).links.find(({ text }) => text.startsWith('Rename'))!
  const page = await owner.browser.open(link.href)
  t.regex(page.heading, /^Rename/)
  // The last one is short when it is typed, and three times as long in the form that is kept (NFC).
  for (const [name, sentence] of [[' ', 'Enter a name.'], ['\u200B', 'Enter a name.'], ['x'.repeat(65), 'at most 64'], ['\uFB2C'.repeat(64), 'at most 64']] as const) {
    const refused = await owner.browser.submit(page, page.form(page.url.pathname, 'Save'), { values: { name } })
    t.is(refused.status, 400)
    t.true(refused.text.includes(sentence))
    t.regex(refused.title, /^Error:/)
  }
  const done = await owner.browser.submit(page, page.form(page.url.pathname, 'Save'), { values: { name: '<b>Maya’s laptop' } })
  t.is(done.url.pathname, list)
  t.true(done.text.includes('<b>Maya’s laptop'))
  t.is((await passkeysOf(rig, owner))[0]?.name, '<b>Maya’s laptop')
})

test('of several one is the default, by a press', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { after } = await add(rig, owner)
  const [, second] = await passkeysOf(rig, owner)
  const forms = after.forms.filter(({ action }) => action.endsWith('/passkey-default'))
  t.is(forms.length, 2)
  const page = await owner.browser.submit(after, forms[1]!)
  t.regex(page.text, /is now your default passkey/)
  t.is((await rig.account(owner.accountId)).defaultPasskeyId, second?.id)
  t.is(page.forms.filter(({ action }) => action.endsWith('/passkey-default')).length, 1)

  rig.server.advance(6 * 60_000)
  const asked = await owner.browser.open('/account/passkey-create')
  const form = asked.passkeyForm('get')
  t.is(form.buttons[0]?.text, 'Confirm with Chrome on Linux 2')
  t.is((JSON.parse(form.data['options'] ?? '') as { allowCredentials: { id: string }[] }).allowCredentials[0]?.id, second?.id)
})

test('removing: said before what is lost, told afterwards, and it opens nothing more', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await add(rig, owner)
  const { browser } = await signedInByPasskey(rig, owner)
  const before = await browser.open(list)
  const [first] = await passkeysOf(rig, owner)
  const page = await browser.open(before.links.find(({ text }) => text.startsWith('Remove'))!.href)
  t.regex(page.heading, /^Remove .*\?$/)
  t.regex(page.text, /You signed in with it here, so you will be signed out/)
  const after = await browser.submit(page, page.form(page.url.pathname, 'Remove passkey'))
  t.regex(after.url.pathname, /^\/interaction\//, 'nothing else was proven in this session')
  t.is((await passkeysOf(rig, owner)).length, 1)
  t.false((await rig.account(owner.accountId)).credentialIds.includes(first!.id))
  t.is((await rig.subjects(owner.email))[0], 'A passkey was removed from your Latchkey account')
  t.false(await rig.passkeyOpens(owner))
})

test('the only way in stays, and the page says what to do first', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { accounts } = rig.server.foundation.storage
  await accounts.update(owner.accountId, account => ({ ...account, passkeysOnlySince: 1 }))
  const page = await owner.browser.open((await owner.browser.open(list)).links.find(({ text }) => text.startsWith('Remove'))!.href)
  t.regex(page.text, /This is your only way in/)
  t.false(page.forms.some(({ action }) => action.includes('passkey-remove')))
  const [passkey] = await passkeysOf(rig, owner)
  const { csrf } = page.forms.find(({ values }) => values['csrf'] !== undefined)!.values
  t.is((await owner.browser.post(page, page.url.pathname, new URLSearchParams({ csrf: csrf ?? '', remove: '1' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })).status, 409)
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, [passkey!.id])
})

test('two windows that each remove one of the last two: one is too late', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { after } = await add(rig, owner)
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, passkeysOnlySince: 1 }))
  const pages = []
  for (const { href } of after.links.filter(({ text }) => text.startsWith('Remove'))) pages.push(await owner.browser.open(href))
  t.is(pages.length, 2)
  await Promise.all(pages.map(page => owner.browser.submit(page, page.form(page.url.pathname, 'Remove passkey'))))
  const { credentialIds } = await rig.account(owner.accountId)
  t.is(credentialIds.length, 1)
  t.deepEqual((await passkeysOf(rig, owner)).map(({ id }) => id), credentialIds)
})

test('fifty are enough: then one has to go first, and the page says so', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { passkeys } = rig.server.foundation.storage
  const [first] = await passkeysOf(rig, owner)
  const insert = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => passkeys.insert({ ...first!, id: `${count}-${n}` })))
  await insert(48)
  const { after, form } = await add(rig, owner)
  t.is((await passkeysOf(rig, owner)).length, 50)
  t.false(after.links.some(({ href }) => href.endsWith(create)))
  t.true(after.text.includes('You can have 50 passkeys. Remove one to add another.'))

  const late = await owner.browser.submit(after, form, { values: { response: '{}' } })
  t.is(late.url.pathname, list)
  t.regex(late.text, /No passkey was added/)
  t.is((await owner.browser.open(create)).url.pathname, list)
  t.regex((await owner.browser.open(list, { headers: { 'accept-language': 'de' } })).text, /Sie können 50 Passkeys haben\. Entfernen Sie einen/)
  t.is((await passkeysOf(rig, owner)).length, 50)

  await passkeys.update('48-0', passkey => ({ ...passkey, removedAt: 1 }))
  await add(rig, owner)
  t.is((await passkeysOf(rig, owner)).length, 50, 'a removed one leaves its place')
})

test('fifty that were lost keep nobody from a new one by a recovery', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { passkeys, accounts } = rig.server.foundation.storage
  const [first] = await passkeysOf(rig, owner)
  await Promise.all(Array.from({ length: 49 }, (_, n) => passkeys.insert({ ...first!, id: `more-${n}` })))
  const lost = { ...owner, ...createVisitor(rig.server, { email: owner.email }) }
  await lost.ignoreMail()
  await lost.typeCode(await lost.typeEmail(await rig.arrive(lost)))
  const { deviceHash } = (await rig.changesOf(owner.accountId)).find(({ kind }) => kind === 'new_device')!
  await accounts.update(owner.accountId, account => ({ ...account, recovery: { id: 'r', startedAt: 1, readyAt: 1, expiresAt: Date.now() + 9e9, deviceHash, userAgent: '' } }))
  t.regex((await add(rig, lost)).after.text, /Passkey added/)
})

test('a removed passkey that may come back is not one that the browser may delete', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { after } = await add(rig, owner)
  const before = await passkeysOf(rig, owner)
  const { href } = after.links.filter(({ text }) => text.startsWith('Remove')).at(-1)!
  const page = await owner.browser.open(href)
  const listed = await owner.browser.submit(page, page.form(page.url.pathname, 'Remove passkey'))
  t.is((await passkeysOf(rig, owner)).length, 1)
  t.deepEqual(signalIn(listed)?.['accepted'], before.map(({ id }) => id))
})

test('nobody reaches a passkey of somebody else by its address', async t => {
  const rig = await start(t)
  const [owner, stranger] = [await rig.newOwner(), await rig.newOwner()]
  const { href } = (await owner.browser.open(list)).links.find(({ text }) => text.startsWith('Rename'))!
  for (const path of [href, href.replace('rename', 'remove')]) {
    const page = await stranger.browser.open(path)
    t.is(page.url.pathname, list)
    t.regex(page.text, /changed in another window/)
  }
})
