/** A copied cookie opens the account's pages: the file of all that is kept is not to be had by it. */
import test from 'ava'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { hour, start } from '../account/rig.ts'

const path = '/account/profile'
const always = { config: { sessions: { keepSignedIn: 'always' } } } as const

async function download({ browser }: Visitor) {
  const page = await browser.open(path)
  const { csrf = '' } = page.form('/account/data', 'Download my data').values
  return browser.post(page, '/account/data', new URLSearchParams({ csrf }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
}

async function press({ browser }: Visitor) {
  const page = await browser.open(path)
  return browser.submit(page, page.form('/account/data', 'Download my data'))
}

test('a session an hour later is asked for the passkey, comes back, and has the file then', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner()
  rig.server.advance(hour)
  const refused = await download(owner)
  t.is(refused.status, 303)
  t.false(refused.body.includes(owner.email))
  const asked = await press(owner)
  t.is(asked.heading, 'Confirm it is you')
  const back = await owner.usePasskey(asked)
  t.is(back.url.pathname, path)
  const file = await download(owner)
  t.is(file.status, 200)
  t.true(file.body.includes(owner.email))
})

test('a code by email is not enough where there is a passkey', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner()
  rig.server.advance(hour)
  const thief = createVisitor(rig.server, { email: owner.email })
  await thief.ignoreMail()
  t.true((await thief.typeCode(await thief.typeEmail(await rig.arrive(thief)))).elsewhere)
  const answer = await download(thief)
  t.is(answer.status, 303)
  t.truthy((await press(thief)).passkeyForm('get'))
  t.false(answer.body.includes(owner.email))
})

test('while changes are stopped an older passkey is asked for, by the page that says so too', async (t) => {
  const rig = await start(t, always)
  const owner = await rig.newOwner()
  rig.server.advance(hour)
  await rig.server.foundation.storage.accounts.update(owner.accountId, (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['c'] } }))
  const refused = await press(owner)
  t.is(refused.status, 403)
  t.regex((await owner.browser.open('/account/data?again')).url.pathname, /^\/interaction\//)
})
