/** "Forget this device": the browser of a sign-out is a new one to everybody. Without it the mark of a passkey stays. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const deviceCookie = (visitor: Visitor) => /latchkey_device=([\w-]+)/.exec(visitor.browser.cookies.header(new URL('/interaction/x', server.issuer), { method: 'GET' }) ?? '')?.[1]
const remembered = (visitor: Visitor) => /latchkey_remembered=([^;]+)/.exec(visitor.browser.cookies.header(new URL('/interaction/x', server.issuer), { method: 'GET' }) ?? '')?.[1]

async function ownerSignedIn() {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const made = await visitor.createPasskey(await visitor.signUp(await visitor.arrive(authorization)))
  const landing = await visitor.browser.submit(made, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  await authorization.finish(landing.url)
  return visitor
}

const signOut = async (visitor: Visitor, values: Record<string, string>, button = 'Sign out') =>
  visitor.browser.submit(await visitor.browser.open('/session/end'), '/session/end/confirm', { button, values })

const passkeyFirst = async (visitor: Visitor) => {
  const { forms } = await visitor.arrive(await app.authorize({ prompt: 'login' }))
  const form = forms.find(({ data }) => data['passkey'] === 'get')
  return form?.buttons[0]?.text === 'Continue with a passkey'
}

const recordsOf = async (visitor: Visitor) => {
  const identifier = await server.foundation.storage.identifiers.get(`email:${visitor.email}`)
  return (await server.foundation.storage.devices.listByAccount(identifier!.accountId)).length
}

test('the mark of a passkey survives a sign-out', async (t) => {
  const visitor = await ownerSignedIn()
  const before = deviceCookie(visitor)
  t.true(await passkeyFirst(visitor))
  t.is((await signOut(visitor, {})).heading, 'You are signed out')
  t.true(await passkeyFirst(visitor))
  t.is(deviceCookie(visitor), before)
  t.is(await recordsOf(visitor), 1)
})

test('forgotten, the browser is new: no record, no list, another cookie', async (t) => {
  const visitor = await ownerSignedIn()
  const first = await visitor.arrive(await app.authorize({ prompt: 'login' }))
  const sent = await visitor.browser.submit(first, '/identifier', { button: 'Continue', values: { identifier: visitor.email, remember: '1', capabilities: '{"webauthn":true}' } })
  await visitor.usePasskey(sent)
  t.truthy(remembered(visitor))
  const before = deviceCookie(visitor)
  const page = await visitor.browser.open('/session/end')
  t.true(page.text.includes('Forget this device'))
  t.is((await signOut(visitor, { forget: '1' })).heading, 'You are signed out')
  t.not(deviceCookie(visitor), before)
  t.falsy(remembered(visitor))
  t.is(await recordsOf(visitor), 0)
  t.false(await passkeyFirst(visitor))
  t.is((await visitor.typeEmail(await visitor.arrive(await app.authorize({ prompt: 'login' })))).heading, 'Check your email')
  const [entry] = (await server.foundation.storage.audit.query({ limit: 50 })).filter(({ type }) => type === 'device.forgotten')
  t.truthy(entry?.accountId)
})

test('who stays signed in is not forgotten, whatever is ticked', async (t) => {
  const visitor = await ownerSignedIn()
  const before = deviceCookie(visitor)
  await signOut(visitor, { forget: '1' }, 'Stay signed in')
  t.is(deviceCookie(visitor), before)
  t.is(await recordsOf(visitor), 1)
})
