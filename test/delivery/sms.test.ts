import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { createReceiver, type Text } from '../../docs/examples/sms-receiver.ts'
import { createOutbox } from '../../src/delivery/outbox.ts'
import { createSmsTransport, type SmsWebhook, webhookSignature } from '../../src/delivery/sms.ts'
import type { SendOutcome } from '../../src/delivery/types.ts'
import { createOutgoing } from '../../src/oidc/fetch.ts'
import type { OutboxMail } from '../../src/storage/types.ts'
import { eventually } from '../helpers/eventually.ts'
import { openTestStore } from '../verification/store.ts'

const secret = 'a secret of thirty-two characters'
const now = Date.UTC(2026, 10, 22, 13, 5, 7)
const at = now - 90_000
const message = { id: 'text-1', to: '+447911123456', text: '419037 is your Example code.\n\n@login.example.com #419037', at }

interface Call {
  headers: IncomingHttpHeaders
  url: string
  body: string
}

/** A server that keeps what it was sent. */
async function serve(t: ExecutionContext, answer: RequestListener | number) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      calls.push({ headers: request.headers, url: request.url ?? '', body: Buffer.concat(parts).toString() })
      if (typeof answer === 'number') response.writeHead(answer).end('the words of the receiver: 419037')
      else answer(request, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { calls, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/texts?key=hidden` }
}

const transportTo = (url: string, { timeLimit = 60_000, privateNetwork = true, ...more }: Partial<SmsWebhook> & { timeLimit?: number; privateNetwork?: boolean } = {}) =>
  createSmsTransport({ url, secret, channel: 'sms', call: createOutgoing({ privateNetwork, timeLimit }), clock: { now: () => now }, ...more })

test('a text is posted as JSON, signed over id, time and body', async (t) => {
  const { calls, url } = await serve(t, 204)
  t.deepEqual(await transportTo(url, { channel: 'whatsapp' }).send(message), { delivered: true })
  const [{ headers, body, url: path } = { headers: {}, body: '', url: '' }] = calls
  t.is(path, '/texts?key=hidden')
  t.is(headers['content-type'], 'application/json')
  t.deepEqual(JSON.parse(body), { ...message, channel: 'whatsapp' })
  t.deepEqual([headers['webhook-id'], headers['webhook-timestamp']], ['text-1', String(Math.floor(now / 1000))])
  t.regex(String(headers['webhook-signature']), /^v1,[A-Za-z0-9+/]{43}=$/)
})

test('the signature is the one of Standard Webhooks: the example of its specification', (t) => {
  const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
  t.is(webhookSignature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', content), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('what was taken, what is never taken, and what is tried again', async (t) => {
  const outcomes: Record<number, SendOutcome> = {}
  const statuses = [200, 202, 204, 400, 401, 403, 404, 408, 409, 410, 413, 422, 429, 500, 502, 503]
  for (const status of statuses) {
    const { url } = await serve(t, status)
    outcomes[status] = await transportTo(url).send(message)
  }
  const delivered = statuses.filter((status) => outcomes[status]?.delivered)
  const permanent = statuses.filter((status) => { const outcome = outcomes[status]; return outcome && !outcome.delivered && outcome.permanent })
  t.deepEqual([delivered, permanent], [[200, 202, 204], [400, 409, 410, 413, 422]])
  t.deepEqual(outcomes[500], { delivered: false, permanent: false, detail: 'HTTP 500' })
})

test('a receiver that is down or slow is tried again later', async (t) => {
  const { url, server } = await serve(t, 200)
  server.close()
  server.closeAllConnections()
  t.deepEqual(await transportTo(url).send(message), { delivered: false, permanent: false, detail: 'ECONNREFUSED' })
  const silent = await serve(t, () => {})
  t.deepEqual(await transportTo(silent.url, { timeLimit: 100 }).send(message), { delivered: false, permanent: false, detail: 'TimeoutError' })
})

test('no redirect is followed, with the text in hand', async (t) => {
  const elsewhere = await serve(t, 204)
  for (const status of [301, 302, 303, 307, 308]) {
    const { url, calls } = await serve(t, (_request, response) => response.writeHead(status, { location: elsewhere.url }).end())
    t.deepEqual(await transportTo(url).send(message), { delivered: false, permanent: false, detail: 'redirect' })
    t.is(calls.length, 1)
  }
  t.deepEqual(elsewhere.calls, [])
})

test('a private address gets nothing, whatever name leads there, unless that is configured', async (t) => {
  const { url, calls } = await serve(t, 204)
  for (const address of [url, url.replace('127.0.0.1', 'localhost')]) {
    t.deepEqual(await transportTo(address, { privateNetwork: false }).send(message), { delivered: false, permanent: false, detail: 'private address' }, address)
  }
  t.deepEqual(calls, [])
  t.deepEqual(await transportTo(url, { privateNetwork: true }).send(message), { delivered: true })
})

for (const to of ['', 'alice@example.com', '447911123456', '+447911123456,+4479', '+447911123456\r\nx-evil: 1', '+44 7911 123456']) {
  test(`nothing goes out to ${JSON.stringify(to)}`, async (t) => {
    const { url, calls } = await serve(t, 204)
    t.deepEqual(await transportTo(url).send({ ...message, to }), { delivered: false, permanent: true, detail: 'not a phone number' })
    t.deepEqual(calls, [])
  })
}

test('no text adds a header, or leaves its place in the body', async (t) => {
  const { url, calls } = await serve(t, 204)
  const text = 'x\r\nwebhook-id: evil\r\n\r\n{"to":"+1"}", "to": "+2'
  await transportTo(url).send({ ...message, text })
  t.is(calls[0]!.headers['webhook-id'], 'text-1')
  t.deepEqual(JSON.parse(calls[0]!.body), { ...message, text, channel: 'sms' })
})

/** An outbox over that transport, and its log. */
async function openOutbox(t: ExecutionContext, url: string) {
  const store = await openTestStore(t)
  const lines: string[] = []
  const line = (fields: object, words: string) => void lines.push(`${words} ${JSON.stringify(fields)}`)
  const { storage, keyring } = store
  const rows: OutboxMail[] = []
  const outcomes: string[] = []
  const outbox = createOutbox({
    outbox: { ...storage.outbox, put: (row) => (rows.push(row), storage.outbox.put(row)) },
    ephemeral: storage.ephemeral, keyring, clock: storage.clock, log: { info: line, warn: line, error: line }, interval: 10,
    observe: (channel, outcome) => outcomes.push(`${channel} ${outcome}`),
    transports: { sms: transportTo(url, { clock: storage.clock }) },
  })
  t.teardown(() => outbox.stop())
  const until = (state: OutboxMail['state'], attempts = 0) =>
    eventually(`a text that is ${state}`, async () => {
      const row = await storage.outbox.get(rows[0]!.id)
      return row?.state === state && row.attempts >= attempts ? row : undefined
    })
  return { ...store, outbox, lines, outcomes, until }
}

const queued = { to: message.to, text: message.text, life: 600_000 }

test('500 and then 200: the text goes out in the end, under one id, and the log quotes nothing', async (t) => {
  let answers = 0
  const { url, calls } = await serve(t, (_request, response) => response.writeHead(answers++ === 0 ? 500 : 200).end('419037'))
  const { outbox, until, lines, outcomes, advance } = await openOutbox(t, url)
  outbox.start()
  await outbox.enqueueText(queued)
  await until('waiting', 1)
  advance(10_000)
  t.is((await until('delivered')).sealed, undefined)
  t.deepEqual(calls.map(({ headers }) => headers['webhook-id']), Array(2).fill(calls[0]!.headers['webhook-id']))
  t.true(Number(calls[1]!.headers['webhook-timestamp']) - Number(calls[0]!.headers['webhook-timestamp']) >= 10, 'the time is that of the call')
  t.deepEqual(outcomes, ['sms retry', 'sms delivered'])
  t.is(lines.length, 1)
  t.regex(lines[0]!, /"channel":"sms".*"detail":"HTTP 500"/)
  t.notRegex(lines.join(), /419037|4479|key=|hidden|127\.0\.0\.1/)
})

test('a number that is refused for good is tried once, erased, and leaves its mark', async (t) => {
  const { url, calls } = await serve(t, 422)
  const { outbox, until, storage, advance } = await openOutbox(t, url)
  outbox.start()
  await outbox.enqueueText({ ...queued, ifRefused: { mark: 'refused', life: 60_000 } })
  t.is((await until('failed')).sealed, undefined)
  t.not(await storage.ephemeral.get('refused'), undefined)
  advance(60_000)
  t.is(calls.length, 1)
})

test('a suppressed text costs the same and reaches nobody', async (t) => {
  const { url, calls } = await serve(t, 204)
  const { outbox, until } = await openOutbox(t, url)
  outbox.start()
  await outbox.enqueueText({ ...queued, suppressed: true })
  t.is((await until('delivered')).sealed, undefined)
  t.deepEqual(calls, [])
})

/** The receiver of the documentation. */
async function serveExample(t: ExecutionContext, handOn: (text: Text) => Promise<void | 'refused'>, secrets = [secret], clock = () => now) {
  const server = createServer(createReceiver({ secrets, handOn, now: clock })).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('the example takes a text once, however often it is called', async (t) => {
  const taken: Text[] = []
  const url = await serveExample(t, async (text) => void taken.push(text))
  const sending = Array.from({ length: 5 }, () => transportTo(url).send(message))
  t.deepEqual(await Promise.all(sending), Array(5).fill({ delivered: true }))
  t.deepEqual(taken, [{ ...message, channel: 'sms' }])
})

test('the example refuses who has no secret, what was changed, and what is old', async (t) => {
  const taken: Text[] = []
  const url = await serveExample(t, async (text) => void taken.push(text), ['another secret', secret])
  let recorded: RequestInit = {}
  const record: SmsWebhook['call'] = async (_url, options) => ((recorded = options), new Response())
  await transportTo(url, { call: record }).send(message)
  const replay = async (change: { body?: string; headers?: Record<string, string> }, to = url) => {
    const headers = { ...(recorded.headers as Record<string, string>), ...change.headers }
    return (await fetch(to, { ...recorded, ...change, headers })).status
  }
  t.is(await replay({ body: String(recorded.body).replace('+4479', '+4478') }), 401)
  t.is(await replay({ headers: { 'webhook-id': 'text-2' } }), 401, 'another id would pass as a new text')
  t.is(await replay({ headers: { 'webhook-timestamp': String(Math.floor(now / 1000) + 1) } }), 401)
  t.is(await replay({ headers: { 'webhook-signature': 'v1,' } }), 401)
  t.is((await fetch(url, { method: 'POST', body: '{}' })).status, 401)
  t.is((await fetch(url)).status, 405)
  t.is(await replay({ body: 'x'.repeat(20_000) }), 413)
  t.is(await replay({}, await serveExample(t, async () => {}, ['another secret'])), 401)
  t.is(await replay({}, await serveExample(t, async () => {}, [secret], () => now + 6 * 60_000)), 401, 'recorded and played again later')
  t.deepEqual(taken, [])
  t.is(await replay({ headers: { 'webhook-signature': `v1,AAAA ${(recorded.headers as Record<string, string>)['webhook-signature']}` } }), 204, 'one of several signatures')
  t.is(taken.length, 1)
})

test('the example says what is to be tried again and what is not', async (t) => {
  let fails = true
  const url = await serveExample(t, async ({ to }) => {
    if (to === '+15550100000') return 'refused'
    if (fails) throw new Error('the provider is away')
  })
  t.like(await transportTo(url).send(message), { delivered: false, permanent: false })
  fails = false
  t.deepEqual(await transportTo(url).send(message), { delivered: true })
  t.like(await transportTo(url).send({ ...message, id: 'text-2', to: '+15550100000' }), { delivered: false, permanent: true })
})

test('the example runs as the documentation says', async (t) => {
  const child = spawn(process.execPath, ['docs/examples/sms-receiver.ts'], { env: { ...process.env, SMS_SECRET: secret, PORT: '0' } })
  t.teardown(() => child.kill())
  let output = ''
  child.stdout.on('data', (part: Buffer) => (output += part.toString()))
  const port = await eventually('its port', async () => /port (\d+)/.exec(output)?.[1])
  t.deepEqual(await transportTo(`http://127.0.0.1:${port}/`, { clock: { now: Date.now } }).send(message), { delivered: true })
  await eventually('the text', async () => (output.includes('@login.example.com #419037') ? true : undefined))
  t.regex(output, /^sms to \+447911123456:$/m)
})
