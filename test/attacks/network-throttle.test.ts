/** What guesses, sends, or tells whether a name is taken counts against the network it comes from, wherever it is pressed. */
import test, { type ExecutionContext } from 'ava'
import { start as startRig } from '../account/rig.ts'
import { createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { createNewcomer, tokensAfter } from '../login/newcomer.ts'
import { signUpByCode } from '../bad-input/refused.ts'

/**
 * From now on as on the internet, and with nothing left of this kind for anybody: the page of the refusal. That there
 * are 100 of each is tested where they are counted.
 */
async function spent(t: ExecutionContext, server: InProcess, kind: string, press: () => Promise<Page>): Promise<Page> {
  const { ephemeral, clock } = server.foundation.storage
  const { update } = ephemeral
  ephemeral.update = (key, fn) =>
    key.startsWith(`throttle:${kind}:`)
      ? update(key, () => fn({ count: 100, until: clock.now() + 60_000 } as never))
      : update(key, fn)
  server.config.loopback = false
  await server.restart()
  try {
    const page = await press()
    t.is(page.status, 429, page.text)
    t.is(page.heading, 'There were many tries from your network')
    return page
  } finally {
    ephemeral.update = update
  }
}

const linkIn = (text = ''): string => /http:\/\/localhost:\d+\/link\/[\w-]+/.exec(text)?.[0] ?? ''

/** Somebody with an account whose browser forgot them, and who asked for a mail. */
async function askedForLink(t: ExecutionContext) {
  const server = await startInProcess({ clients: [shop] })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const link = linkIn((await server.outbox()).find(({ to, text }) => to === visitor.email && linkIn(text) !== '')?.text)
  return { server, visitor, open: (who: typeof visitor) => who.browser.open(link, { headers: { 'sec-fetch-site': 'cross-site' } }), path: new URL(link).pathname }
}

test('names that are tried in an account', async (t) => {
  const rig = await startRig(t, { config: { identifiers: { email: { signIn: true, signUp: 'required' }, username: { signIn: true, signUp: 'off' } } } })
  const owner = await rig.newOwner()
  const form = await owner.browser.open('/account/identifier-add/username')
  await spent(t, rig.server, 'username_tried', () => owner.browser.submit(form, '/identifier-add/username', { values: { identifier: 'maya' } }))
  t.is(await rig.server.foundation.storage.identifiers.get('username:maya'), undefined)
})

test('what an open session changes without a proof: names, the default, the profile, the main address', async (t) => {
  const rig = await startRig(t)
  const owner = await rig.newOwner()
  const { passkeys, audit, accounts, identifiers } = rig.server.foundation.storage
  const [passkey] = await passkeys.listByAccount(owner.accountId)
  await passkeys.insert({ ...passkey!, id: 'another' })
  const address = { kind: 'email', value: 'second@example.com', verifiedAt: 1 } as const
  await identifiers.insert({ id: `email:${address.value}`, accountId: owner.accountId, state: 'active', createdAt: 1, ...address })
  await accounts.update(owner.accountId, (account) => ({ ...account, identifiers: [...account.identifiers, address] }))
  const list = await owner.browser.open('/account/passkeys')
  const ways = await owner.browser.open('/account/ways')
  const [rename, profile] = [await owner.browser.open(list.links.find(({ text }) => text.startsWith('Rename'))!.href), await owner.browser.open('/account/profile')]
  const before = await audit.query({ accountId: owner.accountId, limit: 99 })
  for (const press of [
    () => owner.browser.submit(rename, rename.form(rename.url.pathname, 'Save'), { values: { name: 'x' } }),
    () => owner.browser.submit(list, list.forms.find(({ action }) => action.endsWith('/passkey-default'))!),
    () => owner.browser.submit(profile, '/account/profile', { button: 'Save', values: { name: 'x' } }),
    () => owner.browser.submit(ways, ways.forms.find(({ action }) => action.endsWith('/identifier-primary'))!),
  ]) await spent(t, rig.server, 'detail_changed', press)
  t.deepEqual(await audit.query({ accountId: owner.accountId, limit: 99 }), before)
  t.deepEqual((await passkeys.listByAccount(owner.accountId)).map(({ name }) => name), [undefined, undefined])
})

test('changes that an open session says were not theirs', async (t) => {
  const rig = await startRig(t)
  const owner = await rig.newOwner()
  const elsewhere = createVisitor(rig.server, owner)
  await elsewhere.usePasskey(await rig.arrive(elsewhere))
  const page = await owner.browser.open('/account/activity')
  await spent(t, rig.server, 'disowned', () => owner.browser.submit(page, page.forms.find(({ values }) => values['disown'] !== undefined)!))
})

test('addresses that a typing mistake is corrected to', async (t) => {
  const server = await startInProcess({ clients: [shop], config: { verification: { strategy: 'before_first_login' } } })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  await tokensAfter(newcomer, authorization, await newcomer.fill(authorization, { identifier: newcomer.email }))
  const asked = await newcomer.arrive(await app.authorize())
  const form = await newcomer.browser.open(new URL(`${asked.url.pathname}?correct`, asked.url))
  const press = () => newcomer.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: 'other@example.com' } })
  await spent(t, server, 'address_asked', press)
  t.is((await newcomer.browser.open(asked.url)).heading, 'Confirm your email', 'nothing is under way')
  t.regex((await press()).url.pathname, /email-otp$/)
})

test('codes that a link shows', async (t) => {
  const { server, visitor, open, path } = await askedForLink(t)
  const phone = createVisitor(server, { email: visitor.email })
  const page = await open(phone)
  const show = () => phone.browser.submit(page, path, { button: 'Show my code' })
  const refused = await spent(t, server, 'code_sent', show)
  t.notRegex(refused.text, /\b\d{6}\b/)
  t.regex((await show()).text, /\b\d{6}\b/, 'nothing of the link was spent')
})

test('presses of a link', async (t) => {
  const { server, visitor, open } = await askedForLink(t)
  const page = await open(visitor)
  const press = () => visitor.browser.submit(page, '/email-link', { button: 'Sign in' })
  await spent(t, server, 'code_typed', press)
  t.true((await press()).elsewhere, 'nothing of the link was spent')
})
