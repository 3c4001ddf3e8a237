/** Mails about an account speak the language that its owner signs in with now. */
import test from 'ava'
import { createVisitor } from '../helpers/visitor.ts'
import { day, start, type Rig } from '../account/rig.ts'

const german = { 'accept-language': 'de' }

/** Every write of an account from here on. */
function countWrites({ server }: Rig): () => number {
  const { accounts } = server.foundation.storage
  const update = accounts.update.bind(accounts)
  let count = 0
  accounts.update = (...args) => (count++, update(...args))
  return () => count
}

test('a sign-in in another language is remembered with one write; an ordinary one writes nothing', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  t.is((await rig.account(owner.accountId)).locale, 'en')
  const writes = countWrites(rig)
  t.true((await owner.usePasskey(await rig.arrive(owner))).elsewhere)
  t.is(writes(), 0)

  const abroad = createVisitor(rig.server, { ...owner, headers: german })
  t.true((await abroad.usePasskey(await rig.arrive(abroad))).elsewhere)
  t.is((await rig.account(owner.accountId)).locale, 'de')
  t.is(writes(), 1)
  t.true((await abroad.usePasskey(await rig.arrive(abroad))).elsewhere)
  t.is(writes(), 1)

  await owner.ignoreMail()
  const third = createVisitor(rig.server, { ...owner, headers: german })
  await third.usePasskey(await rig.arrive(third))
  t.regex((await rig.subjects(owner.email))[0] ?? '', /^Neue Anmeldung/)
})

test('somebody who only has the mailbox does not choose the language in which the owner is warned', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(day)
  const stranger = createVisitor(rig.server, { email: owner.email, headers: german })
  const arrived = await stranger.browser.submit(await rig.arrive(stranger), '/identifier', { button: 'Weiter', values: { identifier: owner.email } })
  const page = await stranger.browser.submit(arrived, '/email-otp', { button: 'Weiter', values: { code: await stranger.readCode() } })
  t.true(page.elsewhere, page.heading)
  t.is((await rig.account(owner.accountId)).locale, 'en')
  t.regex((await rig.subjects(owner.email))[0] ?? '', /^New sign-in/)
})
