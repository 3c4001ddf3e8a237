/** What the operator's rules say is done at every point of a login where they are asked. */
import test, { type ExecutionContext } from 'ava'
import type { Condition, Rule } from '../../src/policy/rules.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, refused, signUpByCode, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'

const minute = 60_000
const day = 24 * 60 * minute
const whenever: Condition = { all: [] }
/** Not at the sign-up that the test itself begins with. */
const later: Condition = { signal: 'account.createdHere', test: { is: false } }
const rule = (on: Rule['on'][number], then: Rule['then'][number], ask?: Rule['ask'], when: Condition = later): Rule =>
  ({ name: `${on} ${then}`, on: [on], when, then: [then], because: 'a test', ...(ask && { ask }) })

async function start(t: ExecutionContext, ...rules: Rule[]): Promise<{ server: InProcess; app: App }> {
  const server = await startInProcess({ clients: [shop], rules })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

async function byCode(server: InProcess, visitor: Visitor, authorization: { url: URL }): Promise<Page> {
  server.advance(8 * day)
  await visitor.ignoreMail()
  return visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization as never)))
}

const elsewhere = (server: InProcess, { email, authenticator }: Visitor) => createVisitor(server, { email, authenticator })

test('sign_in: a challenge becomes part of what is asked, and only what is missing is', async (t) => {
  const { server, app } = await start(t, rule('sign_in', 'challenge', { acr: 'phr' }))
  const person = createVisitor(server)
  await signUpWithPasskey(person, app)
  const visitor = elsewhere(server, person)
  const authorization = await app.authorize()
  const page = await byCode(server, visitor, authorization)
  t.is(page.heading, 'Confirm it is you')
  t.true(page.text.includes('This sign-in is unusual'))
  t.false(page.text.includes('Go on without'))
  await nothingMade(t, server, () => postTo(visitor, page, '/step-up', { skip: '1' }))
  await nothingMade(t, server, () => visitor.browser.open(new URL(page.url.pathname.replace('/step-up', ''), page.url)))
  await stillAsks(t, visitor, app)
  t.is((await authorization.finish((await visitor.usePasskey(page)).url)).claims()?.['acr'], 'phr')

  const direct = elsewhere(server, person)
  const atOnce = await app.authorize()
  t.true((await direct.usePasskey(await direct.arrive(atOnce))).elsewhere, 'who has proven it already is not asked')
})

test('sign_in: a no ends it, proves nothing, and leads to another way', async (t) => {
  const { server, app } = await start(t, rule('sign_in', 'deny', undefined, { all: [later, { signal: 'proof.method', test: { oneOf: new Set(['email_otp']) } }] }))
  const person = createVisitor(server)
  await signUpWithPasskey(person, app)
  const visitor = elsewhere(server, person)
  const page = await byCode(server, visitor, await app.authorize())
  await refused(t, { server, visitor, page, status: 403, sentence: 'We cannot let this go on here', nextStep: 'Try another way', error: 'stopped_by_rule' })
  await stillAsks(t, visitor, app)
  const again = await visitor.browser.open(new URL(page.links.find(({ text }) => text === 'Try another way')!.href, page.url))
  t.true((await visitor.usePasskey(again)).elsewhere, 'the passkey is no way that the rule stops')
})

test('sign_in: the people are told', async (t) => {
  const { server, app } = await start(t, rule('sign_in', 'notify', undefined, { all: [later, { signal: 'proof.method', test: { oneOf: new Set(['passkey']) } }] }))
  const person = createVisitor(server)
  await signUpWithPasskey(person, app)
  const news = async () => (await server.outbox()).filter(({ to, subject }) => to === person.email && subject.startsWith('New sign-in')).length
  t.is(await news(), 0)
  const authorization = await app.authorize({ prompt: 'login' })
  await authorization.finish((await person.usePasskey(await person.arrive(authorization))).url)
  t.is(await news(), 1, 'a passkey in a known browser: no news but for the rule')
})

test('prompt: no passkey is offered, and the log says why', async (t) => {
  const { server, app } = await start(t, rule('prompt', 'suppress_prompt'))
  const person = createVisitor(server)
  const sub = await signUpByCode(person, app)
  t.true((await byCode(server, elsewhere(server, person), await app.authorize())).elsewhere)
  const entries = await server.foundation.storage.audit.query({ accountId: sub, limit: 50 })
  t.true(entries.some(({ type, detail }) => type === 'passkey.offer' && String(detail?.['reason']).includes('prompt suppress_prompt')))
})

test('enrolment: what nobody asked for is not offered when a rule is against it', async (t) => {
  for (const against of [rule('enrolment', 'deny'), rule('enrolment', 'challenge', { acr: 'phr' })]) {
    const { server, app } = await start(t, against)
    const person = createVisitor(server)
    await signUpByCode(person, app)
    t.true((await byCode(server, elsewhere(server, person), await app.authorize())).elsewhere, against.name)
  }
})

test('enrolment: asked again when the passkey arrives, and nothing is made', async (t) => {
  const always = { ...rule('enrolment', 'deny'), when: whenever }
  const switched: Rule[] = []
  const { server, app } = await start(t, ...switched)
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  t.is(offer.heading, 'Sign in faster next time')
  server.config.rules.push(always)
  const page = await nothingMade(t, server, () => visitor.createPasskey(offer))
  t.is(page.status, 403)
  server.config.rules[server.config.rules.length - 1] = { ...always, then: ['challenge'], ask: { acr: 'phr' } }
  const asked = await nothingMade(t, server, () => visitor.createPasskey(offer))
  t.is(asked.status, 403)
  t.is(asked.heading, 'Confirm it is you')
  t.true(asked.text.includes('This device is new to us, so we ask for one more thing.'))
  t.true((await visitor.browser.submit(asked, '/passkey-create', { button: 'Continue without a new passkey' })).elsewhere)
})

test('sign_up: an address that is not wanted is told so when it is typed, and makes no account by another door', async (t) => {
  const { server, app } = await start(t, rule('sign_up', 'deny', undefined, { signal: 'domain', test: { domainIn: new Set(['blocked.example']) } }))
  const visitor = createVisitor(server, { email: 'eve@mail.blocked.example' })
  const page = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const stopped = await visitor.browser.submit(page, '/sign-up', { values: { identifier: visitor.email } })
  t.is(stopped.status, 403)
  t.deepEqual(await server.outbox(), [])

  const signIn = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const create = await visitor.typeCode(signIn)
  const refusal = await nothingMade(t, server, () => visitor.browser.submit(create, '/create-account', { button: 'Create account' }))
  t.is(refusal.status, 403)

  const other = createVisitor(server, { email: 'eve@example.com' })
  t.is((await other.signUp(await other.arrive(await app.authorize()))).heading, 'Sign in faster next time')
})

test('recovery: stopped before it begins', async (t) => {
  for (const against of [rule('recovery', 'deny'), rule('recovery', 'challenge', { acr: 'phr' })]) {
    const { server, app } = await start(t, against)
    const person = createVisitor(server)
    const sub = await signUpWithPasskey(person, app)
    const visitor = elsewhere(server, person)
    server.advance(16 * minute)
    await visitor.ignoreMail()
    const code = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
    const page = await visitor.typeCode(await postTo(visitor, code, '/recovery', { begin: '1' }))
    const stopped = await visitor.browser.submit(page, '/recovery', { button: 'Start' })
    t.is(stopped.status, 403)
    t.is((await server.foundation.storage.accounts.get(sub))?.recovery, undefined, against.name)
  }
})
