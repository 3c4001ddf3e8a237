/** Addresses and numbers of somebody who is signed in: added, confirmed, made main, removed, and disowned. */
import test, { type ExecutionContext } from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Mail } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, notMeLink, start, type Rig } from './rig.ts'

type Owner = Awaited<ReturnType<Rig['newOwner']>>

const minute = 60_000
const ways = '/account/ways'
const addEmail = '/account/identifier-add/email'

const codeIn = ({ text }: Mail): string => /^\s*(\d{6,8})\s*$/m.exec(text)?.[1] ?? ''

/** From the page with the field to the one after the code. */
async function add({ server }: Rig, { browser }: Pick<Visitor, 'browser'>, page: Page, email: string): Promise<Page> {
  const sent = await browser.submit(page, '/identifier-add/email', { values: { identifier: email } })
  return browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await server.mailTo(email)) } })
}

const openAdd = (owner: Pick<Visitor, 'browser'>) => owner.browser.open(addEmail)

async function mailsTo({ server }: Rig, email: string): Promise<Mail[]> {
  return (await server.outbox()).filter(({ to }) => to === email)
}

const emailsOf = async (rig: Rig, { accountId }: Owner) => (await rig.account(accountId)).identifiers.map(({ value }) => value)

const removeLink = (page: Page, email: string) => page.links.find(({ text }) => text === `Remove ${email}`)?.href ?? ''

test('another address: proven by its code, told to the one before, and on the page', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await add(rig, owner, await openAdd(owner), 'second@example.com')
  t.is(page.url.pathname, ways)
  t.true(page.text.includes('Added: second@example.com.'))
  const { identifiers } = await rig.account(owner.accountId)
  t.deepEqual(identifiers.map(({ value }) => value), [owner.email, 'second@example.com'])
  t.truthy(identifiers[1]?.verifiedAt)
  t.truthy(identifiers[1]?.addedAt)
  t.deepEqual(await rig.subjects(owner.email).then(all => all.length), 1)
  t.deepEqual(await rig.subjects('second@example.com'), [])
  t.deepEqual((await rig.changesOf(owner.accountId)).map(({ kind, subject }) => [kind, subject]), [['identifier_added', 'email:second@example.com']])
  t.false((await owner.browser.open(ways)).text.includes('Added:'), 'said once')
})

test('a proof that is too old: confirmed once more, and back at the page', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(6 * minute)
  const asked = await openAdd(owner)
  t.is(asked.heading, 'Confirm it is you')
  const page = await owner.usePasskey(asked)
  t.is(page.heading, 'Add an email')
})

test('a page that stood open too long does nothing with what is sent from it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await openAdd(owner)
  rig.server.advance(6 * minute)
  const answer = await owner.browser.submit(page, '/identifier-add/email', { values: { identifier: 'second@example.com' } })
  t.is(answer.heading, 'Confirm it is you')
  t.deepEqual(await mailsTo(rig, 'second@example.com'), [])
})

test('a code by email alone adds nothing to an account that has a passkey', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const intruder = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  await intruder.typeCode(await intruder.typeEmail(await rig.arrive(intruder)))
  t.is((await intruder.browser.open(ways)).heading, 'Ways to sign in')
  const asked = await openAdd(intruder)
  t.is(asked.heading, 'Confirm it is you')
  t.throws(() => asked.form('/email-otp'), undefined, 'no code will do')
  // Not by posting without looking either.
  const page = await intruder.browser.open(ways)
  const csrf = page.forms.find(({ action }) => action.endsWith('/account/language'))?.values['csrf'] ?? ''
  await intruder.browser.post(page, addEmail, new URLSearchParams({ csrf, identifier: 'evil@example.com' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  t.deepEqual(await mailsTo(rig, 'evil@example.com'), [])
  const ref = removeLink(page, owner.email)
  const removal = await intruder.browser.post(page, ref, new URLSearchParams({ csrf, remove: '1' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  t.not(removal.status, 200)
  t.deepEqual(await emailsOf(rig, owner), [owner.email])
})

test("somebody else's address: the same pages and the same mail, and nothing is told before the code is typed", async t => {
  const rig = await start(t)
  const [owner, other] = [await rig.newOwner(), await rig.newOwner()]
  const page = await openAdd(owner)
  const free = await owner.browser.submit(page, '/identifier-add/email', { values: { identifier: 'free@example.com' } })
  const taken = await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier: other.email } })
  const same = (text: string, email: string) => text.replaceAll(email, 'EMAIL')
  t.is(same(taken.text, other.email), same(free.text, 'free@example.com'))
  t.is(taken.status, free.status)
  const [first, second] = [await rig.server.mailTo('free@example.com'), (await mailsTo(rig, other.email))[0]!]
  const plain = (mail: Mail) => mail.text.replaceAll(codeIn(mail), 'CODE')
  t.is(plain(second), plain(first))
  const told = await owner.browser.submit(taken, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(second) } })
  t.true(told.text.includes('belongs to another account'))
  t.deepEqual(await emailsOf(rig, owner), [owner.email])
  t.deepEqual(await emailsOf(rig, other), [other.email])
})

test('what cannot be an address is said at the field, and what the account has too', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  for (const [identifier, words] of [['', 'Enter your email address.'], ['nobody', 'like name@example.com'], [owner.email.toUpperCase(), 'has this already']] as const) {
    const page = await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier } })
    t.is(page.status, 400)
    t.true(page.alerts.some(text => text.includes(words)), identifier)
    t.is(page.form('/identifier-add/email').values['identifier'], identifier)
  }
  t.is((await owner.browser.open('/account/identifier-add/phone')).status, 404, 'not used here')
  t.is((await owner.browser.open('/account/identifier-add/toString')).status, 404)
})

test('a wrong code says so; a new one can be asked for; what is long over is nowhere', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const sent = await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier: 'second@example.com' } })
  const code = codeIn(await rig.server.mailTo('second@example.com'))
  const wrong = code === '111111' ? '222222' : '111111'
  const again = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: wrong } })
  t.is(again.status, 400)
  t.true(again.alerts.some(text => text.includes('That code is not right')))
  const early = await owner.browser.submit(again, '/identifier-confirm', { button: 'Send a new code' })
  t.is(early.status, 429)
  rig.server.advance(31_000)
  const resent = await owner.browser.submit(early, '/identifier-confirm', { button: 'Send a new code' })
  t.true(resent.text.includes('We sent a new code'))
  rig.server.advance(31 * minute)
  const late = await owner.browser.submit(resent, '/identifier-confirm', { button: 'Continue', values: { code } })
  t.is(late.url.pathname, ways)
  t.deepEqual(await emailsOf(rig, owner), [owner.email])
})

test('a code that comes late still counts for what was asked for in time', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const sent = await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier: 'second@example.com' } })
  rig.server.advance(7 * minute)
  const page = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo('second@example.com')) } })
  t.true(page.text.includes('Added: second@example.com'))
})

test('two windows with one code: it is added once, and the second hears how it is now', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const sent = await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier: 'second@example.com' } })
  const values = { code: codeIn(await rig.server.mailTo('second@example.com')) }
  const pages = await Promise.all([1, 2].map(() => owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values })))
  t.deepEqual(pages.map(({ url }) => url.pathname), [ways, ways])
  t.deepEqual(await emailsOf(rig, owner), [owner.email, 'second@example.com'])
  t.is((await rig.changesOf(owner.accountId)).length, 1)
})

test('the code of one session is nothing in another', async t => {
  const rig = await start(t)
  const [owner, other] = [await rig.newOwner(), await rig.newOwner()]
  await owner.browser.submit(await openAdd(owner), '/identifier-add/email', { values: { identifier: 'second@example.com' } })
  const code = codeIn(await rig.server.mailTo('second@example.com'))
  const own = await other.browser.submit(await openAdd(other), '/identifier-add/email', { values: { identifier: 'third@example.com' } })
  const page = await other.browser.submit(own, '/identifier-confirm', { button: 'Continue', values: { code } })
  t.is(page.status, 400)
  t.deepEqual(await emailsOf(rig, other), [other.email])
})

test('making another one main takes the session alone', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await add(rig, owner, await openAdd(owner), 'second@example.com')
  rig.server.advance(6 * minute)
  const after = await owner.browser.submit(page, '/identifier-primary', { button: 'Make it the main address' })
  t.true(after.text.includes('second@example.com is now your main one.'))
  t.deepEqual(await emailsOf(rig, owner), ['second@example.com', owner.email])
})

test('removed: asked first, told to the address that goes, and stopped from there', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await add(rig, owner, await openAdd(owner), 'second@example.com')
  const asks = await owner.browser.open(removeLink(await owner.browser.open(ways), owner.email))
  t.is(asks.heading, `Remove ${owner.email}?`)
  const page = await owner.browser.submit(asks, asks.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Remove'))!)
  t.true(page.text.includes(`Removed: ${owner.email}. We told ${owner.email} too.`))
  t.deepEqual(await emailsOf(rig, owner), ['second@example.com'])

  const told = (await mailsTo(rig, owner.email))[0]!
  const reader = rig.newBrowser()
  const stopped = await reader.submit(await reader.open(notMeLink(told)), notMeLink(told).replace(rig.server.issuer, ''), { button: 'No, stop it' })
  t.is(stopped.heading, 'We stopped it')
  t.truthy((await rig.account(owner.accountId)).frozen)
})

test('"This was not me" about an addition takes the address away, and ends the session that added it', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  await add(rig, owner, await openAdd(owner), 'evil@example.com')
  const told = (await mailsTo(rig, owner.email))[0]!
  const reader = rig.newBrowser()
  await reader.submit(await reader.open(notMeLink(told)), notMeLink(told).replace(rig.server.issuer, ''), { button: 'No, stop it' })
  t.deepEqual(await emailsOf(rig, owner), [owner.email])
  t.is((await owner.browser.open(ways)).heading, 'Sign in')
})

test('the only address, where every account has to have one, stays', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const page = await owner.browser.open(removeLink(await owner.browser.open(ways), owner.email))
  t.true(page.text.includes('Every account here needs an email'))
  t.false(page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Remove')))
  t.true(page.links.some(({ href }) => href === addEmail))
})

test('what was removed in another window is not there any more', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await add(rig, owner, await openAdd(owner), 'second@example.com')
  const list = await owner.browser.open(ways)
  const asks = await owner.browser.open(removeLink(list, 'second@example.com'))
  const form = asks.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Remove'))!
  await owner.browser.submit(asks, form)
  const again = await owner.browser.submit(asks, form)
  t.is(again.url.pathname, ways)
  t.true(again.text.includes('This changed in another window'))
  const main = await owner.browser.submit(list, '/identifier-primary', { button: 'Make it the main address' })
  t.true(main.text.includes('This changed in another window'))
})

test('an address that was added a moment ago removes nothing older by its own code', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  await add(rig, owner, await openAdd(owner), 'evil@example.com')
  rig.server.advance(6 * minute)
  const intruder = createVisitor(rig.server, { email: 'evil@example.com' })
  await intruder.ignoreMail()
  const offer = await intruder.typeCode(await intruder.typeEmail(await rig.arrive(intruder)))
  if (!offer.elsewhere) await intruder.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const list = await intruder.browser.open(ways)
  t.is(list.heading, 'Ways to sign in')
  const asks = await intruder.browser.open(removeLink(list, owner.email))
  t.not(asks.heading, `Remove ${owner.email}?`)
  t.deepEqual(await emailsOf(rig, owner), [owner.email, 'evil@example.com'])
  rig.server.advance(day)
})

function csrfAttack(name: string, send: (t: ExecutionContext, rig: Rig, owner: Owner, page: Page) => Promise<{ status: number }>) {
  test(`refused: ${name}`, async t => {
    const rig = await start(t)
    const owner = await rig.newOwner()
    const answer = await send(t, rig, owner, await openAdd(owner))
    t.is(answer.status, 403)
    t.deepEqual(await mailsTo(rig, 'second@example.com'), [])
  })
}

const values = { identifier: 'second@example.com' }
csrfAttack('a form without its token', (_t, _rig, { browser }, page) => browser.submit(page, '/identifier-add/email', { values: { ...values, csrf: undefined } }))
csrfAttack("a form with somebody else's token", async (_t, rig, { browser }, page) => {
  const other = await openAdd(await rig.newOwner())
  return browser.submit(page, '/identifier-add/email', { values: { ...values, csrf: other.form('/identifier-add/email').values['csrf'] } })
})
csrfAttack('a form from another site', (_t, _rig, { browser }, page) => browser.submit(page, '/identifier-add/email', { values, headers: { 'sec-fetch-site': 'cross-site' } }))
csrfAttack('a form from another origin', (_t, _rig, { browser }, page) => browser.submit(page, '/identifier-add/email', { values, headers: { origin: 'https://evil.example' } }))
csrfAttack('a form of no origin', (_t, _rig, { browser }, page) => browser.submit(page, '/identifier-add/email', { values, headers: { origin: 'null' } }))

const pressRemove = (owner: Owner, asks: Page) => owner.browser.submit(asks, asks.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Remove'))!)

test('a removal and an addition that were disowned are undone by the passkey from before', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await add(rig, owner, await openAdd(owner), 'evil@example.com')
  await pressRemove(owner, await owner.browser.open(removeLink(await owner.browser.open(ways), owner.email)))
  t.deepEqual(await emailsOf(rig, owner), ['evil@example.com'])
  const [removal, addition] = await mailsTo(rig, owner.email)
  const reader = rig.newBrowser()
  for (const mail of [removal!, addition!]) {
    const page = await reader.open(notMeLink(mail))
    if (page.heading === 'Was this you?') await reader.submit(page, new URL(notMeLink(mail)).pathname, { button: 'No, stop it' })
  }
  t.deepEqual(await emailsOf(rig, owner), [], 'neither the one that came nor, for now, the one that went')
  const elsewhere = createVisitor(rig.server, owner)
  const decides = await elsewhere.usePasskey(await rig.arrive(elsewhere))
  await elsewhere.browser.submit(decides, '/freeze-notice', { button: 'Undo it' })
  t.deepEqual(await emailsOf(rig, owner), [owner.email])
  t.is((await rig.account(owner.accountId)).frozen, undefined)
  const { identifiers } = rig.server.foundation.storage
  t.not((await identifiers.get(`email:${owner.email}`))?.state, 'released')
  t.is((await identifiers.get('email:evil@example.com'))?.state, 'released')
})

test('removing what one is signed in by ends that sign-in, which is said before', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  await add(rig, owner, await openAdd(owner), 'second@example.com')
  const asks = await owner.browser.open(removeLink(await owner.browser.open(ways), owner.email))
  t.true(asks.text.includes('so you will be signed out'))
  const page = await pressRemove(owner, asks)
  t.not(page.heading, 'Ways to sign in')
  t.deepEqual(await emailsOf(rig, owner), ['second@example.com'])
  t.not((await owner.browser.open(ways)).heading, 'Ways to sign in')
})
