/** Somebody disowns a sign-in on a new device: what its holder has prepared there meanwhile must not outlive that. */
import test from 'ava'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import type { Page } from '../helpers/http-browser.ts'
import { shop } from '../helpers/app.ts'
import { day, hour, notMeLink, start, type Rig } from '../account/rig.ts'

const toShop = `Continue to ${shop.client_name}`

async function follow(visitor: Visitor, page: Page, text: string): Promise<Page> {
  const link = page.links.find((found) => found.text === text)
  if (!link) throw new Error(`no "${text}" on "${page.heading}"`)
  return visitor.browser.open(new URL(link.href, page.url))
}

async function byCode(rig: Rig, visitor: Visitor): Promise<Page> {
  rig.server.advance(hour)
  await visitor.ignoreMail()
  return visitor.typeCode(await visitor.typeEmail(await rig.arrive(visitor)))
}

/** Into "Get back in" by a code, and to the app by it: the recovery is begun before the sign-in is over. */
async function startRecovery(rig: Rig, visitor: Visitor): Promise<Page> {
  rig.server.advance(hour)
  await visitor.ignoreMail()
  const code = await visitor.typeEmail(await rig.arrive(visitor))
  const help = await follow(visitor, await follow(visitor, code, 'Try another way'), "I can't use any of these")
  const intro = await follow(visitor, help, 'I have lost my passkeys')
  const proven = await visitor.typeCode(await visitor.browser.submit(intro, '/recovery', { button: `Send a code to ${visitor.email}` }))
  return visitor.browser.submit(proven, '/recovery', { button: 'Start' })
}

const newSignIn = async (rig: Rig, email: string) => (await rig.server.outbox()).find(({ to, subject }) => to === email && subject.startsWith('New sign-in'))!
const frozenMails = async (rig: Rig) => (await rig.server.outbox()).filter(({ text }) => text.includes('so we stopped it'))

async function disown(rig: Rig, link: string): Promise<Page> {
  const browser = rig.newBrowser()
  const page = await browser.open(link)
  return browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
}

test('a recovery that was begun on the disowned device comes to nothing, and does not lift the freeze', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const thief = createVisitor(rig.server, { email: owner.email })
  const waiting = await startRecovery(rig, thief)
  t.true((await thief.browser.submit(waiting, '/recovery', { button: toShop })).elsewhere)
  t.truthy((await rig.account(owner.accountId)).recovery)

  const stopped = await disown(rig, notMeLink(await newSignIn(rig, owner.email)))
  t.regex(stopped.text, /That device is signed out, and counts as unknown again\./)
  t.regex(stopped.text, /The recovery is cancelled\./)
  t.regex(stopped.text, /Somebody started to recover your account/)
  const [told, ...more] = await frozenMails(rig)
  t.deepEqual(more, [])
  t.regex(told!.text, /Somebody signed in on a device that was new to us\./)
  t.regex(told!.text, /Somebody started to recover your account\./)
  const { frozen, recovery } = await rig.account(owner.accountId)
  t.is(recovery, undefined)
  t.is(frozen?.changeIds.length, 2)

  rig.server.advance(day)
  const late = await byCode(rig, thief)
  t.false(late.forms.some(({ data }) => data['passkey'] === 'create'), 'no passkey is to be made')
  t.deepEqual((await rig.account(owner.accountId)).frozen, frozen, 'and the freeze stands')

  const decision = await owner.usePasskey(await rig.arrive(owner))
  t.regex(decision.text, /Somebody started to recover your account/)
  await owner.browser.submit(decision, '/freeze-notice', { button: 'Undo it' })
  t.is((await rig.account(owner.accountId)).frozen, undefined, 'one decision is about all')
  const settled = (await rig.changesOf(owner.accountId)).filter(({ id }) => frozen?.changeIds.includes(id))
  t.deepEqual(settled.map(({ settled }) => settled?.how), ['undone', 'undone'])
})

test('a recovery that is begun after the press is the way out for who has nothing else', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const device = createVisitor(rig.server, { email: owner.email })
  t.true((await byCode(rig, device)).elsewhere)
  const link = notMeLink(await newSignIn(rig, owner.email))
  await disown(rig, link)
  await startRecovery(rig, device)
  await disown(rig, link).catch(() => undefined)
  t.truthy((await rig.account(owner.accountId)).recovery, 'pressing again stops nothing of later')
  rig.server.advance(day)
  const offer = await byCode(rig, device)
  await device.createPasskey(offer)
  t.is((await rig.account(owner.accountId)).frozen, undefined)
})

test('a passkey that was made in the disowned sign-in, or after it on that device, is paused; those of other devices are not', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(8 * day)
  const thief = createVisitor(rig.server, { email: owner.email })
  const made = await thief.createPasskey(await byCode(rig, thief))
  t.true((await thief.browser.submit(made, '/passkey-create', { button: toShop })).elsewhere)
  const link = notMeLink(await newSignIn(rig, owner.email))
  t.true(await rig.passkeyOpens(thief), 'from here on it opens the account')
  const elsewhere = await newSignIn(rig, owner.email)
  t.not(notMeLink(elsewhere), link)

  const stopped = await disown(rig, link)
  t.regex(stopped.text, /The new passkey is paused/)
  t.false(await rig.passkeyOpens(thief))
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, [])
  const frozen = (await rig.changesOf(owner.accountId)).filter(({ frozenAt }) => frozenAt !== undefined)
  t.deepEqual(frozen.map(({ kind }) => kind), ['passkey_added', 'new_device'], 'not the sign-in of the other device')
  t.is((await rig.newBrowser().open(notMeLink(elsewhere))).heading, 'Was this you?')
})
