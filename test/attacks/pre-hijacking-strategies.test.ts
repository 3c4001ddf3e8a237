/**
 * Under strategies that let people in before they have proven an address, somebody signs up with another person's and
 * waits (Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022). Nothing of that may reach the owner.
 */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop, type Tokens } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createNewcomer, type Newcomer, tokensAfter } from '../login/newcomer.ts'

const email = { signIn: true, signUp: 'required' }
const phone = { signIn: true, signUp: 'optional', defaultRegion: 'GB' }
const scope = 'openid email offline_access'
const claims = 'Did you start this account elsewhere?'

let n = 0
const address = () => `victim${(n += 1)}@example.com`
const number = () => `+4479111250${String(10 + (n += 1))}`

async function start(t: ExecutionContext, strategy: string): Promise<{ server: InProcess; app: App }> {
  const server = await startInProcess({ config: { identifiers: { email, phone, username: { signIn: false, signUp: 'off' } }, verification: { strategy } }, clients: [shop] })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

/** Signs up without proving anything: straight in, or with a passkey. */
async function reserve(server: InProcess, app: App, values: Record<string, string>, who = createNewcomer(server)): Promise<{ who: Newcomer; tokens: Tokens; sub: string }> {
  const authorization = await app.authorize({ scope, prompt: 'consent' })
  let page = await who.fill(authorization, values)
  if (page.heading === 'Create your passkey') page = await who.browser.submit(await who.createPasskey(page), '/passkey-create')
  else if (!page.elsewhere) page = await who.browser.submit(page, '/passkey-create', { button: 'Not now' })
  if (page.heading.startsWith('Let ')) page = await who.browser.submit(page, '/consent', { button: 'Allow' })
  const tokens = await authorization.finish(page.url)
  return { who, tokens, sub: tokens.claims()!.sub }
}

/** The owner comes by the sign-in, from another browser: the page after the code. */
async function come(server: InProcess, app: App, to: string, { signUp = false } = {}): Promise<{ owner: Newcomer; page: Page; finish: (page: Page) => Promise<Tokens> }> {
  const owner = createNewcomer(server, { email: to })
  const authorization = await app.authorize()
  const sent = signUp ? await owner.fill(authorization, { email: to }) : await owner.typeEmail(await owner.arrive(authorization))
  const page = await owner.prove(sent, to)
  return { owner, page, finish: (at) => tokensAfter(owner, authorization, at) }
}

const press = (owner: Newcomer, page: Page) => owner.browser.submit(page, '/claim', { button: 'Start a new account' })
const record = (server: InProcess, sub: string) => server.foundation.storage.accounts.get(sub)

test('unexpired session: the owner gets a new account, and the session, tokens and refresh tokens of the one before end', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const attacker = await reserve(server, app, { email: theirs })
  const { owner, page, finish } = await come(server, app, theirs)
  t.is(page.heading, claims)
  const tokens = await finish(await press(owner, page))
  const sub = tokens.claims()!.sub
  t.not(sub, attacker.sub)
  t.true((await app.userinfo(tokens)).email_verified)

  await t.throwsAsync(app.userinfo(attacker.tokens), undefined, 'the access token')
  if (attacker.tokens.refresh_token !== undefined) await t.throwsAsync(app.refresh(attacker.tokens))
  const silent = await app.authorize({ prompt: 'none' })
  await t.throwsAsync(async () => silent.finish((await attacker.who.arrive(silent)).url))
  t.is((await attacker.who.arrive(await app.authorize())).heading, 'Sign in', 'nobody is signed in there')
  const old = await record(server, attacker.sub)
  t.deepEqual(old?.identifiers, [])
  t.truthy(old?.disabledAt)
  t.deepEqual((await record(server, sub))?.credentialIds, [])
})

test('unexpired session: at another request the attacker is asked for the proof, and no page of theirs gives the owner away', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const attacker = await reserve(server, app, { email: theirs })
  const asked = await attacker.who.arrive(await app.authorize())
  t.is(asked.heading, 'Confirm your email')
  const code = await attacker.who.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  t.is((await attacker.who.browser.submit(code, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })).status, 400)
  // Not the mail that was sent for the attacker: the owner's own.
  const { owner, page, finish } = await come(server, app, theirs)
  const sub = (await finish(await press(owner, page))).claims()!.sub
  const late = await attacker.who.browser.submit(code, '/email-otp', { button: 'Continue', values: { code: '111111' } })
  t.false(late.elsewhere)
  t.not(sub, attacker.sub)
})

test('trojan passkey: the owner is asked, starts anew, and the passkey opens the old account no more', async (t) => {
  const { server, app } = await start(t, 'none')
  const theirs = address()
  const attacker = await reserve(server, app, { email: theirs })
  t.is((await record(server, attacker.sub))?.credentialIds.length, 1)
  for (const signUp of [false, true]) {
    const { owner, page, finish } = await come(server, app, theirs, { signUp })
    if (signUp) {
      t.is(page.heading, 'You already have an account')
      break
    }
    t.is(page.heading, claims)
    t.is(page.passkeyForm('get').data['options']?.includes('allowCredentials":[{'), false, 'whose passkeys there are is not told')
    const sub = (await finish(await press(owner, page))).claims()!.sub
    t.not(sub, attacker.sub)
    t.deepEqual((await record(server, sub))?.credentialIds, [])
  }
  const back = await attacker.who.usePasskey(await attacker.who.arrive(await app.authorize()))
  t.false(back.elsewhere)
  await t.throwsAsync(app.userinfo(attacker.tokens))
})

test('trojan identifier: a number that the attacker has proven stays with them, and leads to nothing of the owner', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const [theirs, own] = [address(), number()]
  const attacker = await reserve(server, app, { email: theirs, phone: own })
  await server.foundation.storage.accounts.update(attacker.sub, (account) => ({ ...account, identifiers: account.identifiers.map((one) => (one.kind === 'phone' ? { ...one, verifiedAt: 1 } : one)) }))
  const { owner, page, finish } = await come(server, app, theirs)
  const sub = (await finish(await press(owner, page))).claims()!.sub
  t.not(sub, attacker.sub)
  t.deepEqual((await record(server, sub))?.identifiers.map(({ kind }) => kind), ['email'])
  const old = await record(server, attacker.sub)
  t.deepEqual(old?.identifiers.map(({ kind, value }) => [kind, value]), [['phone', own]])
  t.is(old?.disabledAt, undefined, 'it lives on with what is proven')
  await t.throwsAsync(app.userinfo(attacker.tokens), undefined, 'and what it had open has ended')
})

test('unexpired identifier change: a correction that was begun before changes nothing afterwards', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const [theirs, own] = [address(), address()]
  const attacker = await reserve(server, app, { email: theirs })
  const asked = await attacker.who.arrive(await app.authorize())
  const form = await attacker.who.browser.open(new URL(`${asked.url.pathname}?correct`, asked.url))
  const code = await attacker.who.browser.submit(form, '/confirm', { button: 'Send me a code', values: { identifier: own } })
  t.is(code.heading, 'Confirm your email')
  const { owner, page, finish } = await come(server, app, theirs)
  const tokens = await finish(await press(owner, page))
  const sub = tokens.claims()!.sub
  const late = await attacker.who.prove(code, own)
  t.false(late.elsewhere)
  t.deepEqual((await record(server, sub))?.identifiers.map(({ value }) => value), [theirs])
  t.true((await app.userinfo(tokens)).email_verified)
  t.is((await server.foundation.storage.identifiers.get(`email:${own}`))?.accountId === sub, false)
})

test('the honest owner on a second device, with a passkey: it is theirs for good', async (t) => {
  const { server, app } = await start(t, 'none')
  const own = address()
  const first = await reserve(server, app, { email: own })
  const second = createNewcomer(server, { email: own, authenticator: first.who.authenticator })
  const authorization = await app.authorize()
  const page = await second.prove(await second.typeEmail(await second.arrive(authorization)), own)
  t.is(page.heading, claims)
  const closed = await second.browser.submit(page, page.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000' } })
  t.is(closed.heading, claims, 'a closed window decides nothing')
  const landing = await second.usePasskey(closed)
  t.is((await authorization.finish(landing.url)).claims()?.sub, first.sub)
  t.truthy((await record(server, first.sub))?.identifiers[0]?.verifiedAt)
})

test('the honest owner on a second device, without a passkey: back on the first one it can be confirmed, and then it is theirs', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const own = address()
  const first = await reserve(server, app, { email: own })
  const { page } = await come(server, app, own)
  t.is(page.heading, claims)
  t.regex(page.html, /go back to the device where you started it/)
  const asked = await first.who.arrive(await app.authorize())
  await first.who.codeFor(own)
  const code = await first.who.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  await first.who.prove(code, own)
  t.truthy((await record(server, first.sub))?.identifiers[0]?.verifiedAt)
  const { page: later, finish } = await come(server, app, own)
  t.is((await finish(later)).claims()?.sub, first.sub, 'from now on the code alone signs in')
})

test('a newcomer whose address is reserved proves it and takes over; a sign-up asks no question', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const attacker = await reserve(server, app, { email: theirs })
  const { page, finish } = await come(server, app, theirs, { signUp: true })
  const sub = (await finish(page)).claims()!.sub
  t.not(sub, attacker.sub)
  t.truthy((await record(server, attacker.sub))?.disabledAt)
})

test('two sign-ups with one address at the same time: one account has it, and who proves it gets it', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const people = Array.from({ length: 4 }, () => createNewcomer(server))
  const forms = await Promise.all(people.map(async (one) => one.browser.submit(await one.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })))
  const pages = await Promise.all(people.map((one, i) => one.browser.submit(forms[i]!, '/sign-up', { values: { email: theirs, capabilities: JSON.stringify({ webauthn: true, platform: true }) } })))
  t.is(pages.filter(({ heading }) => heading === 'Sign in faster next time').length, 1)
  t.is(pages.filter(({ heading }) => heading === 'Confirm your email').length, 3)
})

test('two owners’ windows take over at once: one new account, and both are in it', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const attacker = await reserve(server, app, { email: theirs })
  const windows = [await come(server, app, theirs), await come(server, app, theirs)]
  const after = await Promise.all(windows.map(({ owner, page }) => press(owner, page)))
  const subs = await Promise.all(windows.map(async ({ finish }, i) => (await finish(after[i]!)).claims()!.sub))
  t.is(new Set(subs).size, 1)
  t.not(subs[0], attacker.sub)
})

test('a take-over and the confirmation on the first device at the same moment: exactly one of the two accounts has the address', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const first = await reserve(server, app, { email: theirs })
  const asked = await first.who.arrive(await app.authorize())
  const code = await first.who.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  const typed = await first.who.codeFor(theirs)
  const { owner, page } = await come(server, app, theirs)
  t.is(page.heading, claims)
  await Promise.all([
    first.who.browser.submit(code, '/email-otp', { button: 'Continue', values: { code: typed } }),
    press(owner, page),
  ])
  const found = await server.foundation.storage.identifiers.get(`email:${theirs}`)
  const holder = await record(server, found?.accountId ?? '')
  t.truthy(holder?.identifiers.find(({ value }) => value === theirs)?.verifiedAt)
  const old = await record(server, first.sub)
  t.is(old?.identifiers.some(({ value }) => value === theirs), holder?.id === first.sub)
})

test('a session from which the account was taken signs nobody in, and a question that stood open is asked anew', async (t) => {
  const { server, app } = await start(t, 'before_first_login')
  const theirs = address()
  const first = await reserve(server, app, { email: theirs })
  const late = await come(server, app, theirs)
  t.is(late.page.heading, claims)
  const asked = await first.who.arrive(await app.authorize())
  await first.who.codeFor(theirs)
  const code = await first.who.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  await first.who.prove(code, theirs)
  const after = await press(late.owner, late.page)
  t.is((await late.finish(after)).claims()?.sub, first.sub, 'confirmed in between: the proof of the address is one of that account')
})
