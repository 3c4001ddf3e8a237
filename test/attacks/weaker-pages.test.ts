/** Who was let in at one app in a weaker way than the account has stands before the account's own pages as at any other app. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { day, start, type Rig } from '../account/rig.ts'

const lenient = { ...shop, client_id: 'lenient', client_name: 'Lenient', latchkey: { firstParty: true, assurance: { downgrade: 'allow' } } }
const mini = { ...shop, client_id: 'mini', client_name: 'Mini', latchkey: { firstParty: true, passkeys: { crossDevice: 'minimize' } } }
const pages = ['/account', '/account/ways', '/account/activity', '/account/sessions', '/account/profile', '/account/passkeys']
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Somebody who reads the mail, at an app that takes a code. */
async function byCode(rig: Rig, email: string, client: Parameters<typeof createApp>[1]): Promise<Visitor> {
  const thief = createVisitor(rig.server, { email })
  await thief.ignoreMail()
  const app = await createApp(rig.server.issuer, client)
  const page = await thief.typeCode(await thief.typeEmail(await thief.arrive(await app.authorize({ prompt: 'login' }))))
  if (!page.elsewhere) throw new Error(`not signed in, at "${page.heading}"`)
  return thief
}

/** The owner's passkey, used in the browser that shows the page. */
function touchIn(rig: Rig, { browser }: Visitor, { authenticator }: Visitor, page: Page): Promise<Page> {
  const asked = page.passkeyForm('get')
  const response = authenticator.get(JSON.parse(asked.data['options'] ?? ''), { origin: rig.server.issuer })
  return browser.submit(page, asked, { values: { response: JSON.stringify(response) } })
}

const isAsked = ({ url }: Page) => url.pathname.startsWith('/interaction/')

for (const downgrade of ['block', 'step_up']) {
  test(`${downgrade}: a code that one lenient app takes opens none of the account's pages`, async (t) => {
    const rig = await start(t, { clients: [shop, lenient], config: { assurance: { downgrade }, sessions: { keepSignedIn: 'always' } } })
    const owner = await rig.newOwner()
    rig.server.advance(2 * day)
    const thief = await byCode(rig, owner.email, lenient)
    for (const path of pages) t.true(isAsked(await thief.browser.open(path)), path)
    t.is((await thief.browser.open('/account/ways?confirmed')).status, 401, 'and it goes round in no circle')
    t.false(isAsked(await owner.browser.open('/account/ways')))
  })
}

test('nor does one of an app without other devices, for which the passkey was none', async (t) => {
  const rig = await start(t, { clients: [shop, mini], config: { assurance: { downgrade: 'block' } } })
  const owner = await rig.newOwner({ passkey: false })
  const key = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator({ attachment: 'cross-platform', transports: ['usb'] }) })
  const page = await owner.browser.open('/account/passkey-create/elsewhere')
  const create = page.passkeyForm('create')
  const response = key.authenticator.create(JSON.parse(create.data['options'] ?? ''), { origin: rig.server.issuer })
  t.regex((await owner.browser.submit(page, create, { values: { response: JSON.stringify(response) } })).text, /Passkey added/)
  rig.server.advance(2 * day)
  const thief = await byCode(rig, owner.email, mini)
  t.true(isAsked(await thief.browser.open('/account/activity')))
})

test('what was open before it was so answers no form, and giving up the sign-in ends at a page', async (t) => {
  const rig = await start(t, { clients: [shop, lenient], config: { assurance: { downgrade: 'block' } } })
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const thief = await byCode(rig, owner.email, lenient)
  const asked = await thief.browser.open('/account/profile')
  for (const path of ['/account/sessions-end', '/account/data', '/account/passkeys/report', '/account/passkey-create/options']) {
    t.is((await thief.browser.post(asked, path, '', form)).status, 401, path)
  }
  const link = asked.links.find(({ href }) => href.endsWith('/abort'))
  const back = link ? await thief.browser.open(new URL(link.href, asked.url)) : await thief.browser.submit(asked, '/abort')
  t.is(back.status, 401)
  t.is(back.url.pathname, '/account/signed-in')
})

test('who signs in there as the pages ask is in, and stays in', async (t) => {
  const rig = await start(t, { clients: [shop, lenient], config: { assurance: { downgrade: 'block' } } })
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const here = await byCode(rig, owner.email, lenient)
  const landed = await touchIn(rig, here, owner, await here.browser.open('/account/activity'))
  t.is(landed.url.pathname, '/account/activity')
  for (const path of pages) t.false(isAsked(await here.browser.open(path)), path)
})

const aboutThePages = `rules:
  - name: pages-need-passkey
    on: sign_in
    when: { client: account }
    then: challenge
    ask: { level: phr }
    because: What opens the account is for passkeys.
`
const closedToOthers = `rules:
  - name: staff-only
    on: sign_in
    when: { client: account, not: { domain: staff.example } }
    then: deny
    because: Only for us.
`

test('what a rule asks of the pages holds for a session of an app, and is met by what it asks for', async (t) => {
  const rig = await start(t, { files: { 'policy/rules.yaml': aboutThePages } })
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  const here = await byCode(rig, owner.email, shop)
  const asked = await here.browser.open('/account/passkeys')
  t.is(asked.heading, 'Confirm it is you')
  t.is((await here.browser.post(asked, '/account/sessions-end', '', form)).status, 401)
  const landed = await touchIn(rig, here, owner, asked)
  t.is(landed.url.pathname, '/account/passkeys')
  for (const path of pages) t.false(isAsked(await here.browser.open(path)), path)
})

test('a rule that closes the pages to somebody closes them to their session too', async (t) => {
  const rig = await start(t, { files: { 'policy/rules.yaml': closedToOthers } })
  const owner = await rig.newOwner()
  const asked = await owner.browser.open('/account/ways')
  t.is(asked.heading, 'Sign in', 'whoever else there is may come in')
  t.is((await owner.usePasskey(asked)).status, 403)
  t.is((await owner.browser.open('/account/ways?confirmed')).status, 401)
})
