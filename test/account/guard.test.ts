/** What may be changed now, and what leads to it when it may not. */
import test from 'ava'
import type { Rule } from '../../src/policy/rules.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { day, start, type Rig } from './rig.ts'

const minute = 60_000
const ways = '/account/ways'
const addEmail = '/account/identifier-add/email'

const removalOf = async ({ browser }: Pick<Awaited<ReturnType<Rig['newOwner']>>, 'browser'>, email: string): Promise<string> =>
  (await browser.open(ways)).links.find(({ text }) => text === `Remove ${email}`)?.href ?? ''

/** Two addresses, so that one may go. */
async function withSecond(rig: Rig, accountId: string): Promise<void> {
  const { accounts, identifiers } = rig.server.foundation.storage
  const createdAt = Date.now()
  await identifiers.insert({ id: 'email:second@example.com', kind: 'email', value: 'second@example.com', accountId, state: 'active', createdAt })
  await accounts.update(accountId, account => ({ ...account, identifiers: [...account.identifiers, { kind: 'email', value: 'second@example.com', verifiedAt: account.createdAt }] }))
}

test('the press that removes asks the guard again: a proof that grew old on the page is none', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await withSecond(rig, owner.accountId)
  const page = await owner.browser.open(await removalOf(owner, 'second@example.com'))
  rig.server.advance(6 * minute)
  const asked = await owner.browser.submit(page, page.url.pathname, { button: 'Remove' })
  t.truthy(asked.passkeyForm('get'), asked.heading)
  t.is((await rig.account(owner.accountId)).identifiers.length, 2)
})

test('a passkey that is too new removes nothing older: until when is said, and an older one is asked for', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await withSecond(rig, owner.accountId)
  rig.server.advance(2 * day)
  // A second passkey, made by an operator's link, which has to cool.
  const helped = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  const link = await rig.enrolLink(owner.accountId)
  const offer = await helped.browser.open(link)
  const bound = await helped.browser.submit(offer, offer.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Continue'))!)
  await helped.createPasskey(bound)
  const page = await helped.usePasskey(await rig.arrive(helped))
  t.true(page.elsewhere)
  const refused = await helped.browser.open(await removalOf(helped, 'second@example.com'))
  t.is(refused.status, 403)
  t.is(refused.heading, 'This has to wait')
  t.true(refused.text.includes('too new'))
  t.regex(refused.text, /Or try again after/)
  rig.server.advance(minute)
  const asked = await helped.browser.open(refused.links.find(({ text }) => text === 'Confirm it is you')?.href ?? '')
  t.is(asked.heading, 'Confirm it is you')
  const again = await helped.usePasskey(asked)
  t.is(again.heading, 'This has to wait', 'the same passkey once more helps nothing, and goes round in no circle')
  t.is((await helped.browser.open(addEmail)).heading, 'Add an email', 'adding is not taking away')
  rig.server.advance(day + minute)
  t.is((await helped.usePasskey(await helped.browser.open(ways))).heading, 'Ways to sign in')
  const later = await helped.browser.open(await removalOf(helped, 'second@example.com'))
  t.is(later.heading, 'Remove second@example.com?')
})

test('where a change was disowned nothing is changed before it is decided', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  await withSecond(rig, owner.accountId)
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
  for (const path of [addEmail, await removalOf(owner, 'second@example.com')]) {
    const page = await owner.browser.open(path)
    t.is(page.status, 403)
    t.true(page.text.includes('This was not me'))
    t.true(page.links.some(({ text, href }) => text === 'Leave it as it is' && href === ways))
  }
})

test('an account without a passkey: on a browser that is new to it two kinds are asked for, where there are two', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  await rig.server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, factors: { totp: { since: account.createdAt } } }))
  const page = await owner.browser.open(addEmail)
  t.true(page.url.pathname.startsWith('/interaction/'))
  t.true(page.text.includes('This device is new to us, so we ask for one more thing.'), page.text)
})

test('an old cookie cannot be made young: what was proven long ago asks again, in any account', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(6 * minute)
  const asked = await owner.browser.open(addEmail)
  t.is(asked.heading, 'Confirm it is you')
  t.true(asked.text.includes('Before you change how you sign in, confirm it is you.'))
  await owner.ignoreMail()
  const sent = await owner.browser.submit(asked, '/methods', { button: `Send a code to ${owner.email}` })
  t.is((await owner.typeCode(sent)).heading, 'Add an email')
})

test('whoever gives up the confirmation is back in the account, where nothing was changed', async t => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(6 * minute)
  const page = await owner.browser.submit(await owner.browser.open(addEmail), '/abort')
  t.is(page.url.pathname, ways)
  t.true(page.text.includes('Nothing was changed.'))
})

const rule = (then: Rule['then'], more: Partial<Rule> = {}): Rule =>
  ({ name: 'about addresses', because: 'a test', on: ['change'], when: { signal: 'change', test: { oneOf: new Set(['add_identifier']) } }, then, ...more })

test("the operator's rules about a change are obeyed: a no", async t => {
  const rig = await start(t, { rules: [rule(['deny'])] })
  const owner = await rig.newOwner()
  const page = await owner.browser.open(addEmail)
  t.is(page.status, 403)
  t.is(page.heading, 'We cannot let this go on here')
  t.true(page.links.some(({ href }) => href === ways))
  t.is((await owner.browser.open(ways)).status, 200)
})

test("the operator's rules about a change are obeyed: more is asked for", async t => {
  const rig = await start(t, { rules: [rule(['challenge'], { ask: { acr: 'phr' } })] })
  const owner = await rig.newOwner({ passkey: false })
  const asked = await owner.browser.open(addEmail)
  t.true(asked.url.pathname.startsWith('/interaction/'))
  const able = await rig.newOwner()
  t.is((await able.browser.open(addEmail)).heading, 'Add an email')
})
