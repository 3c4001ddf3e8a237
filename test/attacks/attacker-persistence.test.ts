/** Somebody got in once and cuts a key to stay in. The owner says "this was not me", and nothing of it is left. */
import test, { type ExecutionContext } from 'ava'
import { postTo } from '../bad-input/refused.ts'
import { createApp, shop, type Tokens } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, notMeLink, start, type Rig } from '../account/rig.ts'

const minute = 60_000

/** The intruder's way in: an operator's help link in the wrong hands. */
async function intrude(rig: Rig, owner: { email: string; accountId: string }): Promise<Visitor> {
  const intruder = createVisitor(rig.server, { email: owner.email })
  const link = await rig.enrolLink(owner.accountId)
  const intro = await intruder.browser.open(link)
  const offer = await intruder.browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!)
  await intruder.createPasskey(offer)
  return intruder
}

async function signIn(rig: Rig, visitor: Visitor): Promise<Tokens> {
  const authorization = await rig.app.authorize({ prompt: 'login', scope: 'openid email offline_access' })
  const { url } = await visitor.usePasskey(await visitor.arrive(authorization))
  return authorization.finish(url)
}

async function disown(rig: Rig, email: string, subject: RegExp): Promise<Page> {
  const mail = (await rig.server.outbox()).find((mail) => mail.to === email && subject.test(mail.subject))
  const browser = rig.newBrowser()
  const page = await browser.open(notMeLink(mail!))
  return browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
}

/** A login whose session is asked for a passkey may not add one. */
async function cannotAdd(t: ExecutionContext, rig: Rig, visitor: Visitor): Promise<void> {
  const page = await visitor.arrive(await rig.app.authorize({ acr_values: 'phr', prompt: 'login' }))
  const options = await postTo(visitor, page, '/passkey-create/options')
  t.is(options.status, 409, options.html)
}

test('attacker persistence: after "this was not me" the key, its session, its tokens and its browser are nothing', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const intruder = await intrude(rig, owner)
  const held = await signIn(rig, intruder)
  t.truthy(held.refresh_token)
  t.truthy((await rig.app.userinfo(held)).sub)

  t.is((await disown(rig, owner.email, /^A passkey was added/)).heading, 'We stopped it')
  await t.throwsAsync(rig.app.userinfo(held), undefined, 'the access token')
  await t.throwsAsync(rig.app.refresh(held), undefined, 'the refresh token')
  const silent = await intruder.arrive(await rig.app.authorize({ prompt: 'none' }))
  t.is(silent.url.searchParams.get('error'), 'login_required', 'the session')
  t.false(await rig.passkeyOpens(intruder), 'the passkey')
  await cannotAdd(t, rig, intruder)

  // what is older signs in as before, and is asked first
  const decision = await owner.usePasskey(await rig.arrive(owner))
  t.regex(decision.text, /Undo it/)
  t.true((await owner.browser.submit(decision, '/freeze-notice', { button: 'Undo it' })).elsewhere)
  t.is((await rig.account(owner.accountId)).frozen, undefined)
  t.deepEqual((await rig.account(owner.accountId)).credentialIds, owner.authenticator.credentials.map(({ id }) => id))
  t.false(await rig.passkeyOpens(intruder), 'nor does it come back')
})

test('attacker persistence: a key that was cut with the first one goes the same way, and cannot decide meanwhile', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const first = await intrude(rig, owner)
  await disown(rig, owner.email, /^A passkey was added/)
  const again = await intrude(rig, owner).catch(() => undefined)
  t.is(again, undefined, 'a second help link adds nothing while the owner has to decide')
  rig.server.advance(2 * day)
  t.false(await rig.passkeyOpens(first), 'waiting does not help')
  t.is((await rig.account(owner.accountId)).credentialIds.length, 1)
})

test('attacker persistence: an intruder who has the mailbox alone adds no passkey to an account that has one, today or tomorrow', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  const thief = createVisitor(rig.server, { email: owner.email })
  for (const later of [0, 25 * 60 * minute, 8 * day]) {
    rig.server.advance(later)
    await thief.ignoreMail()
    const authorization = await rig.app.authorize({ prompt: 'login' })
    // A browser that signed in before is led to the passkey first, which the thief does not have.
    const page = await thief.typeCode(await thief.askForCode(await thief.arrive(authorization)))
    t.true(page.elsewhere, `${page.heading}: signed in, and nothing offered`)
    await cannotAdd(t, rig, thief)
  }
  t.is((await rig.account(owner.accountId)).credentialIds.length, 1)
})

test('attacker persistence: an app that was signed in by the intruder hears of the end at its next question', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const intruder = await intrude(rig, owner)
  const held = await signIn(rig, intruder)
  await disown(rig, owner.email, /^A passkey was added/)
  const app = await createApp(rig.server.issuer, shop)
  const answer = await fetch(app.configuration.serverMetadata().introspection_endpoint ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`shop:${encodeURIComponent(shop.client_secret)}`).toString('base64')}` },
    body: new URLSearchParams({ token: held.access_token }),
  })
  t.deepEqual(await answer.json(), { active: false })
})

for (const ending of ['signs out', 'stays']) {
  test(`attacker persistence: a refresh token that the new key got ends with it, in an app that was signed in to before (the intruder ${ending})`, async (t) => {
    const rig = await start(t)
    const owner = await rig.newOwner({ passkey: false })
    rig.server.advance(8 * day)
    await owner.ignoreMail()
    const thief = createVisitor(rig.server, { email: owner.email })
    await thief.ignoreMail()
    const byCode = await rig.app.authorize({ scope: 'openid email offline_access' })
    const made = await thief.createPasskey(await thief.typeCode(await thief.typeEmail(await thief.arrive(byCode))))
    await byCode.finish((await thief.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })).url)
    rig.server.advance(60 * minute)
    const held = await signIn(rig, thief)
    t.is(held.claims()?.['acr'], 'phr')
    if (ending === 'signs out') await thief.browser.submit(await thief.browser.open(rig.app.signOutUrl(held)), '/session/end/confirm', { button: 'Sign out' })

    await disown(rig, owner.email, /^A passkey was added/)
    await t.throwsAsync(rig.app.refresh(held), undefined, 'the refresh token')
    await t.throwsAsync(rig.app.userinfo(held), undefined, 'the access token')
  })
}
