/** An account takes nothing but passkeys from some moment on: codes that were typed before it are worth nothing after it. */
import test from 'ava'
import { nothingMade, postTo, signUpByCode, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const minute = 60_000
const day = 24 * 60 * minute
const bank = { ...shop, client_id: 'bank', client_name: 'Bank', latchkey: { firstParty: true, assurance: { downgrade: 'block' } } }

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop, bank] }), (started) => ({ server, app } = started))

const switchOn = (sub: string) =>
  server.foundation.storage.accounts.update(sub, (account) => ({ ...account, passkeysOnlySince: server.foundation.storage.clock.now() }))

/** Up to the page after the code, where more is left of the login. */
async function byCode(visitor: Visitor, at = app, parameters: Record<string, string> = {}) {
  server.advance(16 * minute)
  await visitor.ignoreMail()
  const authorization = await at.authorize(parameters)
  return { authorization, page: await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization))) }
}

/** A login by code that has come to the offer of a passkey, while the owner makes one elsewhere and takes no codes any more. */
async function overtaken() {
  const owner = createVisitor(server)
  const sub = await signUpByCode(owner, app)
  server.advance(8 * day)
  const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  const { page, authorization } = await byCode(visitor)
  const maker = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  const step = await byCode(maker, app, { acr_values: 'phr' })
  await maker.createPasskey(await postTo(maker, step.page, '/passkey-create', { start: '1' }))
  await switchOn(sub)
  return { visitor, page, authorization }
}

test.serial('passkeys only, switched on while a login by code is under way: what is left of it does not sign in', async (t) => {
  const { visitor, page } = await overtaken()
  t.is(page.heading, 'Sign in faster next time')
  const refused = await nothingMade(t, server, () => visitor.browser.submit(page, '/passkey-create', { button: 'Not now' }))
  t.is(refused.heading, 'This step is done')
  const asked = await visitor.browser.open(new URL(refused.links.find(({ text }) => text === 'Continue')!.href, refused.url))
  t.is(asked.heading, 'Confirm it is you')
  t.regex(asked.text, /a code alone is not enough/)
  t.false(asked.forms.some(({ values }) => values['method'] === 'email_otp'))
  await stillAsks(t, visitor, app)
})

test.serial('… and the passkey that is asked for then does', async (t) => {
  const { visitor, page, authorization } = await overtaken()
  const offer = await visitor.usePasskey(await visitor.browser.open(page.url.href.replace('/passkey-create', '?due')))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'phr')
})

test.serial('a mailbox that was proven before its account was made signs in to it as any other code does: not to one that takes none', async (t) => {
  const thief = createVisitor(server, { email: 'made.later@example.com' })
  const { page } = await byCode(thief)
  t.is(page.heading, 'Create an account for made.later@example.com?')
  const owner = createVisitor(server, { email: thief.email })
  server.advance(16 * minute)
  await owner.ignoreMail()
  await switchOn(await signUpWithPasskey(owner, app))

  const told = await thief.browser.submit(page, '/create-account')
  t.is(told.heading, 'You already have an account')
  const refused = await thief.browser.submit(told, '/account-exists')
  t.false(refused.elsewhere)
  t.is(refused.heading, 'Confirm it is you')
  await stillAsks(t, thief, app)
})

test.serial('… and not where the app takes no weaker way than the account has', async (t) => {
  const thief = createVisitor(server, { email: 'blocked.later@example.com' })
  const { page } = await byCode(thief, await createApp(server.issuer, bank))
  const owner = createVisitor(server, { email: thief.email })
  server.advance(16 * minute)
  await owner.ignoreMail()
  const sub = await signUpWithPasskey(owner, app)
  const told = await thief.browser.submit(page, '/create-account')
  t.is(told.heading, 'You already have an account')
  const refused = await thief.browser.submit(told, '/account-exists')
  t.is(refused.heading, 'Use your passkey here')
  await stillAsks(t, thief, app)
  const [entry] = await server.foundation.storage.audit.query({ accountId: sub, limit: 1 })
  t.is(entry?.type, 'sign_in.refused', 'an operator sees it')
})

test.serial('a session that a code began is none any more, one that a passkey began goes on', async (t) => {
  const owner = createVisitor(server)
  const sub = await signUpWithPasskey(owner, app)
  server.advance(2 * day)
  const thief = createVisitor(server, { email: owner.email })
  const { authorization, page } = await byCode(thief)
  await authorization.finish(page.url)
  await owner.usePasskey(await owner.arrive(await app.authorize()))
  t.true((await thief.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.has('code'), 'it is one until then')
  await switchOn(sub)

  const silent = await thief.arrive(await app.authorize({ prompt: 'none' }))
  t.is(silent.url.searchParams.get('error'), 'login_required')
  const asked = await thief.arrive(await app.authorize())
  t.false(asked.elsewhere)
  t.false(asked.text.includes('Code by email'))
  t.true((await owner.arrive(await app.authorize({ prompt: 'none' }))).url.searchParams.has('code'))
})
