/** "This was not me": from the mail to the change that is stopped, by whoever reads the mail, and no further. */
import test from 'ava'
import type { Change, ChangeKind } from '../../src/storage/types.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, hour, notMeLink, start, ticketIn, type Rig } from './rig.ts'

const stop = 'No, stop it'
const itWasMe = 'Yes, it was me'

/** Somebody else adds a passkey to the account, by a help link that came into wrong hands. */
async function intrude(rig: Rig, owner: { email: string; accountId: string }) {
  const authenticator = createAuthenticator()
  const browser = rig.newBrowser()
  const link = await rig.enrolLink(owner.accountId)
  const intro = await browser.open(link)
  const offer = await browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!)
  const form = offer.passkeyForm('create')
  const response = authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  await browser.submit(offer, form, { values: { response: JSON.stringify(response) } })
  const mails = await rig.server.outbox()
  const mail = mails.find(({ to, subject }) => to === owner.email && subject.startsWith('A passkey was added'))
  return { authenticator, browser, link: notMeLink(mail!), id: authenticator.credentials[0]!.id }
}

const answer = (browser: HttpBrowser, page: Page, button: string, submission = {}) => browser.submit(page, page.form(page.url.pathname, button), { button, ...submission })

/** A change and the link of its notice, without the long way that leads to it. */
async function withChange(rig: Rig, accountId: string, kind: ChangeKind, more: Partial<Change> = {}) {
  const { changes, clock } = rig.server.foundation.storage
  const at = clock.now()
  const change: Change = { id: `change-${Math.random()}`, accountId, at, kind, deviceHash: 'd', userAgent: 'Firefox on Windows', until: at + 7 * day, ...more }
  await changes.insert(change)
  const ticket = await rig.tickets.issue({ purpose: 'not_me', accountId, changeId: change.id, life: 7 * day })
  return { change, link: `${rig.server.issuer}/account/not-me/${ticket}` }
}

const passkey = (rig: Rig, id: string) => rig.server.foundation.storage.passkeys.get(id)

test('the mail leads to a question; "no" pauses the passkey, tells everybody, and touches nothing older', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner)
  t.true(await rig.passkeyOpens({ email: owner.email, authenticator: thief.authenticator }))

  const browser = rig.newBrowser()
  const page = await browser.open(thief.link)
  t.like(page, { status: 200, heading: 'Was this you?' })
  t.regex(page.html, /A passkey was added to your account\./)
  t.regex(page.html, /<time datetime="20\d\d-[^"]+"/)
  t.regex(page.html, /Chrome on Linux/)
  t.false(page.text.includes(owner.email), 'no address of the account before a proof')
  t.true(page.text.includes(`Account ${owner.email[0]}…${owner.email.slice(owner.email.indexOf('@'))}`), 'but which account it is')
  t.is(page.headers['cache-control'], 'no-store')
  t.is(page.headers['referrer-policy'], 'same-origin')
  t.is(page.headers['set-cookie'], undefined, 'who reads a mail is not marked for it')

  const stopped = await answer(browser, page, stop)
  t.like(stopped, { status: 200, heading: 'We stopped it' })
  t.regex(stopped.html, /The new passkey is paused/)
  t.regex(stopped.html, /You have a passkey from before\?/)
  t.is(stopped.url.href, thief.link)

  t.truthy((await passkey(rig, thief.id))?.frozenAt)
  t.false(await rig.passkeyOpens({ email: owner.email, authenticator: thief.authenticator }))
  const { frozen, credentialIds } = await rig.account(owner.accountId)
  t.is(frozen?.changeIds.length, 1)
  t.deepEqual(credentialIds, owner.authenticator.credentials.map(({ id }) => id))
  t.true((await rig.subjects(owner.email)).includes('Your sign-in details at Latchkey changed'))
  const [told] = (await rig.server.outbox()).filter(({ text }) => text.includes('so we stopped it'))
  t.is(told?.to, owner.email)
})

test('looking stops nothing, as often as it is done', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner)
  for (let i = 0; i < 5; i++) t.is((await rig.newBrowser().open(thief.link)).heading, 'Was this you?')
  t.is((await passkey(rig, thief.id))?.frozenAt, undefined)
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('"yes" changes nothing, and the link goes on working', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner)
  const browser = rig.newBrowser()
  const fine = await answer(browser, await browser.open(thief.link), itWasMe)
  t.like(fine, { status: 200, heading: 'Good, nothing to do' })
  t.true(await rig.passkeyOpens({ email: owner.email, authenticator: thief.authenticator }))
  t.is((await answer(browser, await browser.open(thief.link), stop)).heading, 'We stopped it')
})

test('pressed twenty times at once, in as many browsers: stopped once, told of once', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner)
  const browsers = Array.from({ length: 20 }, () => rig.newBrowser())
  const pages = await Promise.all(browsers.map(browser => browser.open(thief.link)))
  const answers = await Promise.all(browsers.map((browser, i) => answer(browser, pages[i]!, stop)))
  t.deepEqual([...new Set(answers.map(({ heading }) => heading))], ['We stopped it'])
  t.is((await rig.account(owner.accountId)).frozen?.changeIds.length, 1)
  t.is((await rig.server.outbox()).filter(({ text }) => text.includes('so we stopped it')).length, 1)
  const audit = await rig.server.foundation.storage.audit.query({ accountId: owner.accountId, limit: 100 })
  t.is(audit.filter(({ type }) => type === 'change.frozen').length, 1)

  // a page that was open all along cannot take it back
  t.is((await answer(browsers[0]!, pages[0]!, itWasMe)).heading, 'We stopped it')
  t.is((await rig.newBrowser().open(thief.link)).heading, 'We stopped it')
})

test('an answer that another site sends does nothing', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner)
  const other = await withChange(rig, owner.accountId, 'new_device')
  const browser = rig.newBrowser()
  const page = await browser.open(thief.link)
  const foreignToken = (await browser.open(other.link)).form(new URL(other.link).pathname, stop).values['csrf']
  for (const attempt of [
    { values: { csrf: undefined } },
    { values: { csrf: 'x' } },
    { values: { csrf: foreignToken } },
    { headers: { 'sec-fetch-site': 'cross-site' } },
    { headers: { origin: 'https://evil.example' } },
    { headers: { origin: 'null' } },
  ]) {
    const refused = await answer(browser, page, stop, attempt)
    t.is(refused.status, 403, JSON.stringify(attempt))
    t.regex(refused.html, /Continue/)
  }
  for (const values of [{ answer: undefined }, { answer: 'NO' }, { answer: '' }]) t.is((await answer(browser, page, stop, { values })).heading, 'Was this you?')
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('links that are none: malformed, of another purpose, of another account, too old', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { link, change } = await withChange(rig, owner.accountId, 'new_device')
  const base = `${rig.server.issuer}/account/not-me`
  const wrongAccount = await rig.tickets.issue({ purpose: 'not_me', accountId: 'somebody else', changeId: change.id, life: day })
  const noChange = await rig.tickets.issue({ purpose: 'not_me', accountId: owner.accountId, life: day })
  const goneChange = await rig.tickets.issue({ purpose: 'not_me', accountId: owner.accountId, changeId: 'gone', life: day })
  const browser = rig.newBrowser()
  const early = await browser.open(link)
  for (const ticket of [ticketIn(await rig.enrolLink(owner.accountId)), wrongAccount, noChange, goneChange, 'x', 'A'.repeat(43), 'A'.repeat(2000), '%00', 'toString', `${ticketIn(link)}x`]) {
    const page = await browser.open(`${base}/${ticket}`)
    t.like(page, { status: 410, heading: 'This link is too old' }, ticket)
  }
  rig.server.advance(7 * day)
  t.like(await browser.open(link), { status: 410, heading: 'This link is too old' })
  t.like(await answer(browser, early, stop), { status: 410, heading: 'This link is too old' })
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('what was decided since is not stopped any more', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { link, change } = await withChange(rig, owner.accountId, 'new_device')
  const browser = rig.newBrowser()
  const early = await browser.open(link)
  await rig.server.foundation.storage.changes.update(change.id, current => ({ ...current, settled: { at: 1, how: 'confirmed' } }))
  t.is((await browser.open(link)).heading, 'This was decided already')
  t.is((await answer(browser, early, stop)).heading, 'This was decided already')
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('a sign-in that was somebody else: their session ends and cannot come back by itself, the owner stays signed in', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(hour)
  const thief = createVisitor(rig.server, { email: owner.email, script: false })
  t.true((await thief.typeCode(await thief.typeEmail(await rig.arrive(thief)))).elsewhere)
  const silently = async (visitor: Visitor) => {
    const authorization = await rig.app.authorize({ prompt: 'none' })
    return (await visitor.arrive(authorization)).url.searchParams.get('error')
  }
  t.is(await silently(thief), null)
  t.is(await silently(owner), null)

  const mail = (await rig.server.outbox()).find(({ to, subject }) => to === owner.email && subject.startsWith('New sign-in'))
  const browser = rig.newBrowser()
  const question = await browser.open(notMeLink(mail!))
  t.regex(question.html, /Somebody signed in on a device that was new to us/)
  t.regex((await answer(browser, question, stop)).html, /That device is signed out/)
  t.is(await silently(thief), 'login_required')
  t.is(await silently(owner), null)
})

test('each kind of change has its question and its answer', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const kinds: ChangeKind[] = [
    'passkey_removed', 'identifier_added', 'identifier_removed', 'method_added', 'method_removed', 'recovery_codes_made',
    'recovery_code_used', 'recovery_started', 'passkeys_only_on', 'passkeys_only_off', 'new_device',
  ]
  for (const kind of kinds) {
    const { link } = await withChange(rig, owner.accountId, kind, kind === 'identifier_added' ? { subject: 'email:sam@example.org' } : {})
    const browser = rig.newBrowser()
    const page = await browser.open(link)
    t.is(page.heading, 'Was this you?', kind)
    t.regex(page.html, /Firefox on Windows/)
    if (kind === 'identifier_added') t.regex(page.text, /sam@example\.org/)
    t.is((await answer(browser, page, stop)).heading, 'We stopped it', kind)
  }
  t.is((await rig.account(owner.accountId)).frozen?.changeIds.length, kinds.length)
  const older = owner.authenticator.credentials[0]!.id
  t.is((await passkey(rig, older))?.frozenAt, undefined, 'what is older stands')
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, [older])
})

test('in German it is the same page; the ticket is in no log line', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const { link } = await withChange(rig, owner.accountId, 'passkey_added')
  const browser = rig.newBrowser()
  const page = await browser.open(link)
  const german = await browser.submit(page, page.forms.find(({ action }) => action.endsWith('/language'))!, { values: { locale: 'de' } })
  t.is(german.heading, 'Waren Sie das?')
  t.is(german.url.href, link)
  await browser.submit(page, page.form(page.url.pathname, stop), { headers: { origin: 'null' } })
  await browser.post(page, link, 'x', { 'content-type': 'text/plain' })
  await answer(browser, german, 'Nein, stoppen')
  t.false(rig.server.log.join('\n').includes(ticketIn(link)))
  t.true(rig.server.log.some(line => line.includes('"/account/not-me/:ticket"')))
})
