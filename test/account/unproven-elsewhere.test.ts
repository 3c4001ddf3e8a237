/** An address that is added to an account: whoever only reserved it loses it, and strangers cannot use up its guesses. */
import test, { type ExecutionContext } from 'ava'
import type { Mail } from '../helpers/server.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { day, start, type Rig } from './rig.ts'

type Owner = Awaited<ReturnType<Rig['newOwner']>>

const codeIn = ({ text }: Mail): string => /^\s*(\d{6,8})\s*$/m.exec(text)?.[1] ?? ''
const valuesOf = async (rig: Rig, accountId: string) => (await rig.account(accountId)).identifiers.map(({ value }) => value)

/** From the page with the field to the one of the code. */
async function add(owner: Owner, email: string): Promise<Page> {
  return owner.browser.submit(await owner.browser.open('/account/identifier-add/email'), '/identifier-add/email', { values: { identifier: email } })
}

const type = (owner: Owner, sent: Page, code: string) => owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code } })

/** Another account's, which has proven it or has only signed up with it. */
async function holder(rig: Rig, email: string, proven: boolean): Promise<string> {
  const { accounts, identifiers } = rig.server.foundation.storage
  const other = await rig.newOwner()
  await identifiers.insert({ id: `email:${email}`, kind: 'email', value: email, accountId: other.accountId, state: 'active', createdAt: 1 })
  await accounts.update(other.accountId, (account) => ({ ...account, identifiers: [...account.identifiers, { kind: 'email', value: email, ...(proven && { verifiedAt: 1 }) }] }))
  return other.accountId
}

for (const proven of [false, true]) {
  test(`what somebody else has ${proven ? 'proven stays theirs, and is told as taken' : 'never proven goes to who proves it'}`, async (t: ExecutionContext) => {
    const rig = await start(t)
    const owner = await rig.newOwner()
    const theirs = await holder(rig, 'wanted@example.com', proven)
    const sent = await add(owner, 'wanted@example.com')
    const page = await type(owner, sent, codeIn(await rig.server.mailTo('wanted@example.com')))
    t.true(page.text.includes(proven ? 'belongs to another account' : 'Added: wanted@example.com.'), page.text)
    t.is((await valuesOf(rig, owner.accountId)).includes('wanted@example.com'), !proven)
    t.is((await valuesOf(rig, theirs)).includes('wanted@example.com'), proven)
    t.is((await rig.changesOf(owner.accountId)).length, proven ? 0 : 1, 'what came to nothing is told to nobody')
  })
}

test('a browser that the account knows has guesses of its own: strangers who spend those of the account do not keep its owner from adding an address', async (t) => {
  const rig = await start(t)
  const owner = await rig.newOwner()
  rig.server.advance(2 * day)
  t.true((await owner.usePasskey(await rig.arrive(owner))).elsewhere)
  const sent = await add(owner, 'second@example.com')
  // All that there are in an hour.
  const statuses: number[] = []
  for (let n = 0; n < 2; n++) {
    const stranger = createVisitor(rig.server, { email: owner.email })
    const page = await stranger.typeEmail(await rig.arrive(stranger))
    for (let guess = 0; guess < 6; guess++) statuses.push((await stranger.typeCode(page, 'wrong!')).status)
  }
  t.true(statuses.includes(400))
  const page = await type(owner, sent, codeIn(await rig.server.mailTo('second@example.com')))
  t.true(page.text.includes('Added: second@example.com.'), page.text)
})
