/** Text messages through the application as `npm start` builds it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { createReceiver, type Text } from '../../docs/examples/sms-receiver.ts'
import { createApp, shop } from '../helpers/app.ts'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess, type InProcessOptions } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { startMailServer } from './mail-server.ts'

const secret = '0123456789abcdef0123456789abcdef'
const queued = { to: '+447911123456', text: '419037 is your code', life: 600_000 }

async function start(t: ExecutionContext, options: InProcessOptions) {
  const server = await startInProcess(options)
  t.teardown(server.dispose)
  return server
}

async function startReceiver(t: ExecutionContext) {
  const taken: Text[] = []
  const receiver = createServer(createReceiver({ secrets: [secret], handOn: async (text) => void taken.push(text) })).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.teardown(() => receiver.close())
  return { taken, sms: { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, secret, channel: 'whatsapp' } }
}

test('a text reaches the receiver of the documentation, and is then nowhere to be read', async (t) => {
  const { taken, sms } = await startReceiver(t)
  const server = await start(t, { config: { sms } })
  await server.app.outbox.enqueueText(queued)
  const text = await eventually('a text', async () => taken[0])
  t.like(text, { to: queued.to, text: queued.text, channel: 'whatsapp' })
  await eventually('an empty outbox', async () => ((await server.app.outbox.depth('sms')) === 0 ? true : undefined))
  t.deepEqual(await server.outbox(), [])
  const metrics = await (await fetch(`${server.issuer}/metrics`)).text()
  t.regex(metrics, /^latchkey_messages_total\{channel="sms",outcome="delivered"\} 1$/m)
  t.regex(metrics, /^latchkey_outbox_depth\{channel="sms"\} 0$/m)
  t.notRegex(server.log.join(), /419037|4479/)
})

test('on the internet a receiver in a private network is not called unless config says that it is there', async (t) => {
  const { taken, sms } = await startReceiver(t)
  const kept = await start(t, { config: { sms }, loopback: false })
  await kept.app.outbox.enqueueText(queued)
  t.regex(await kept.logLineWith('a message was not taken'), /"detail":"private address"/)
  t.deepEqual(taken, [])

  const meant = await start(t, { config: { sms: { ...sms, privateNetwork: true } }, loopback: false })
  await meant.app.outbox.enqueueText(queued)
  t.like(await eventually('a text', async () => taken[0]), { to: queued.to })
})

test('where only texts have nowhere to go, only they are shown', async (t) => {
  const { url } = await startMailServer(t, { recipient: () => 450 })
  const server = await start(t, { config: { mail: { smtp: url } } })
  await server.app.outbox.enqueue({ to: 'a@example.com', subject: 's', text: 't', html: 'h', life: 600_000 })
  await server.app.outbox.enqueueText(queued)
  t.deepEqual((await server.outbox()).map(({ to }) => to), [queued.to])
  const page = await (await fetch(`${server.issuer}/dev/outbox`)).text()
  t.true(page.includes('Text message') && page.includes('419037'))
})

test('somebody signs up and in by codes that went through the receiver; the metrics say by which method', async (t) => {
  const { taken, sms } = await startReceiver(t)
  const phone = { signIn: true, signUp: 'required', defaultRegion: 'GB' }
  const server = await start(t, { clients: [shop], config: { sms, identifiers: { email: { signIn: false, signUp: 'off' }, phone } } })
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server, { email: '07911 123456', script: false })
  const readCode = async (nth: number) => /^(\d{6}) .*\n\n@localhost #\1$/.exec((await eventually('a text', async () => taken[nth])).text)?.[1] ?? ''

  const authorization = await app.authorize({ prompt: 'login', scope: 'openid phone' })
  const form = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Create an account' })
  const sent = await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email } })
  const back = await visitor.browser.submit(sent, '/sms-otp', { button: 'Continue', values: { code: await readCode(0) } })
  t.true(back.elsewhere)
  t.like(await app.userinfo(await authorization.finish(back.url)), { phone_number: '+447911123456', phone_number_verified: true })

  visitor.browser.cookies.clear()
  const again = await app.authorize({ prompt: 'login' })
  const asked = await visitor.typeEmail(await visitor.arrive(again))
  t.true((await visitor.browser.submit(asked, '/sms-otp', { button: 'Continue', values: { code: await readCode(1) } })).elsewhere)
  t.deepEqual(taken.map(({ to }) => to), ['+447911123456', '+447911123456'])

  const metrics = await (await fetch(`${server.issuer}/metrics`)).text()
  t.regex(metrics, /^latchkey_logins_total\{method="sms_otp"\} 2$/m)
  t.notRegex(server.log.join() + metrics, /447911|07911/)
})

test('a number that the receiver refuses is said to be out of reach at sign-up', async (t) => {
  const refusing = createServer(createReceiver({ secrets: [secret], handOn: async () => 'refused' })).listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  t.teardown(() => refusing.close())
  const sms = { url: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/`, secret }
  const phone = { signIn: true, signUp: 'required', defaultRegion: 'GB' }
  const server = await start(t, { clients: [shop], config: { sms, identifiers: { email: { signIn: false, signUp: 'off' }, phone } } })
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server, { email: '07911 123456', script: false })
  const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const sent = await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email } })
  await eventually('an empty outbox', async () => ((await server.app.outbox.depth()) === 0 ? true : undefined))
  server.advance(4_000)
  t.regex((await visitor.browser.open(sent.url)).text, /We could not (reach|send)/)
})
