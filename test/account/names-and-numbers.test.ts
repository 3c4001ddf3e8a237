/** Usernames and phone numbers of somebody who is signed in. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import type { Mail } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { start, type Rig } from './rig.ts'

const minute = 60_000
const ways = '/account/ways'
const allKinds = {
  config: {
    identifiers: {
      email: { signIn: true, signUp: 'optional' as const },
      phone: { signIn: true, signUp: 'optional' as const, defaultRegion: 'GB', max: 1 },
      username: { signIn: true, signUp: 'optional' as const },
    },
  },
}

/** Signed up by an address alone, although more is asked for. */
async function newOwner(rig: Rig, { passkey = true } = {}): Promise<Visitor & { accountId: string }> {
  const visitor = createVisitor(rig.server)
  const { browser, email } = visitor
  const form = await browser.submit(await rig.arrive(visitor), '/identifier', { button: 'Create an account' })
  const offer = await visitor.typeCode(await browser.submit(form, '/sign-up', { values: { email, capabilities: JSON.stringify({ webauthn: true, platform: true }) } }))
  await browser.submit(passkey ? await visitor.createPasskey(offer) : offer, '/passkey-create', { button: passkey ? 'Continue to Example Shop' : 'Not now' })
  await visitor.ignoreMail()
  const identifier = await rig.server.foundation.storage.identifiers.get(`email:${email}`)
  return { ...visitor, accountId: identifier?.accountId ?? '' }
}

const entries = async (rig: Rig, accountId: string) => (await rig.account(accountId)).identifiers.map(({ kind, value }) => `${kind}:${value}`)
const codeIn = ({ text }: Pick<Mail, 'text'>): string => /\b(\d{6,8})\b/.exec(text)?.[1] ?? ''

test('a username is taken at once by who is first, told by mail, and changed in one step', async t => {
  const rig = await start(t, allKinds)
  const owner = await newOwner(rig)
  const form = await owner.browser.open('/account/identifier-add/username')
  t.is(form.heading, 'Choose a username')
  const page = await owner.browser.submit(form, '/identifier-add/username', { values: { identifier: 'Maya' } })
  t.is(page.url.pathname, ways)
  t.true(page.text.includes('Added: maya.'))
  t.deepEqual(await entries(rig, owner.accountId), [`email:${owner.email}`, 'username:maya'])

  const other = await newOwner(rig)
  const taken = await other.browser.submit(await other.browser.open('/account/identifier-add/username'), '/identifier-add/username', { values: { identifier: 'maya' } })
  t.is(taken.status, 400)
  t.true(taken.alerts.some(text => text.includes('This name is taken')))

  const change = await owner.browser.open('/account/identifier-add/username')
  t.is(change.heading, 'Change your username')
  await owner.browser.submit(change, '/identifier-add/username', { values: { identifier: 'maya2' } })
  t.deepEqual(await entries(rig, owner.accountId), [`email:${owner.email}`, 'username:maya2'])
  t.deepEqual((await rig.changesOf(owner.accountId)).map(({ kind, subject }) => `${kind} ${subject}`).slice(-2), ['identifier_added username:maya2', 'identifier_removed username:maya'])
  const held = await other.browser.submit(taken, '/identifier-add/username', { values: { identifier: 'maya' } })
  t.is(held.status, 400, 'nobody can have it for a while')
})

test('three usernames in a week, since each that is given up is kept from everybody for as long', async t => {
  const rig = await start(t, allKinds)
  const owner = await newOwner(rig)
  const { storage } = rig.server.foundation
  const take = async (name: string) => owner.browser.submit(await owner.browser.open('/account/identifier-add/username'), '/identifier-add/username', { values: { identifier: name } })
  const other = await newOwner(rig)
  await other.browser.submit(await other.browser.open('/account/identifier-add/username'), '/identifier-add/username', { values: { identifier: 'theirs' } })
  t.is((await take('theirs')).status, 400, 'what is taken by somebody else does not count')
  for (const name of ['first', 'second', 'third']) t.true((await take(name)).text.includes(`Added: ${name}.`))
  const refused = await take('fourth')
  t.is(refused.status, 429)
  t.true(refused.alerts.some(text => text.includes('Try again in 7 days.')), refused.alerts.join())
  t.is(refused.form('/identifier-add/username').values['identifier'], 'fourth')
  t.is(await storage.identifiers.get('username:fourth'), undefined)
  t.deepEqual(await entries(rig, owner.accountId), [`email:${owner.email}`, 'username:third'])

  const list = await owner.browser.open(ways)
  const asks = await owner.browser.open(list.links.find(({ text }) => text === 'Remove third')?.href ?? '')
  await owner.browser.submit(asks, asks.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Remove'))!)
  t.deepEqual(await entries(rig, owner.accountId), [`email:${owner.email}`])
  t.is((await take('fourth')).status, 429, 'nor by removing it first')

  rig.server.advance(7 * 24 * 60 * minute)
  const back = await owner.usePasskey(await owner.browser.open('/account/identifier-add/username'))
  const done = await owner.browser.submit(back, '/identifier-add/username', { values: { identifier: 'fourth' } })
  t.true(done.text.includes('Added: fourth.'))
})

test('a number is proven by a text message', async t => {
  const rig = await start(t, allKinds)
  const owner = await newOwner(rig)
  const form = await owner.browser.open('/account/identifier-add/phone')
  const sent = await owner.browser.submit(form, '/identifier-add/phone', { values: { identifier: '07911 123456' } })
  t.is(sent.heading, 'Confirm your mobile number')
  t.true(sent.text.includes('+44 7911 123456'))
  t.true(sent.links.some(({ href, text }) => href === '/dev/outbox' && text === 'built-in mailbox'), 'nobody sends texts here')
  const text = await rig.server.mailTo('+447911123456')
  t.regex(text.text, /^\d{6} is your Latchkey code\. It works/)
  const page = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(text) } })
  t.true(page.text.includes('Added: +44 7911 123456.'))
  t.true(page.text.includes('Remove one to add another'))
  t.is((await owner.browser.open('/account/identifier-add/phone')).url.pathname, ways)
  const again = await owner.browser.submit(form, '/identifier-add/phone', { values: { identifier: '07911 123457' } })
  t.true(again.text.includes('This changed in another window'))
  t.deepEqual(await entries(rig, owner.accountId), [`email:${owner.email}`, 'phone:+447911123456'], 'no more than config says')
})

test('a code that is mailed says from which country it was asked for, in words', async t => {
  const server = { trustedProxies: ['127.0.0.1', '::1'], location: { country: 'CF-IPCountry' } }
  const rig = await start(t, { config: { ...allKinds.config, server } })
  const owner = await newOwner(rig)
  const form = await owner.browser.open('/account/identifier-add/email')
  await owner.browser.submit(form, '/identifier-add/email', { values: { identifier: 'more@example.com' }, headers: { 'cf-ipcountry': 'GB' } })
  const { text } = await rig.server.mailTo('more@example.com')
  t.true(text.includes('United Kingdom'), text)
  t.false(/\bGB\b/.test(text))
})

test('the last way in stays; with a passkey it may go', async t => {
  const rig = await start(t, allKinds)
  const owner = await newOwner(rig, { passkey: false })
  const list = await owner.browser.open(ways)
  const page = await owner.browser.open(list.links.find(({ text }) => text.startsWith('Remove'))?.href ?? '')
  t.true(page.text.includes('Without it nothing could open your account'))
  const other = await newOwner(rig)
  const second = await other.browser.open((await other.browser.open(ways)).links.find(({ text }) => text.startsWith('Remove'))?.href ?? '')
  t.true(second.text.includes('After that your passkeys are your only way in.'))
})

test('what one app lets people sign in with opens the account\'s pages too, and can be added there', async t => {
  const kiosk = { ...shop, client_id: 'kiosk', redirect_uris: ['http://localhost:8/kiosk'], latchkey: { firstParty: true, identifiers: { phone: { signIn: true } } } }
  const config = { identifiers: { email: { signUp: 'optional' as const }, phone: { signUp: 'optional' as const, defaultRegion: 'GB' }, username: { signUp: 'optional' as const } } }
  const rig = await start(t, { clients: [shop, kiosk], config })
  const owner = await newOwner(rig, { passkey: false })
  const list = await owner.browser.open(ways)
  const remove = list.links.find(({ text }) => text.startsWith('Remove'))?.href ?? ''
  const sent = await owner.browser.submit(await owner.browser.open('/account/identifier-add/phone'), '/identifier-add/phone', { values: { identifier: '07911 123456' } })
  await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo('+447911123456')) } })
  t.false((await owner.browser.open(remove)).text.includes('Without it nothing could open your account'), 'the number can be typed somewhere')

  const elsewhere = createVisitor(rig.server)
  const page = await elsewhere.browser.submit(await elsewhere.browser.open(ways), '/identifier', { button: 'Continue', values: { identifier: '07911 123456' } })
  t.is(page.heading, 'Check your phone')
})

test('what no app lets anybody sign in with does not let the last address go', async t => {
  const config = { identifiers: { email: { signUp: 'optional' as const }, phone: { signUp: 'optional' as const, defaultRegion: 'GB' } } }
  const rig = await start(t, { config })
  const owner = await newOwner(rig, { passkey: false })
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, identifiers: [...account.identifiers, { kind: 'phone', value: '+447911123456', verifiedAt: 1 }] }))
  const page = await owner.browser.open((await owner.browser.open(ways)).links.find(({ text }) => text.startsWith('Remove'))?.href ?? '')
  t.true(page.text.includes('Without it nothing could open your account'))
})
