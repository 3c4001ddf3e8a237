/** An operator's help link is seen by more people than it was for. More of it: test/account/enrol-refused.test.ts. */
import test from 'ava'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, start } from '../account/rig.ts'

const press = async (browser: HttpBrowser, page: Page) => browser.submit(page, page.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!)

async function use(visitor: Visitor, link: string): Promise<Page> {
  return visitor.createPasskey(await press(visitor.browser, await visitor.browser.open(link)))
}

test('enrolment-ticket replay: a link that was used makes no second passkey, in any browser, with any part of it', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const link = await rig.enrolLink(owner.accountId)
  const person = createVisitor(rig.server, { email: owner.email })
  const intro = await person.browser.open(link)
  const offer = await press(person.browser, intro)
  const made = await person.createPasskey(offer)
  t.is(made.heading, 'Your passkey is ready')
  const before = (await rig.account(owner.accountId)).credentialIds
  t.is(before.length, 2)

  await person.createPasskey(offer)
  await press(person.browser, intro)
  const thief = createVisitor(rig.server, { email: owner.email })
  t.is((await thief.browser.open(link)).heading, 'This link was used already')
  const form = offer.passkeyForm('create')
  const response = thief.authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer })
  await thief.browser.submit(offer, form, { values: { response: JSON.stringify(response) } })
  thief.browser.cookies.store(new URL(rig.server.issuer), person.browser.cookies.all().map(({ name, value, path }) => `${name}=${value}; Path=${path}`))
  await thief.browser.submit(offer, form, { values: { response: JSON.stringify(response) } })
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, before)
})

test('enrolment-ticket replay: a ticket of one purpose or account is nothing for another', async (t) => {
  const rig = await start(t)
  const [owner, other] = [await rig.newOwner(), await rig.newOwner()]
  const notMe = await rig.tickets.issue({ purpose: 'not_me', accountId: owner.accountId, changeId: 'x', life: day })
  t.is((await rig.newBrowser().open(`/account/enrol/${notMe}`)).status, 410)
  const enrol = await rig.enrolLink(owner.accountId)
  t.is((await rig.newBrowser().open(enrol.replace('/enrol/', '/not-me/'))).status, 410)

  // a passkey for the account of the link, whatever the page that is posted says
  const thief = createVisitor(rig.server, { email: other.email })
  await use(thief, enrol)
  t.is((await rig.account(other.accountId)).credentialIds.length, 1)
})

test('enrolment-ticket replay: what the link adds cannot add to itself: it cools, and everybody is told', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const person = createVisitor(rig.server, { email: owner.email })
  await use(person, await rig.enrolLink(owner.accountId))
  const made = (await rig.server.foundation.storage.passkeys.listByAccount(owner.accountId)).find(({ id }) => id === person.authenticator.credentials[0]?.id)
  t.true((made?.coolingUntil ?? 0) > rig.server.foundation.storage.clock.now() + day / 2)
  t.true((await rig.subjects(owner.email)).some((subject) => subject.startsWith('A passkey was added')))
})
