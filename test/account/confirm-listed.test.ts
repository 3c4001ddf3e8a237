/** A number that is listed without proof: proving it is one more way in, and takes what adding one takes. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Mail } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { notMeLink, start, type Rig } from './rig.ts'

type Owner = Awaited<ReturnType<Rig['newOwner']>>

const minute = 60_000
const ways = '/account/ways'
const listed = '+447911125011'
const config = {
  identifiers: { email: { signIn: true, signUp: 'required' as const }, phone: { signIn: true, signUp: 'off' as const, defaultRegion: 'GB' } },
  verification: { strategy: { email: 'at_sign_up' as const, phone: 'none' as const } },
}

const codeIn = ({ text }: Mail): string => /\b(\d{6,8})\b/.exec(text)?.[1] ?? ''
const entryOf = async (rig: Rig, { accountId }: Owner) => (await rig.account(accountId)).identifiers.find(({ value }) => value === listed)
const sentTo = async ({ server }: Rig, email: string) => (await server.outbox()).filter(({ to }) => to === email)

async function list(rig: Rig, owner: Owner): Promise<Owner> {
  const { storage } = rig.server.foundation
  await storage.identifiers.insert({ id: `phone:${listed}`, kind: 'phone', value: listed, accountId: owner.accountId, state: 'active', createdAt: 1 })
  await storage.accounts.update(owner.accountId, (account) => ({ ...account, identifiers: [...account.identifiers, { kind: 'phone', value: listed }] }))
  return owner
}

const ask = async ({ browser }: Pick<Owner, 'browser'>): Promise<Page> => {
  const list = await browser.open(ways)
  return browser.submit(list, '/identifier-confirm', { button: 'Send a code' })
}
const type = async (rig: Rig, { browser }: Owner, page: Page) =>
  browser.submit(page, '/identifier-confirm', { button: 'Continue', values: { code: codeIn(await rig.server.mailTo(listed)) } })

test('a session whose proof is old sends nothing there; the passkey does, without a second press', async (t) => {
  const rig = await start(t, { config })
  const owner = await list(rig, await rig.newOwner())
  rig.server.advance(20 * minute)
  const asked = await ask(owner)
  t.is(asked.heading, 'Confirm it is you')
  t.deepEqual(await sentTo(rig, listed), [])
  t.is((await owner.browser.open('/account/identifier-confirm')).heading, 'Confirm it is you')
  t.deepEqual(await sentTo(rig, listed), [])
  const sent = await owner.usePasskey(asked)
  t.is(sent.heading, 'Confirm your mobile number')
  t.true((await type(rig, owner, sent)).text.includes('Confirmed: +44 7911 125011.'))
  t.truthy((await entryOf(rig, owner))?.verifiedAt)
})

test('what was proven before hears of it, and can take it away again', async (t) => {
  const rig = await start(t, { config })
  const owner = await list(rig, await rig.newOwner())
  await type(rig, owner, await ask(owner))
  t.like((await rig.changesOf(owner.accountId))[0], { kind: 'identifier_added', subject: `phone:${listed}` })
  const [told] = await sentTo(rig, owner.email)
  t.regex(told?.text ?? '', /^\+44\s7911\s125011 was confirmed/m)
  t.is((await sentTo(rig, listed)).length, 1, 'nothing but the code')
  const reader = rig.newBrowser()
  await reader.submit(await reader.open(notMeLink(told!)), notMeLink(told!).replace(rig.server.issuer, ''), { button: 'No, stop it' })
  t.is(await entryOf(rig, owner), undefined)
  t.truthy((await rig.account(owner.accountId)).frozen)
})

test('a code by email is not enough where there is a passkey', async (t) => {
  const rig = await start(t, { config })
  const owner = await list(rig, await rig.newOwner())
  const intruder = createVisitor(rig.server, { email: owner.email, authenticator: createAuthenticator() })
  await intruder.ignoreMail()
  await intruder.typeCode(await intruder.typeEmail(await rig.arrive(intruder)))
  const asked = await ask(intruder)
  t.is(asked.heading, 'Confirm it is you')
  t.deepEqual(await sentTo(rig, listed), [])
})

test('the guard is asked again when the code is typed: not after the changes were stopped', async (t) => {
  const rig = await start(t, { config })
  const owner = await list(rig, await rig.newOwner())
  const sent = await ask(owner)
  rig.server.advance(7 * minute)
  await rig.server.foundation.storage.accounts.update(owner.accountId, (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
  await type(rig, owner, sent)
  t.is((await entryOf(rig, owner))?.verifiedAt, undefined)
})

test('a code that comes late counts for what was asked for in time', async (t) => {
  const rig = await start(t, { config })
  const owner = await list(rig, await rig.newOwner())
  const sent = await ask(owner)
  rig.server.advance(7 * minute)
  t.true((await type(rig, owner, sent)).text.includes('Confirmed: +44 7911 125011.'))
})
