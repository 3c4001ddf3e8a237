/** What a sign-up left unproven, asked for at a later sign-in: the code, a typing mistake put right, and who may do that. */
import test, { type ExecutionContext } from 'ava'
import type { Rule } from '../../src/policy/rules.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createNewcomer, type Newcomer, tokensAfter } from './newcomer.ts'

const other = { ...shop, client_id: 'other', redirect_uris: ['http://localhost:8/other'], latchkey: { firstParty: true, verification: { strategy: 'before_first_login' } } }

let n = 0
const address = () => `person${(n += 1)}@example.com`

async function start(t: ExecutionContext, strategy: string, rules?: Rule[]): Promise<{ server: InProcess; app: App; second: App }> {
  const server = await startInProcess({ config: { verification: { strategy } }, clients: [shop, other], ...(rules && { rules }) })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop), second: await createApp(server.issuer, other) }
}

/** The sign-up under each strategy: the account's name at the apps. */
async function signUp(newcomer: Newcomer, app: App, email: string): Promise<string> {
  const authorization = await app.authorize()
  let page = await newcomer.fill(authorization, { identifier: email })
  if (page.heading === 'Create your passkey') page = await newcomer.browser.submit(await newcomer.createPasskey(page), '/passkey-create')
  return (await tokensAfter(newcomer, authorization, page)).claims()!.sub
}

const openCorrection = (newcomer: Newcomer, page: Page) => newcomer.browser.open(new URL(`${page.url.pathname}?correct`, page.url))
const listed = async (server: InProcess, sub: string) => (await server.foundation.storage.accounts.get(sub))?.identifiers.map(({ value, verifiedAt }) => [value, verifiedAt !== undefined])

test('a typing mistake, in the browser that signed up: the right address takes its place once it is proven', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const [typo, right] = [address(), address()]
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, typo)
  const authorization = await app.authorize()
  const asked = await newcomer.arrive(authorization)
  const form = await openCorrection(newcomer, asked)
  t.is(form.heading, 'Correct your email')
  t.is(form.form('/confirm').values['identifier'], typo)
  const wrong = await newcomer.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: 'nothing' } })
  t.is(wrong.status, 400)
  const code = await newcomer.browser.submit(wrong, '/confirm', { button: 'Send me a code', values: { identifier: right } })
  t.is(code.heading, 'Confirm your email')
  t.true(code.html.includes(right.split('@')[0]!))
  t.deepEqual(await listed(server, sub), [[typo, false]], 'nothing changes before the proof')
  const done = await tokensAfter(newcomer, authorization, await newcomer.prove(code, right))
  t.is(done.claims()?.sub, sub)
  t.deepEqual(await listed(server, sub), [[right, true]])
})

test('a typing mistake, with the passkey: the guard says yes to a fresh one', async (t) => {
  const { server, app, second } = await start(t, 'none')
  const [typo, right] = [address(), address()]
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, typo)
  server.advance(10 * 60_000)
  const elsewhere = createNewcomer(server, { authenticator: newcomer.authenticator })
  const authorization = await second.authorize()
  const asked = await elsewhere.usePasskey(await elsewhere.arrive(authorization))
  t.is(asked.heading, 'Confirm your email')
  const form = await openCorrection(elsewhere, asked)
  const code = await elsewhere.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: right } })
  const landing = await elsewhere.prove(code, right)
  t.is((await authorization.finish(landing.url)).claims()?.sub, sub)
  t.deepEqual(await listed(server, sub), [[right, true]])
})

test('a session of before is not enough to put another address into an account with a passkey', async (t) => {
  const { server, app, second } = await start(t, 'none')
  const [typo, thief] = [address(), address()]
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, typo)
  server.advance(10 * 60_000)
  const asked = await newcomer.arrive(await second.authorize())
  t.is(asked.heading, 'Confirm your email')
  t.false(asked.links.some(({ text }) => text === 'Correct a typo'))
  const refused = await newcomer.browser.submit(asked, '/confirm', { button: 'Send me a code', values: { correct: '1', identifier: thief } })
  t.is(refused.status, 403)
  t.deepEqual(await listed(server, sub), [[typo, false]])
})

test('an address that somebody else has is not taken by a correction', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const [typo, theirs] = [address(), address()]
  const owner = createNewcomer(server)
  const ownerSub = await signUp(owner, app, theirs)
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, typo)
  const asked = await newcomer.arrive(await app.authorize())
  const code = await newcomer.browser.submit(await openCorrection(newcomer, asked), '/confirm', { button: 'Send me a code', values: { identifier: theirs } })
  const after = await newcomer.prove(code, theirs)
  t.false(after.elsewhere)
  t.deepEqual([await listed(server, sub), await listed(server, ownerSub)], [[[typo, false]], [[theirs, false]]])
})

test('a wrong code confirms nothing, and a POST to what is not due neither', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const own = address()
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, own)
  const asked = await newcomer.arrive(await app.authorize())
  const code = await newcomer.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  t.is((await newcomer.browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })).status, 400)
  for (const path of ['/passkey-create', '/claim', '/create-account', '/recovery-codes', '/sign-up']) {
    const form = { ...code.form('/email-otp', 'Continue'), action: code.url.pathname.replace('/email-otp', path) }
    t.is((await newcomer.browser.submit(code, form, { values: { code: 'wrong!' } })).status, 409, path)
  }
  t.deepEqual(await listed(server, sub), [[own, false]])
})

test('a rule of the operator against changes is obeyed: nothing is sent to the address that was typed', async (t) => {
  const rules: Rule[] = []
  const { server, app } = await start(t, 'before_first_login', rules)
  const [typo, right] = [address(), address().replace('example.com', 'blocked.example')]
  const newcomer = createNewcomer(server)
  const sub = await signUp(newcomer, app, typo)
  const form = await openCorrection(newcomer, await newcomer.arrive(await app.authorize()))
  rules.push({
    name: 'no such address', because: 'a test', on: ['change'], then: ['deny'],
    when: { all: [{ signal: 'change', test: { oneOf: new Set(['replace_identifier']) } }, { signal: 'domain', test: { domainIn: new Set(['blocked.example']) } }] },
  })
  const stopped = await newcomer.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: right } })
  t.is(stopped.status, 403)
  t.is(stopped.heading, 'We cannot let this go on here')
  t.deepEqual(await server.outbox(), [])
  t.deepEqual(await listed(server, sub), [[typo, false]])
  const other = await newcomer.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: address() } })
  t.is(other.heading, 'Confirm your email', 'another one is not meant by it')
})
