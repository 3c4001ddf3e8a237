/** The account's pages live on the engine's own session: who is there, and what follows when nobody is. */
import test from 'ava'
import { start } from './rig.ts'

test('somebody who is signed in at an app is at home in the account too', async t => {
  const { newOwner } = await start(t)
  const owner = await newOwner()
  const page = await owner.browser.open('/account')
  t.is(page.heading, 'Ways to sign in')
  t.is(page.url.pathname, '/account/ways')
  t.true(page.text.includes(owner.email))
})
