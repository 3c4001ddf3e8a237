/** What an operator can read afterwards: each journey leaves its entries, in order. */
import test, { type ExecutionContext } from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

/** The entries since the last look, oldest first: each with its type and detail. */
async function entries(t: ExecutionContext) {
  const { audit } = server.foundation.storage
  const all = (await audit.query({ limit: 1000 })).toReversed()
  const fresh = all.slice(read)
  read = all.length
  for (const entry of fresh) {
    t.is(entry.clientId, 'shop', entry.type)
    t.notRegex(JSON.stringify(entry), /@|\b\d{6}\b/, entry.type)
  }
  return fresh.map(({ type, detail }) => ({ type, ...detail }))
}
let read = 0

/** before a proof, in a browser that knows nobody */
const decided = { type: 'passkey.decision', show: 'autofill_only', crossDevice: true, reason: 'not_known', words: 'no passkey of this account was used in this browser, as far as may be told' }

async function signUp(visitor: Visitor) {
  const authorization = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  return { offer, authorization }
}

test.serial('a sign-up without a passkey, and a sign-out', async t => {
  const visitor = createVisitor(server)
  const { offer, authorization } = await signUp(visitor)
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const tokens = await authorization.finish(landing.url)
  t.deepEqual(await entries(t), [
    { type: 'code.sent', purpose: 'sign_up', resent: false },
    { type: 'account.created', method: 'email_otp' },
    { type: 'passkey.offer', offered: true, reason: 'the account was just created' },
    { type: 'sign_in', method: 'email_otp', acr: 'urn:latchkey:acr:1fa', firstTimeOnDevice: true },
  ])

  await visitor.browser.submit(await visitor.browser.open(app.signOutUrl(tokens)), '/session/end/confirm', { button: 'Stay signed in' })
  t.deepEqual(await entries(t), [])
  await visitor.browser.submit(await visitor.browser.open(app.signOutUrl(tokens)), '/session/end/confirm', { button: 'Sign out' })
  t.deepEqual(await entries(t), [{ type: 'sign_out', everywhere: false }])
})

test.serial('a sign-in by code although there is a passkey: told to the person, and why none was offered', async t => {
  const visitor = createVisitor(server)
  const { offer } = await signUp(visitor)
  await visitor.createPasskey(offer)
  await entries(t)

  const other = createVisitor(server, { email: visitor.email })
  await other.ignoreMail()
  const page = await other.typeEmail(await other.arrive(await app.authorize()))
  t.true((await other.typeCode(page)).elsewhere)
  t.deepEqual((await entries(t)).toSorted((a, b) => a.type.localeCompare(b.type)), [
    { type: 'code.sent', purpose: 'sign_in', resent: false },
    { type: 'downgrade.notified', method: 'email_otp' },
    decided,
    { type: 'passkey.offer', offered: false, reason: 'a passkey may not be added with these proofs' },
    { type: 'sign_in', method: 'email_otp', acr: 'urn:latchkey:acr:1fa', firstTimeOnDevice: true },
  ])
})

test.serial('a disabled account: refused once, with the proof', async t => {
  const visitor = createVisitor(server)
  const { authorization, offer } = await signUp(visitor)
  await authorization.finish((await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })).url)
  const { identifiers, accounts } = server.foundation.storage
  const identifier = await identifiers.get(`email:${visitor.email}`)
  await accounts.update(identifier?.accountId ?? '', account => ({ ...account, disabledAt: Date.now() }))
  await entries(t)

  visitor.browser.cookies.clear()
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const refused = await visitor.typeCode(page)
  t.is(refused.status, 403)
  await visitor.browser.open(refused.url)
  t.deepEqual(await entries(t), [
    { type: 'code.sent', purpose: 'sign_in', resent: false },
    decided,
    { type: 'sign_in.refused', reason: 'account_off' },
  ])
})

test.serial('codes that were not sent, and codes that were wrong', async t => {
  const visitor = createVisitor(server)
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  await visitor.typeCode(page, 'nonsense')
  await visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' })
  server.advance(60_000)
  await visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' })
  t.deepEqual(await entries(t), [
    { type: 'code.sent', purpose: 'sign_in', resent: false },
    decided,
    { type: 'sign_in.failed', method: 'email_otp', reason: 'wrong' },
    { type: 'code.refused', purpose: 'sign_in', reason: 'too_early' },
    { type: 'code.sent', purpose: 'sign_in', resent: true },
  ])
})
