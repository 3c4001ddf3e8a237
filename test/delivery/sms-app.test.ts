/** Text messages through the application as `npm start` builds it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { createReceiver, type Text } from '../../docs/examples/sms-receiver.ts'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess, type InProcessOptions } from '../helpers/in-process.ts'
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
