/** "This was not me" on the page of activity needs a session and no mailbox: it stops nothing that its visitor could not take away. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import type { Page } from '../helpers/http-browser.ts'
import { day, hour, start, type Rig } from '../account/rig.ts'
import type { ChangeKind } from '../../src/storage/types.ts'

const path = '/account/activity'
const always = { config: { sessions: { keepSignedIn: 'always' } } } as const

async function byCode(rig: Rig, visitor: Visitor): Promise<Page> {
  await visitor.ignoreMail()
  return visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor)))
}

/** Signs in by a code that was relayed or read; from then on there is the session alone. */
async function intrude(rig: Rig, email: string): Promise<Visitor> {
  const thief = createVisitor(rig.server, { email })
  const page = await byCode(rig, thief)
  if (!page.elsewhere) await thief.browser.submit(page, '/passkey-create', { button: 'Not now' })
  return thief
}

async function addPasskey(rig: Rig, email: string): Promise<Visitor> {
  const visitor = createVisitor(rig.server, { email })
  const made = await visitor.createPasskey(await byCode(rig, visitor))
  if (!made.elsewhere) await visitor.browser.submit(made, '/passkey-create', { button: 'Continue to Example Shop' })
  return visitor
}

/** The button beside the newest change of this kind. */
async function press(rig: Rig, { browser }: Visitor, accountId: string, kind: ChangeKind): Promise<Page> {
  const change = (await rig.changesOf(accountId)).filter((one) => one.kind === kind).toSorted((a, b) => b.at - a.at)[0]!
  const page = await browser.open(path)
  return browser.submit(page, page.forms.find(({ values }) => values['disown'] === change.id)!)
}

test('a copied cookie does not switch the passkey off that the owner has added since', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner({ passkey: false })
  const thief = await intrude(rig, owner.email)
  rig.server.advance(8 * day)
  const own = await addPasskey(rig, owner.email)
  rig.server.advance(hour)
  const asked = await press(rig, thief, owner.accountId, 'passkey_added')
  t.is(asked.heading, 'Confirm it is you')
  t.truthy(asked.passkeyForm('get'))
  t.is((await rig.account(owner.accountId)).frozen, undefined)
  t.true(await rig.passkeyOpens(own))

  t.is((await press(rig, own, owner.accountId, 'passkey_added')).heading, 'Confirm it is you', 'the owner too, an hour later')
  const back = await own.usePasskey(await press(rig, own, owner.accountId, 'passkey_added'))
  t.is(back.url.pathname, path, 'and is back where the button is')
  t.regex((await press(rig, own, owner.accountId, 'new_device')).url.pathname, /^\/account\/not-me\//)
})

test('a passkey that has to cool stops nothing older; "Confirm it is you" asks for another one', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(8 * day)
  const own = await addPasskey(rig, owner.email)
  rig.server.advance(3 * day)
  const helped = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  const offer = await helped.browser.open(await rig.enrolLink(owner.accountId))
  await helped.createPasskey(await helped.browser.submit(offer, offer.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'Continue'))!))
  await helped.usePasskey(await rig.arrive(helped))
  const older = (await rig.changesOf(owner.accountId)).find(({ kind }) => kind === 'passkey_added')!
  const page = await helped.browser.open(path)
  const refused = await helped.browser.submit(page, page.forms.find(({ values }) => values['disown'] === older.id)!)
  t.is(refused.heading, 'This has to wait')
  t.is((await rig.account(owner.accountId)).frozen, undefined)
  t.true(await rig.passkeyOpens(own))

  rig.server.advance(hour)
  const asked = await helped.browser.open(refused.links.find(({ text }) => text === 'Confirm it is you')!.href)
  t.truthy(asked.passkeyForm('get'), asked.heading)
})

test('a session stops no recovery', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner.email)
  rig.server.advance(2 * day)
  const lost = createVisitor(rig.server, { email: owner.email })
  let page = await lost.typeEmail(await rig.arrive(lost))
  for (const text of ['Try another way', "I can't use any of these", 'I have lost my passkeys']) {
    page = await lost.browser.open(new URL(page.links.find((link) => link.text === text)!.href, page.url))
  }
  await lost.ignoreMail()
  rig.server.advance(hour)
  const proven = await lost.typeCode(await lost.browser.submit(page, '/recovery', { button: `Send a code to ${lost.email}` }))
  await lost.browser.submit(proven, '/recovery', { button: 'Start' })
  t.is((await press(rig, thief, owner.accountId, 'recovery_started')).heading, 'Confirm it is you')
  t.truthy((await rig.account(owner.accountId)).recovery)
})
