/** Answers of an authenticator that must not sign anybody in. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type CeremonyOverrides, createAuthenticator } from '../helpers/authenticator.ts'
import { eventually } from '../helpers/eventually.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, refused, signUpWithPasskey, stillAsks, whatThereIs } from './refused.ts'

let server: Server
let app: App
let owner: Visitor
setUp(() => startServer({ clients: [shop] }), async (started) => {
  ({ server, app } = started)
  owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
})

/** A browser that knows nobody, with the owner's passkey at hand: what it answers decides alone. */
const atAnotherBrowser = (of = owner) => createVisitor(server, { email: of.email, authenticator: of.authenticator })

/** Somebody who has had no mails but the first: there is a limit to how many codes one address gets. */
async function newOwner() {
  const visitor = createVisitor(server)
  return { visitor, email: visitor.email, subject: await signUpWithPasskey(visitor, app) }
}

/** The owner at another browser, signed in there by a code: with a passkey that could do more. */
async function signedInByCode(of = owner): Promise<Visitor> {
  const visitor = atAnotherBrowser(of)
  await visitor.ignoreMail()
  const first = await app.authorize()
  const landing = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(first)))
  await first.finish(landing.url)
  return visitor
}
let signedIn: Promise<Visitor> | undefined

const buttons = (page: Page): string[] => page.forms.flatMap(form => form.buttons.map(({ text }) => text))

/** The log line of the refusal: the reason, and a reference that the request's own line has too. */
async function loggedReason(since: number): Promise<string> {
  const line = await eventually('the refusal in the log', async () => server.log.slice(since).find(text => text.includes('"passkey refused"')))
  const { reason = '', reference = '?' } = JSON.parse(line) as { reason?: string; reference?: string }
  await server.logLineWith(`"reference":"${reference}","method":"POST"`)
  return reason
}

interface Case {
  overrides: () => Partial<CeremonyOverrides>
  reason: string
  /** the heading after an address was typed; the first sentence of the notice before */
  says: string
}

const cases: Record<string, Case> = {
  'from another origin': { overrides: () => ({ origin: 'http://localhost.evil.example' }), reason: 'wrong_origin', says: 'This address is not set up for passkeys' },
  'from another port of the same host': { overrides: () => ({ origin: 'http://localhost:1' }), reason: 'wrong_origin', says: 'This address is not set up for passkeys' },
  'from inside a frame of another site': { overrides: () => ({ crossOrigin: true, topOrigin: 'https://evil.example' }), reason: 'wrong_origin', says: 'This address is not set up for passkeys' },
  'for another RP ID': { overrides: () => ({ rpId: 'evil.example' }), reason: 'wrong_rp_id', says: 'This address is not set up for passkeys' },
  'without user verification': { overrides: () => ({ userVerified: false }), reason: 'user_verification_missing', says: 'This computer cannot check that it is you' },
  'without user presence': { overrides: () => ({ userPresent: false }), reason: 'user_verification_missing', says: 'This computer cannot check that it is you' },
  'with a bogus signature': { overrides: () => ({ bogusSignature: true }), reason: 'bad_signature', says: 'We could not check this passkey' },
  'of a passkey that nobody has here': { overrides: () => ({ credential: strangersCredential() }), reason: 'unknown_credential', says: 'This passkey was removed from your account' },
  'with a foreign user handle': { overrides: () => ({ userHandle: 'c29tZWJvZHkgZWxzZQ' }), reason: 'unknown_credential', says: 'This passkey was removed from your account' },
  'under the owner’s credential id, signed by another key': { overrides: () => ({ credential: { ...strangersCredential(), ...ownersId() } }), reason: 'bad_signature', says: 'We could not check this passkey' },
  'of another ceremony': { overrides: () => ({ type: 'webauthn.create' }), reason: 'malformed', says: 'We could not check this passkey' },
  'whose passkey is suddenly a synced one or no longer': { overrides: () => ({ backupEligible: false, backupState: false }), reason: 'bad_signature', says: 'We could not check this passkey' },
}

const ownersId = () => {
  const { id = '', userHandle = '' } = owner.authenticator.credentials[0] ?? {}
  return { id, userHandle }
}

function strangersCredential() {
  const authenticator = createAuthenticator()
  const user = { id: 'bm9ib2R5', name: 'nobody', displayName: 'nobody' }
  const rp = { id: 'localhost', name: 'nobody' }
  authenticator.create({ rp, user, challenge: 'AA', pubKeyCredParams: [{ alg: -7, type: 'public-key' }] }, { origin: server.issuer })
  return authenticator.credentials[0]!
}

for (const [name, { overrides, reason, says }] of Object.entries(cases)) {
  test.serial(`an assertion ${name}: on the first screen`, async t => {
    const visitor = atAnotherBrowser()
    const start = await visitor.arrive(await app.authorize())
    const since = server.log.length
    const page = await nothingMade(t, server, () => visitor.usePasskey(start, overrides()))
    t.is(visitor.browser.visits.findLast(({ method }) => method === 'POST')?.status, 303)
    t.is(page.heading, 'Sign in')
    await refused(t, { server, visitor, page, status: 200, sentence: says, nextStep: 'Continue' })
    t.truthy(page.passkeyForm('get'))
    t.is(await loggedReason(since), reason)
    await stillAsks(t, visitor, app)
  })

  test.serial(`an assertion ${name}: after an address`, async t => {
    const visitor = atAnotherBrowser()
    const code = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
    t.is(code.heading, 'Check your email')
    const page = await nothingMade(t, server, () => visitor.usePasskey(code, overrides()))
    t.is(page.heading, says)
    await refused(t, { server, visitor, page, status: 200, sentence: says, nextStep: `Send a code to ${visitor.email}` })
    await stillAsks(t, visitor, app)
  })

  test.serial(`an assertion ${name}: when the app asks a signed-in person for more`, async t => {
    const visitor = await (signedIn ??= signedInByCode())
    const stepUp = await visitor.arrive(await app.authorize({ acr_values: 'phr' }))
    t.is(stepUp.heading, 'Confirm it is you')
    const since = server.log.length
    const page = await nothingMade(t, server, () => visitor.usePasskey(stepUp, overrides()))
    t.is(await loggedReason(since), reason)
    t.is(page.heading, says)
    await refused(t, { server, visitor, page, status: 200, sentence: says, nextStep: reason === 'unknown_credential' ? 'Use another passkey' : 'Try the passkey again' })
    for (const way of ['Use my phone or a security key', 'Go on without a passkey', 'Go back to Example Shop']) t.true(buttons(page).includes(way), `${way}: ${buttons(page)}`)
  })
}

test.serial('who goes on without a passkey comes back with the level that was proven', async t => {
  // an account without all the failures above: after many of them a rule asks for its passkey
  const visitor = await signedInByCode((await newOwner()).visitor)
  const more = await app.authorize({ acr_values: 'phr' })
  const failed = await visitor.usePasskey(await visitor.arrive(more), { bogusSignature: true })
  const landing = await visitor.browser.submit(failed, '/step-up', { button: 'Go on without a passkey' })
  t.is((await more.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')
})

test.serial('… but not where the level is essential', async t => {
  const visitor = await (signedIn ??= signedInByCode())
  const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['phr'] } } })
  const failed = await visitor.usePasskey(await visitor.arrive(await app.authorize({ claims })), { bogusSignature: true })
  t.is(failed.heading, 'We could not check this passkey')
  t.false(buttons(failed).includes('Go on without a passkey'))
  const asked = await nothingMade(t, server, () => postTo(visitor, failed, '/step-up', { skip: '1' }))
  t.is(asked.heading, 'We could not check this passkey', 'the same screen')
})

test.serial('a passkey dialog closed when the app asks for more: said so, and the next one is enough', async t => {
  const visitor = await (signedIn ??= signedInByCode())
  const more = await app.authorize({ acr_values: 'phr' })
  const stepUp = await visitor.arrive(more)
  const closed = await visitor.browser.submit(stepUp, stepUp.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000' } })
  t.is(closed.heading, 'The passkey was not used')
  const landing = await visitor.usePasskey(closed)
  t.is((await more.finish(landing.url)).claims()?.['acr'], 'phr')
})

const shapes: Record<string, string> = {
  'no JSON': '{',
  'null': 'null',
  'a number': '7',
  'a list': '[]',
  'an empty object': '{}',
  'a response that is text': '{"id":"AA","rawId":"AA","type":"public-key","response":"AA"}',
  'clientDataJSON that is none': '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA"}}',
  'nested a thousand times': '['.repeat(1000) + ']'.repeat(1000),
  '__proto__': '{"__proto__":{"ok":true},"constructor":{"prototype":{"ok":true}}}',
}

for (const [name, response] of Object.entries(shapes)) {
  test.serial(`a malformed assertion: ${name}`, async t => {
    const visitor = atAnotherBrowser()
    const start = await visitor.arrive(await app.authorize())
    const since = server.log.length
    const page = await nothingMade(t, server, () => visitor.browser.submit(start, start.passkeyForm('get'), { values: { response } }))
    await refused(t, { server, visitor, page, status: 200, sentence: 'We could not check this passkey', nextStep: 'Continue' })
    t.is(await loggedReason(since), 'malformed')
    await stillAsks(t, visitor, app)
  })
}

test.serial('authenticator data cut short', async t => {
  const visitor = atAnotherBrowser()
  const start = await visitor.arrive(await app.authorize())
  const form = start.passkeyForm('get')
  const response = owner.authenticator.get(JSON.parse(form.data['options'] ?? ''), { origin: server.issuer })
  response.response.authenticatorData = response.response.authenticatorData.slice(0, 20)
  const page = await nothingMade(t, server, () => visitor.browser.submit(start, form, { values: { response: JSON.stringify(response) } }))
  await refused(t, { server, visitor, page, status: 200, sentence: 'We could not check this passkey', nextStep: 'Continue' })
})

test.serial('after a refusal the right answer signs in, and so does the code', async t => {
  const own = await newOwner()
  const visitor = atAnotherBrowser(own.visitor)
  const authorization = await app.authorize()
  const failed = await visitor.usePasskey(await visitor.arrive(authorization), { bogusSignature: true })
  const landing = await visitor.usePasskey(failed)
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, own.subject)
  t.is(claims?.['acr'], 'phr')

  const other = atAnotherBrowser(own.visitor)
  await other.ignoreMail()
  const again = await app.authorize()
  const refusedPage = await other.usePasskey(await other.typeEmail(await other.arrive(again)), { userVerified: false })
  const code = await other.browser.submit(refusedPage, '/methods', { button: `Send a code to ${own.email}` })
  t.is(code.heading, 'Check your email')
  const end = await other.typeCode(code)
  t.is((await again.finish(end.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa', 'the refused passkey counts for nothing')
})

/** The page after somebody typed one address and then used the passkey of another account. */
async function withAnothersPasskey() {
  const [own, stranger] = [await newOwner(), await newOwner()]
  const visitor = createVisitor(server, { email: own.email, authenticator: stranger.visitor.authenticator })
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const code = await visitor.typeEmail(await visitor.arrive(authorization))
  const before = whatThereIs(server)
  const page = await visitor.usePasskey(code)
  return { own, stranger, visitor, authorization, page, before, after: whatThereIs(server) }
}

test.serial('another account’s passkey when an address was typed: the person decides, and nobody is signed in before', async t => {
  const { own, stranger, visitor, page, before, after } = await withAnothersPasskey()
  await refused(t, { server, visitor, page, status: 200, sentence: 'That passkey belongs to another account', nextStep: `Sign in as ${stranger.email}` })
  await refused(t, { server, visitor, page, status: 200, sentence: `You typed ${own.email}.`, nextStep: `Go on as ${own.email} with a code` })
  for (const kind of ['accounts', 'identifiers', 'devices', 'sessions', 'granted', 'results']) t.deepEqual(after[kind], before[kind], kind)
  t.is(after['proofs']?.length, (before['proofs']?.length ?? 0) + 1, 'the passkey waits for the decision')
  await stillAsks(t, visitor, app)
})

test.serial('… going on as the one who was typed needs that one’s proof, and the passkey counts for nothing', async t => {
  const { own, visitor, authorization, page } = await withAnothersPasskey()
  const code = await visitor.browser.submit(page, '/methods', { button: `Go on as ${own.email} with a code` })
  t.is(code.heading, 'Check your email')
  const landing = await visitor.typeCode(code)
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, own.subject)
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
})

test.serial('… signing in as its owner gives the app that account and no other', async t => {
  const { stranger, visitor, authorization, page } = await withAnothersPasskey()
  const landing = await visitor.browser.submit(page, '/passkey', { button: `Sign in as ${stranger.email}` })
  t.is((await authorization.finish(landing.url)).claims()?.sub, stranger.subject)
})

test.serial('… and after the address was changed there is nothing left to decide', async t => {
  const { visitor, page } = await withAnothersPasskey()
  const start = await visitor.browser.submit(await postTo(visitor, page, '/methods', { method: 'email_otp' }), '/identifier', { button: 'Change' })
  t.is(start.heading, 'Sign in')
  await nothingMade(t, server, () => postTo(visitor, start, '/passkey', { use_other: '1' }))
  await stillAsks(t, visitor, app)
})

test.serial('another account’s passkey when the app asks a signed-in person for more: no switch is offered, none works', async t => {
  const [own, stranger] = [await newOwner(), await newOwner()]
  const visitor = atAnotherBrowser(own.visitor)
  await visitor.ignoreMail()
  const first = await app.authorize()
  const landing = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(first)))
  await first.finish(landing.url)

  const more = await app.authorize({ acr_values: 'phr' })
  const stepUp = await visitor.arrive(more)
  t.is(stepUp.heading, 'Confirm it is you')
  const page = await visitor.usePasskey(stepUp, { credential: stranger.visitor.authenticator.credentials[0]! })
  await refused(t, { server, visitor, page, status: 200, sentence: 'That passkey belongs to another account', nextStep: 'Try another way' })
  t.false(page.html.includes('use_other'))
  await nothingMade(t, server, () => postTo(visitor, page, '/passkey', { use_other: '1' }))
  const ways = await visitor.browser.open(`${server.issuer}${page.url.pathname.replace(/wrong-account$/, 'methods')}`)
  const end = await visitor.usePasskey(ways)
  t.is((await more.finish(end.url)).claims()?.sub, own.subject)
})
