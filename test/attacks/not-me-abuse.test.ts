/** "This was not me" pressed by somebody who reads the owner's mail: it can stop, and it can do nothing else. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, notMeLink, start, type Rig } from '../account/rig.ts'

/** The owner has one passkey from long ago, and one that was added today. */
async function ownerWithTwo(rig: Rig) {
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const second = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  const link = await rig.enrolLink(owner.accountId)
  const intro = await second.browser.open(link)
  await second.createPasskey(await second.browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!))
  const mail = (await rig.server.outbox()).find(({ to, subject }) => to === owner.email && subject.startsWith('A passkey was added'))
  return { owner, second, link: notMeLink(mail!) }
}

async function press(rig: Rig, link: string): Promise<void> {
  const browser = rig.newBrowser()
  const page = await browser.open(link)
  await browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
}

/** Signs in by code and looks whether a passkey can be made. */
async function codeAddsNothing(rig: Rig, thief: Visitor): Promise<boolean> {
  await thief.ignoreMail()
  const page = await thief.typeCode(await thief.typeEmail(await thief.arrive(await rig.app.authorize({ prompt: 'login' }))))
  return page.elsewhere || !page.forms.some(({ data }) => data['passkey'] === 'create')
}

test('"this wasn\'t me" abused by a mailbox thief: it signs nobody in, adds nothing, and what is older goes on', async (t) => {
  const rig = await start(t)
  const { owner, link } = await ownerWithTwo(rig)
  const thief = createVisitor(rig.server, { email: owner.email })
  const page = await thief.browser.open(link)
  const stopped = await thief.browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
  t.is(stopped.heading, 'We stopped it')
  t.is((await thief.arrive(await rig.app.authorize())).heading, 'Sign in', 'no session came of it')
  t.true(await codeAddsNothing(rig, thief), 'and the code of the mailbox adds no passkey')
  const decision = await owner.usePasskey(await rig.arrive(owner))
  t.regex(decision.text, /It was me after all/, 'the older passkey signs in and may decide')
})

test('"this wasn\'t me" abused against the only passkey: the account does not fall back to what a mailbox may do', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(8 * day)
  await owner.ignoreMail()
  const offer = await owner.typeCode(await owner.typeEmail(await rig.arrive(owner)))
  await owner.createPasskey(offer)
  const mail = (await rig.server.outbox()).find(({ to, subject }) => to === owner.email && subject.startsWith('A passkey was added'))
  await press(rig, notMeLink(mail!))
  t.false(await rig.passkeyOpens(owner), 'it is paused')
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, [])

  const thief = createVisitor(rig.server, { email: owner.email })
  t.true(await codeAddsNothing(rig, thief))
  rig.server.advance(2 * day)
  t.true(await codeAddsNothing(rig, thief), 'nor later')
})

test('"this wasn\'t me" abused for ever: after the owner has decided, and after 7 days, the link stops nothing', async (t) => {
  const rig = await start(t)
  const { owner, second, link } = await ownerWithTwo(rig)
  await press(rig, link)
  const decision = await owner.usePasskey(await rig.arrive(owner))
  await owner.browser.submit(decision, '/freeze-notice', { button: 'It was me after all' })
  t.true(await rig.passkeyOpens(second), 'the owner gave it back')
  const page = await rig.newBrowser().open(link)
  t.false(page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'No, stop it')))
  t.true(await rig.passkeyOpens(second))

  const other = await ownerWithTwo(rig)
  rig.server.advance(7 * day)
  t.is((await rig.newBrowser().open(other.link)).status, 410)
})

test('"this wasn\'t me" abused with the notice of an old sign-in: the owner\'s younger passkey decides', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const travelling = createVisitor(rig.server, { email: owner.email, authenticator: owner.authenticator })
  t.true((await travelling.usePasskey(await rig.arrive(travelling))).elsewhere)
  const notice = (await rig.server.outbox()).find(({ to, text }) => to === owner.email && text.includes('/account/not-me/'))
  rig.server.advance(day)
  const phone = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  const intro = await phone.browser.open(await rig.enrolLink(owner.accountId))
  await phone.createPasskey(await phone.browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!))
  // the first passkey is lost
  const [first] = owner.authenticator.credentials
  await rig.server.foundation.storage.accounts.update(owner.accountId, (account) => ({ ...account, credentialIds: account.credentialIds.filter((id) => id !== first?.id) }))
  await rig.server.foundation.storage.passkeys.update(first?.id ?? '', (passkey) => ({ ...passkey, removedAt: 1 }))

  rig.server.advance(2 * day)
  await press(rig, notMeLink(notice!))
  t.truthy((await rig.account(owner.accountId)).frozen)
  const decision = await phone.usePasskey(await rig.arrive(phone))
  t.regex(decision.text, /It was me after all/)
  await phone.browser.submit(decision, '/freeze-notice', { button: 'It was me after all' })
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('"it was me" is said of what the page showed: a passkey that is disowned while it stands open stays stopped', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const laptop = createVisitor(rig.server, { email: owner.email, authenticator: owner.authenticator })
  t.true((await laptop.usePasskey(await rig.arrive(laptop))).elsewhere)
  const mail = async (about: RegExp) => (await rig.server.outbox()).find(({ to, subject }) => to === owner.email && about.test(subject))!
  const harmless = await mail(/^New sign-in/)
  rig.server.advance(60_000)
  const thief = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  const intro = await thief.browser.open(await rig.enrolLink(owner.accountId))
  await thief.createPasskey(await thief.browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!))
  const bad = await mail(/^A passkey was added/)

  await press(rig, notMeLink(harmless))
  const page = await owner.usePasskey(await rig.arrive(owner))
  t.notRegex(page.text, /A passkey was added/)
  await press(rig, notMeLink(bad))
  const again = await owner.browser.submit(page, '/freeze-notice', { button: 'It was me after all' })
  t.is(again.status, 409)
  t.regex(again.text, /The list has changed\. Look at it again, then decide\..*A passkey was added/)
  t.is((await rig.account(owner.accountId)).frozen?.changeIds.length, 2, 'nothing was decided')
  t.false(await rig.passkeyOpens(thief))

  t.true((await owner.browser.submit(again, '/freeze-notice', { button: 'Undo it' })).elsewhere)
  t.is((await rig.account(owner.accountId)).frozen, undefined)
  t.false(await rig.passkeyOpens(thief))
})
