/** Somebody who signed up and has proven nothing yet: the account tells them, and lets them put a slip right. */
import test from 'ava'
import type { Mail } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { start, type Rig } from './rig.ts'

const ways = '/account/ways'
const minute = 60_000
const later = { config: { verification: { strategy: 'before_first_login' as const } } }

const codeIn = ({ text }: Mail): string => /^\s*(\d{6,8})\s*$/m.exec(text)?.[1] ?? ''

/** Straight in: nothing was proven. */
async function signUp(rig: Rig, email: string): Promise<Visitor & { accountId: string }> {
  const visitor = createVisitor(rig.server, { email })
  const form = await visitor.browser.submit(await rig.arrive(visitor), '/identifier', { button: 'Create an account' })
  const page = await visitor.browser.submit(form, '/sign-up', { values: { identifier: email, capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  const left = page.elsewhere ? page : await visitor.browser.submit(page, '/passkey-create', { button: 'Not now' })
  if (!left.elsewhere) throw new Error(`not in: ${page.heading}`)
  const identifier = await rig.server.foundation.storage.identifiers.get(`email:${email}`)
  return { ...visitor, accountId: identifier?.accountId ?? '' }
}

const identifiersOf = async (rig: Rig, { accountId }: { accountId: string }) => (await rig.account(accountId)).identifiers

test('the bar asks for the proof, and one code ends it', async t => {
  const rig = await start(t, later)
  const owner = await signUp(rig, 'new@example.com')
  const page = await owner.browser.open(ways)
  t.true(page.text.includes('Confirm your email, so that you can sign in next time.'))
  const sent = await owner.browser.submit(page, '/identifier-confirm', { button: 'Send me a code' })
  t.is(sent.heading, 'Confirm your email')
  const done = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo('new@example.com')) } })
  t.true(done.text.includes('Confirmed: new@example.com.'))
  t.false(done.text.includes('so that you can sign in next time'))
  t.truthy((await identifiersOf(rig, owner))[0]?.verifiedAt)
})

test('a typing mistake is put right, however long the page stood open', async t => {
  const rig = await start(t, later)
  const owner = await signUp(rig, 'nwe@example.com')
  rig.server.advance(10 * minute)
  const list = await owner.browser.open(ways)
  const form = await owner.browser.open(list.links.find(({ text }) => text.startsWith('Correct a typo'))?.href ?? '')
  t.is(form.heading, 'Correct your email')
  const sent = await owner.browser.submit(form, form.forms.find(({ values }) => values['identifier'] !== undefined)!, { values: { identifier: 'new@example.com' } })
  t.is(sent.heading, 'Confirm your email')
  t.deepEqual((await identifiersOf(rig, owner)).map(({ value }) => value), ['nwe@example.com'], 'nothing before it is proven')
  const done = await owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo('new@example.com')) } })
  t.true(done.text.includes('Corrected and confirmed: new@example.com.'))
  const [entry] = await identifiersOf(rig, owner)
  t.is(entry?.value, 'new@example.com')
  t.truthy(entry?.verifiedAt)
})

test('a slip is not put right into what somebody else has, and that is told only to who proves it', async t => {
  const rig = await start(t, later)
  const other = await signUp(rig, 'other@example.com')
  const sentThere = await other.browser.submit(await other.browser.open(ways), '/identifier-confirm', { button: 'Send me a code' })
  await other.browser.submit(sentThere, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo('other@example.com')) } })
  await other.ignoreMail()
  const owner = await signUp(rig, 'slip@example.com')
  const list = await owner.browser.open(ways)
  const form = await owner.browser.open(list.links.find(({ text }) => text.startsWith('Correct a typo'))?.href ?? '')
  rig.server.advance(16 * minute)
  const sent = await owner.browser.submit(form, form.forms.find(({ values }) => values['identifier'] !== undefined)!, { values: { identifier: 'other@example.com' } })
  t.is(sent.heading, 'Confirm your email')
  t.false(sent.text.includes('another account'))
  t.deepEqual((await identifiersOf(rig, owner)).map(({ value }) => value), ['slip@example.com'])
})

test('whoever has proven nothing adds nothing else before they have', async t => {
  const rig = await start(t, later)
  const owner = await signUp(rig, 'new@example.com')
  rig.server.advance(10 * minute)
  const asked = await owner.browser.open('/account/identifier-add/email')
  t.not(asked.heading, 'Add an email')
  t.true(asked.url.pathname.startsWith('/interaction/'))
})

test('in another browser an unproven account is nobody to correct it', async t => {
  const rig = await start(t, later)
  const owner = await signUp(rig, 'new@example.com')
  const account = await rig.account(owner.accountId)
  await rig.server.foundation.storage.accounts.update(owner.accountId, current => ({ ...current, signedUp: { deviceHash: 'another', clientId: 'shop' } }))
  rig.server.advance(10 * minute)
  const list = await owner.browser.open(ways)
  const form = await owner.browser.open(list.links.find(({ text }) => text.startsWith('Correct a typo'))?.href ?? '')
  t.not(form.heading, 'Correct your email')
  t.is(account.identifiers.length, 1)
})
