/** A session that was left open, or copied, does not choose the language in which its owner is warned of what it does. */
import test from 'ava'
import type { Visitor } from '../helpers/visitor.ts'
import { day, hour, start, type Rig } from '../account/rig.ts'

const path = '/account/profile'

async function speakGerman({ browser }: Visitor) {
  const page = await browser.open(path)
  return browser.submit(page, page.form(path, 'Save'), { values: { name: 'Maya', language: 'de' } })
}

const kept = async (rig: Rig, id: string) => {
  const { name, locale } = await rig.account(id)
  return { name, locale }
}

test('warnings in another language: not by a session alone, which changes its own pages and the name', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(hour / 4)
  t.regex((await speakGerman(owner)).text, /Gespeichert/)
  t.deepEqual(await kept(rig, owner.accountId), { name: 'Maya', locale: 'en' })
})

test('warnings in another language: by a proof of now, or where the account has long been used', async (t) => {
  const rig = await start(t)
  const [proven, known] = [await rig.newOwner(), await rig.newOwner()]
  await speakGerman(proven)
  t.is((await kept(rig, proven.accountId)).locale, 'de')

  rig.server.advance(2 * day)
  known.browser.cookies.clear(({ name }) => name.includes('device'))
  await known.usePasskey(await rig.arrive(known))
  rig.server.advance(hour / 4)
  await speakGerman(known)
  t.is((await kept(rig, known.accountId)).locale, 'de')
})

test('warnings in another language: not by a proof of another browser', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  owner.browser.cookies.clear(({ name }) => !name.includes('device'))
  await speakGerman(owner)
  t.is((await kept(rig, owner.accountId)).locale, 'en')
})
