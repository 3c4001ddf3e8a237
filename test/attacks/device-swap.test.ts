/** Changes are known by the browser that made them: who swaps the device cookie within a session must not get them past "This was not me". */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, notMeLink, start, type Rig } from '../account/rig.ts'

const minute = 60_000

const swaps = {
  'the cookie is thrown away': async ({ browser }: Visitor) => browser.cookies.clear(({ name }) => !name.includes('device')),
  'the device is forgotten by our own button': async ({ browser }: Visitor) => {
    const page = await browser.open('/account/device-forget')
    await browser.submit(page, page.url.pathname)
  },
}

/** Somebody else signs in by a code that was relayed or read. */
async function intrude(rig: Rig, email: string): Promise<Visitor> {
  rig.server.advance(10 * day)
  const thief = createVisitor(rig.server, { email, authenticator: createAuthenticator() })
  await thief.ignoreMail()
  const page = await thief.typeCode(await thief.typeEmail(await rig.arrive(thief)))
  if (!page.elsewhere) await thief.browser.submit(page, '/passkey-create', { button: 'Not now' })
  return thief
}

async function disownSignIn(rig: Rig, email: string): Promise<void> {
  const mail = (await rig.server.outbox()).find(({ to, subject }) => to === email && subject.startsWith('New sign-in'))!
  const browser = rig.newBrowser()
  const page = await browser.open(notMeLink(mail))
  await browser.submit(page, page.form(page.url.pathname, 'No, stop it'), { button: 'No, stop it' })
}

for (const [how, swap] of Object.entries(swaps)) {
  test(`${how}: what was proven before adds no passkey, on a page that was opened before either`, async (t) => {
    const rig = await start(t)
    const owner = await rig.newOwner({ passkey: false })
    const thief = await intrude(rig, owner.email)
    const create = await thief.browser.open('/account/passkey-create')
    const form = create.passkeyForm('create')
    const response = JSON.stringify(thief.authenticator.create(JSON.parse(form.data['options'] ?? ''), { origin: rig.server.issuer }))

    await swap(thief)
    rig.server.advance(minute)
    const refused = await thief.browser.submit(create, form, { values: { response } })
    t.regex(refused.url.pathname, /^\/interaction\//, 'it is asked for a proof')
    t.regex((await thief.browser.open('/account/passkey-create')).url.pathname, /^\/interaction\//)
    t.deepEqual((await rig.account(owner.accountId)).credentialIds, [])

    await disownSignIn(rig, owner.email)
    t.regex((await thief.browser.open('/account/ways')).url.pathname, /^\/interaction\//, 'and the session ends with its sign-in')
  })
}

test('a new proof in the browser as it is now makes it a yes, and is told as a sign-in of its own', async (t) => {
  const rig = await start(t, { config: { sessions: { keepSignedIn: 'always' } } })
  const owner = await rig.newOwner({ passkey: false })
  rig.server.advance(2 * day)
  await swaps['the device is forgotten by our own button'](owner)
  await owner.ignoreMail()
  const asked = await owner.browser.open('/account/passkey-create')
  const create = await owner.typeCode(await owner.browser.submit(asked, '/methods', { button: `Send a code to ${owner.email}` }))
  t.is(create.url.pathname, '/account/passkey-create')
  t.truthy(create.passkeyForm('create'))
  t.true((await rig.subjects(owner.email)).some((subject) => subject.startsWith('New sign-in')))
})

test('no recovery is started by a code that was typed under another cookie', async (t) => {
  const rig = await start(t, { config: { sessions: { keepSignedIn: 'always' } } })
  const owner = await rig.newOwner()
  const thief = await intrude(rig, owner.email)
  await swaps['the cookie is thrown away'](thief)
  let page = await thief.arrive(await rig.app.authorize({ claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) }))
  const seen = [page]
  for (const text of ['Try another way', "I can't use any of these", 'I have lost my passkeys']) {
    const link = page.links.find((one) => one.text === text)
    if (link) seen.push((page = await thief.browser.open(new URL(link.href, page.url))))
  }
  t.true(page.forms.some(({ action }) => action.endsWith('/recovery')), page.heading)
  t.false(seen.some(({ forms }) => forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Start'))), 'a code is asked for first')
  t.is((await rig.account(owner.accountId)).recovery, undefined)
})
