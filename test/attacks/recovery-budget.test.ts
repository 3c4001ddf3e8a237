/** Everybody's starts of a day, spent by one: whoever comes after them gets nobody in, themselves neither. */
import test from 'ava'
import { postTo } from '../bad-input/refused.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import type { Page } from '../helpers/http-browser.ts'
import { day, hour, start, type Rig } from '../account/rig.ts'

const minute = 60_000

async function follow({ browser }: Visitor, page: Page, text: string): Promise<Page> {
  const link = page.links.find((found) => found.text === text)
  if (!link) throw new Error(`no "${text}" on "${page.heading}"`)
  return browser.open(new URL(link.href, page.url))
}

async function toStart(rig: Rig, visitor: Visitor): Promise<Page> {
  await visitor.ignoreMail()
  const code = await visitor.typeEmail(await rig.arrive(visitor))
  const help = await follow(visitor, await follow(visitor, code, 'Try another way'), "I can't use any of these")
  const intro = await follow(visitor, help, 'I have lost my passkeys')
  return visitor.typeCode(await visitor.browser.submit(intro, '/recovery', { button: `Send a code to ${visitor.email}` }))
}

test('a mailbox thief who spends the starts of a day in two browsers is stopped by whoever comes next', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(8 * day)
  const [one, two] = [createVisitor(rig.server, { email: owner.email }), createVisitor(rig.server, { email: owner.email })]
  const [oneAt, twoAt] = [await toStart(rig, one), (rig.server.advance(31_000), await toStart(rig, two))]
  for (const [visitor, page] of [[one, oneAt], [two, twoAt], [one, oneAt], [two, twoAt], [one, oneAt]] as const) {
    t.is((await postTo(visitor, page, '/recovery', { start: '1' })).status, 200)
    rig.server.advance(1000)
  }
  const { readyAt } = (await rig.account(owner.accountId)).recovery!
  rig.server.advance(20 * minute)

  const lost = createVisitor(rig.server, { email: owner.email })
  const begin = await toStart(rig, lost)
  const mails = async () => (await rig.subjects(owner.email)).filter((subject) => subject.startsWith('Your sign-in details')).length
  const before = await mails()
  const answers = [await postTo(lost, begin, '/recovery', { start: '1' }), await postTo(lost, begin, '/recovery', { start: '1' })]
  t.deepEqual(answers.map(({ status }) => status), [429, 429])
  t.regex(answers[0]!.text, /We stopped what was started in Chrome on Linux\. Nobody gets in by it now\. This was started too often today\. You can start again in 24 hours\./)
  t.notRegex(answers[0]!.text, /your network/)
  t.notRegex(answers[1]!.text, /We stopped/)
  t.is((await rig.account(owner.accountId)).recovery, undefined)
  t.is((await mails()) - before, 1, 'every address is told once')

  rig.server.advance(readyAt - rig.server.foundation.storage.clock.now() + 1000)
  await one.ignoreMail()
  const late = await one.typeCode(await one.typeEmail(await rig.arrive(one)))
  t.true(late.elsewhere || !late.forms.some(({ data }) => data['passkey'] === 'create'), late.heading)
  rig.server.advance(hour)
  const anew = await toStart(rig, lost)
  t.is((await postTo(lost, anew, '/recovery', { start: '1' })).status, 200, 'the next day is another one')
  t.truthy((await rig.account(owner.accountId)).recovery)
})
