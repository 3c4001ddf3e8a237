/** Each strategy with each kind of identifier, from the form to the app's tokens. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createNewcomer, tokensAfter } from './newcomer.ts'

const email = { signIn: true, signUp: 'required' }
const phone = { signIn: true, signUp: 'required', defaultRegion: 'GB' }
const username = { signIn: true, signUp: 'required' }
const off = { signIn: false, signUp: 'off' }
const other = { ...shop, client_id: 'other', redirect_uris: ['http://localhost:8/other'] }
const scope = 'openid email phone profile'

let n = 0
const names = () => {
  n += 1
  return { email: `new${n}@example.com`, phone: `07911 12${String(3000 + n)}`, e164: `+447911 12${String(3000 + n)}`.replace(' ', ''), username: `newcomer${n}` }
}

async function start(t: ExecutionContext, strategy: string, identifiers: object, more: { verification?: object; latchkey?: object; config?: object } = {}): Promise<{ server: InProcess; app: App }> {
  const server = await startInProcess({
    config: { identifiers, verification: { strategy, ...more.verification }, ...more.config },
    clients: [{ ...shop, latchkey: { ...shop.latchkey, ...more.latchkey } }, other],
  })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

const identifiersIn = async (server: InProcess, sub = ''): Promise<string[]> =>
  ((await server.foundation.storage.accounts.get(sub))?.identifiers ?? []).map(({ kind, value, verifiedAt }) => `${kind} ${value}${verifiedAt === undefined ? '' : ' proven'}`)

test('at_sign_up: email and phone are proven one after the other, then there is an account with all of it', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone, username })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const first = await newcomer.fill(authorization, { email: who.email, phone: who.phone, username: who.username })
  t.is(first.heading, 'Confirm your email')
  t.is(await server.foundation.storage.identifiers.get(`email:${who.email}`), undefined, 'nothing is there before the proof')
  const second = await newcomer.prove(first, who.email)
  t.is(second.url.pathname.split('/').at(-1), 'sms-otp')
  t.is(await server.foundation.storage.identifiers.get(`username:${who.username}`), undefined)
  const offer = await newcomer.prove(second, who.e164)
  t.is(offer.heading, 'Sign in faster next time')
  const tokens = await tokensAfter(newcomer, authorization, offer)
  const claims = tokens.claims()
  t.is(claims?.['acr'], 'urn:latchkey:acr:mfa')
  t.deepEqual(await identifiersIn(server, claims?.sub), [`email ${who.email} proven`, `phone ${who.e164} proven`, `username ${who.username}`])
  const about = await app.userinfo(tokens)
  t.deepEqual([about.email_verified, about.phone_number_verified], [true, true])
})

test('at_sign_up with a phone number alone', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email: off, phone, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { identifier: who.phone })
  const tokens = await tokensAfter(newcomer, authorization, await newcomer.prove(page, who.e164))
  t.deepEqual(await identifiersIn(server, tokens.claims()?.sub), [`phone ${who.e164} proven`])
})

test('before_first_login: straight in; the next sign-in asks for the proof', async (t) => {
  const { server, app } = await start(t, 'before_first_login', { email, phone: { ...phone, signUp: 'optional' }, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const offer = await newcomer.fill(authorization, { email: who.email, phone: who.phone })
  t.is(offer.heading, 'Sign in faster next time')
  const tokens = await tokensAfter(newcomer, authorization, offer)
  const { sub, acr } = tokens.claims()!
  t.is(acr, '0')
  t.is((await app.userinfo(tokens)).email_verified, false)
  t.deepEqual(await identifiersIn(server, sub), [`email ${who.email}`, `phone ${who.e164}`])
  t.deepEqual(await server.outbox(), [], 'nothing is sent')
  const { signedUp } = (await server.foundation.storage.accounts.get(sub)) ?? {}
  t.is(signedUp?.clientId, 'shop')

  for (const [next, name] of [[app, 'the same app'], [await createApp(server.issuer, other), 'another app']] as const) {
    t.is((await newcomer.arrive(await next.authorize())).heading, 'Confirm your email', name)
    await t.throwsAsync(async () => (await next.authorize({ prompt: 'none' })).finish((await newcomer.arrive(await next.authorize({ prompt: 'none' }))).url), undefined, name)
  }
  const again = await app.authorize({ scope })
  const asked = await newcomer.arrive(again)
  const code = await newcomer.browser.submit(asked, '/confirm', { button: 'Send me a code' })
  t.is(code.heading, 'Confirm your email')
  const number = await newcomer.prove(code, who.email)
  t.is(number.heading, 'Confirm your mobile number')
  const text = await newcomer.browser.submit(number, '/confirm', { button: 'Send me a code' })
  const done = await tokensAfter(newcomer, again, await newcomer.prove(text, who.e164))
  t.is(done.claims()?.sub, sub, 'the same person in the browser that signed up')
  t.is(done.claims()?.['acr'], 'urn:latchkey:acr:mfa')
  t.deepEqual(await identifiersIn(server, sub), [`email ${who.email} proven`, `phone ${who.e164} proven`])
  t.is((await server.foundation.storage.accounts.get(sub))?.signedUp, undefined)
})

test('none: account and passkey are made together, and tokens are as usual', async (t) => {
  const { server, app } = await start(t, 'none', { email, phone: off, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { identifier: who.email })
  t.is(page.heading, 'Create your passkey')
  t.false(page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Not now')))
  t.is(await server.foundation.storage.identifiers.get(`email:${who.email}`), undefined, 'no account without its passkey')
  const made = await newcomer.createPasskey(page)
  t.is(made.heading, 'Your passkey is ready')
  const tokens = await authorization.finish((await newcomer.browser.submit(made, '/passkey-create')).url)
  const { sub, acr } = tokens.claims()!
  t.is(acr, 'phr')
  t.is((await app.userinfo(tokens)).email_verified, false)
  t.deepEqual(await identifiersIn(server, sub), [`email ${who.email}`])
  t.is((await server.foundation.storage.accounts.get(sub))?.credentialIds.length, 1)
  const silent = await app.authorize({ prompt: 'none' })
  t.is((await silent.finish((await newcomer.arrive(silent)).url)).claims()?.sub, sub, 'nothing more is ever asked')
})

test('none: a closed dialog leaves nothing behind, and "Use a code instead" proves first', async (t) => {
  const { server, app } = await start(t, 'none', { email, phone: off, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { identifier: who.email })
  const closed = await newcomer.browser.submit(page, page.passkeyForm('create'), { values: { error: 'NotAllowedError' } })
  t.is(closed.heading, 'No passkey was created')
  t.is(await server.foundation.storage.identifiers.get(`email:${who.email}`), undefined)
  const code = await newcomer.browser.submit(closed, '/passkey-create', { button: 'Use a code instead' })
  t.is(code.heading, 'Confirm your email')
  const tokens = await tokensAfter(newcomer, authorization, await newcomer.prove(code, who.email))
  t.deepEqual(await identifiersIn(server, tokens.claims()?.sub), [`email ${who.email} proven`])
})

test('none: a browser without passkeys proves first', async (t) => {
  const { server, app } = await start(t, 'none', { email, phone, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { email: who.email, phone: who.phone }, { passkeys: false })
  t.is(page.heading, 'Confirm your email')
  const landing = await newcomer.prove(await newcomer.prove(page, who.email), who.e164)
  t.deepEqual(await identifiersIn(server, (await authorization.finish(landing.url)).claims()?.sub), [`email ${who.email} proven`, `phone ${who.e164} proven`])
})

test('a strategy for each kind, and one for an app', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone, username: off }, { latchkey: { verification: { strategy: { email: 'at_sign_up', phone: 'none' } } } })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { email: who.email, phone: who.phone })
  const tokens = await tokensAfter(newcomer, authorization, await newcomer.prove(page, who.email))
  const sub = tokens.claims()?.sub ?? ''
  t.deepEqual(await identifiersIn(server, sub), [`email ${who.email} proven`, `phone ${who.e164}`])
  const silent = await app.authorize({ prompt: 'none' })
  t.is((await silent.finish((await newcomer.arrive(silent)).url)).claims()?.sub, sub, 'this app never asks for the number')
  t.is((await newcomer.arrive(await (await createApp(server.issuer, other)).authorize())).heading, 'Confirm your mobile number', 'another one does')
})

test('a username alone: recovery codes come before the app', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email: off, phone: off, username })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize({ scope })
  const page = await newcomer.fill(authorization, { identifier: who.username })
  t.is(page.heading, 'Save your recovery codes')
  t.regex(page.html, /Without an email or phone we cannot help you back in/)
  const shown = await newcomer.browser.submit(page, '/recovery-codes', { button: 'Show my codes' })
  const codes = [...shown.html.matchAll(/<code>([A-Z2-9]{4}-[A-Z2-9]{4})<\/code>/g)].map(([, code]) => code ?? '')
  t.is(codes.length, 10)
  const notSaved = await newcomer.browser.submit(shown, '/recovery-codes', { button: 'Continue' })
  t.is(notSaved.status, 400)
  const foreign = await newcomer.browser.submit(notSaved, '/recovery-codes', { button: 'Continue', values: { codes: 'AAAA-AAAA', saved: '1' } })
  t.is(foreign.status, 409, 'only codes of this account')
  const offer = await newcomer.browser.submit(notSaved, '/recovery-codes', { button: 'Continue', values: { saved: '1' } })
  const tokens = await tokensAfter(newcomer, authorization, offer)
  t.deepEqual(await identifiersIn(server, tokens.claims()?.sub), [`username ${who.username}`])

  const again = await app.authorize()
  t.is((await again.finish((await newcomer.arrive(again)).url)).claims()?.['acr'], '0', 'the session goes on, and claims nothing')
  newcomer.browser.cookies.clear()
  const asked = await newcomer.arrive(await app.authorize())
  const typed = await newcomer.browser.submit(asked, '/identifier', { button: 'Continue', values: { identifier: who.username } })
  const ways = await newcomer.browser.open(new URL(typed.url.pathname.replace(/[^/]+$/, 'methods'), typed.url))
  const field = await newcomer.browser.submit(ways, ways.forms.find(({ values }) => values['method'] === 'recovery_code')!)
  const used = await newcomer.browser.submit(field, '/recovery-code', { button: 'Continue', values: { code: codes[0] } })
  t.is(used.heading, 'You used a recovery code')
})

test('`friendly`: a taken address is told at the form, one that is only reserved is not', async (t) => {
  const { server, app } = await start(t, 'before_first_login', { email, phone: off, username: off, enumeration: 'friendly' })
  const who = names()
  const first = createNewcomer(server)
  const authorization = await app.authorize()
  const { sub } = (await tokensAfter(first, authorization, await first.fill(authorization, { identifier: who.email }))).claims()!
  const second = createNewcomer(server)
  t.is((await second.fill(await app.authorize(), { identifier: who.email })).heading, 'Confirm your email', 'a reservation is nobody’s')
  await server.foundation.storage.accounts.update(sub, (account) => ({ ...account, identifiers: account.identifiers.map((one) => ({ ...one, verifiedAt: 1 })) }))
  const told = await createNewcomer(server).fill(await app.authorize(), { identifier: who.email })
  t.is(told.status, 400)
  t.regex(told.html, /There is an account with this address/)
})

test('a form that is sent twice at once makes one account', async (t) => {
  const { server, app } = await start(t, 'before_first_login', { email, phone: off, username: off })
  const who = names()
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  const form = await newcomer.browser.submit(await newcomer.arrive(authorization), '/identifier', { button: 'Create an account' })
  const values = { identifier: who.email, capabilities: JSON.stringify({ webauthn: true, platform: true }) }
  const pages = await Promise.all([1, 2].map(() => newcomer.browser.submit(form, '/sign-up', { values })))
  t.true(pages.some(({ heading }) => heading === 'Sign in faster next time'))
  const made = (await server.foundation.storage.audit.query({ limit: 100 })).filter(({ type }) => type === 'account.created')
  t.is(made.length, 1)
})

test('everything that is wrong is told at once, and what is optional may be left out', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone: { ...phone, signUp: 'optional' }, username })
  const newcomer = createNewcomer(server)
  const page = await newcomer.fill(await app.authorize(), { email: 'no address', phone: '1', username: '' })
  t.is(page.status, 400)
  for (const text of ['Enter an email address like name@example.com.', 'Enter a mobile number like', 'Enter the name that you want.']) t.true(page.html.includes(text), text)
  t.regex(page.html, /Mobile number \(optional\)/)
  const who = names()
  const next = await newcomer.browser.submit(page, '/sign-up', { values: { email: who.email, phone: '', username: who.username } })
  t.is(next.heading, 'Confirm your email')
})

test('a name that is taken: two free ones are named; of a taken address nothing is told', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone: off, username })
  const who = names()
  const first = createNewcomer(server)
  const authorization = await app.authorize()
  await tokensAfter(first, authorization, await first.prove(await first.fill(authorization, { email: who.email, username: who.username }), who.email))

  const second = createNewcomer(server)
  const page = await second.fill(await app.authorize(), { email: who.email, username: who.username })
  const [, a = '', b = ''] = /This name is taken\. Try (\S+) or (\S+)\./.exec(page.html) ?? []
  t.true(a.startsWith(who.username) && b.startsWith(who.username) && a !== b)
  t.false(page.html.includes('There is an account'))
  const sent = await second.browser.submit(page, '/sign-up', { values: { email: who.email, username: a } })
  t.is(sent.heading, 'Confirm your email')
  t.is((await second.prove(sent, who.email)).heading, 'You already have an account')
})

test('a name that went to somebody else while the address was proven: the form again, and no second code', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone: off, username })
  const [one, two] = [names(), names()]
  const slow = createNewcomer(server)
  const theirs = await app.authorize()
  const waiting = await slow.fill(theirs, { email: one.email, username: one.username })
  const quick = createNewcomer(server)
  const authorization = await app.authorize()
  await tokensAfter(quick, authorization, await quick.prove(await quick.fill(authorization, { email: two.email, username: one.username }), two.email))
  const form = await slow.prove(waiting, one.email)
  t.is(form.heading, 'Create your account')
  t.regex(form.html, /This name is taken/)
  const offer = await slow.browser.submit(form, '/sign-up', { values: { email: one.email, username: 'somethingelse', capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  t.deepEqual(await identifiersIn(server, (await tokensAfter(slow, theirs, offer)).claims()?.sub), [`email ${one.email} proven`, 'username somethingelse'])
})

test('"Change" on the way of a sign-up: what was typed is there to be corrected', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone: off, username })
  const who = names()
  const newcomer = createNewcomer(server)
  const page = await newcomer.fill(await app.authorize(), { email: who.email, username: who.username })
  const form = await newcomer.browser.submit(page, '/identifier', { button: 'Change' })
  t.is(form.heading, 'Create your account')
  const values = form.form('/sign-up').values
  t.deepEqual([values['email'], values['username']], [who.email, who.username])
})

test('a sign-in with an address that nobody has: what is asked for besides comes on the form', async (t) => {
  const { server, app } = await start(t, 'at_sign_up', { email, phone: off, username })
  const who = names()
  const newcomer = createNewcomer(server, { email: who.email })
  const authorization = await app.authorize()
  const asked = await newcomer.prove(await newcomer.typeEmail(await newcomer.arrive(authorization)), who.email)
  t.is(asked.heading, `Create an account for ${who.email}?`)
  const form = await newcomer.browser.submit(asked, '/create-account', { button: 'Create account' })
  t.is(form.heading, 'Create your account')
  t.is(form.form('/sign-up').values['email'], who.email)
  const offer = await newcomer.browser.submit(form, '/sign-up', { values: { email: who.email, username: who.username, capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  t.deepEqual(await identifiersIn(server, (await tokensAfter(newcomer, authorization, offer)).claims()?.sub), [`email ${who.email} proven`, `username ${who.username}`], 'it is not proven twice')
})
