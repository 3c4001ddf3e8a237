/** A list of addresses is tried one after the other, from one network or many. It slows down; nobody else is kept out. */
import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const minute = 60_000
const from = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'http' })
const attackersNetwork = '203.0.113.7'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop], loopback: false, config: { server: { trustedProxies: ['127.0.0.0/8', '::1'] } } }), (started) => ({ server, app } = started))

/** The newest code in the mailbox: there is no page for it beyond loopback. */
async function codeOf({ email }: Visitor): Promise<string> {
  const mail = (await server.app.outbox.listForDevelopment()).find(({ to }) => to === email)
  return /^\s*(\d{6,8})\s*$/m.exec(mail?.text ?? '')?.[1] ?? ''
}

test('credential stuffing: after a hundred addresses a network waits; its passkeys and other networks do not', async (t) => {
  const owner = createVisitor(server, { headers: from('198.51.100.1') })
  const form = await owner.browser.submit(await owner.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })
  const sent = await owner.browser.submit(form, '/sign-up', { values: { identifier: owner.email, capabilities } })
  await owner.createPasskey(await owner.typeCode(sent, await codeOf(owner)))

  const attacker = createVisitor(server, { headers: from(attackersNetwork) })
  const start = await attacker.arrive(await app.authorize())
  const answers: { status: number; text: string }[] = []
  for (let number = 0; number < 103; number++) {
    answers.push(await attacker.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: `stuffed${number}@example.com` } }))
  }
  t.deepEqual([...new Set(answers.slice(0, 100).map(({ status }) => status))], [200])
  t.deepEqual([...new Set(answers.slice(100).map(({ status }) => status))], [429])
  t.regex(answers[101]?.text ?? '', /many tries from your network.*Passkeys still work/)

  const neighbour = createVisitor(server, { email: owner.email, authenticator: owner.authenticator, headers: from(attackersNetwork) })
  const byPasskey = await neighbour.usePasskey(await neighbour.arrive(await app.authorize()))
  t.true(byPasskey.elsewhere, 'a passkey in the same network')

  const elsewhere = createVisitor(server, { email: owner.email, headers: from('198.51.100.2') })
  const code = await elsewhere.typeEmail(await elsewhere.arrive(await app.authorize()))
  t.true((await elsewhere.typeCode(code, await codeOf(elsewhere))).elsewhere, 'a code in another network')

  server.advance(10 * minute)
  t.is((await attacker.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: 'later@example.com' } })).status, 200)
})

test('credential stuffing: an address that a proxy did not say counts as the proxy’s own', async (t) => {
  const strict = await startInProcess({ clients: [shop], loopback: false })
  t.teardown(() => strict.dispose())
  const attacker = createVisitor(strict)
  const start = await attacker.arrive(await (await createApp(strict.issuer, shop)).authorize())
  const answers: number[] = []
  for (let number = 0; number < 101; number++) {
    const values = { identifier: `stuffed${number}@example.com` }
    answers.push((await attacker.browser.submit(start, '/identifier', { button: 'Continue', values, headers: from(`203.0.113.${number}`) })).status)
  }
  t.is(answers[99], 200)
  t.is(answers[100], 429, 'claiming another network each time is of no use')
})
