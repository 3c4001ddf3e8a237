/** SIGTERM: what is under way is finished, nothing else holds the process, and it ends. After how long: test/http/closer.test.ts. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { createHttpClient } from '../helpers/http-client.ts'
import { createApp, shop } from '../helpers/app.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'

/** ms: what the server waits for a request that does not end; whatever waited for that took longer */
const grace = 9_000

async function connected(server: Server): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  await once(socket, 'connect')
  // A server that stops listening may reset a connection that it had not accepted yet.
  socket.on('error', () => {})
  return socket
}

/** A connection that the server has taken and answered once: one that still waits to be accepted is reset when it stops listening. */
async function served(server: Server): Promise<Socket> {
  const socket = await connected(server)
  socket.write(`GET /healthz HTTP/1.1\r\nhost: localhost:${server.port}\r\n\r\n`)
  let answer = ''
  while (!answer.includes('\r\n\r\nalive')) answer += String((await once(socket, 'data'))[0])
  // paused again, so that the next answer is read whole
  socket.pause()
  return socket
}

/** Resolves when the server refuses new connections. */
async function stopsListening(server: Server): Promise<void> {
  for (;;) {
    const refused = await connected(server).then(socket => void socket.destroy(), (error: NodeJS.ErrnoException) => error.code)
    if (refused === 'ECONNREFUSED') return
  }
}

test('requests under way get their answer, and nothing that is idle holds the process', async t => {
  const server = await startServer({ clients: [shop] })
  t.teardown(() => server.dispose())
  const visitor = createVisitor(server)
  const page = await visitor.arrive(await (await createApp(server.issuer, shop)).authorize())
  const form = page.form('/identifier', 'Continue')
  const body = new URLSearchParams({ ...form.values, identifier: visitor.email }).toString()
  const url = new URL(form.action, page.url)

  // idle: kept alive after an answer, and opened ahead of need as browsers do
  const client = createHttpClient()
  await client.send(new URL('/healthz', server.issuer))
  const untouched = await connected(server)
  const ofUntouched = once(untouched.resume(), 'close')
  // connections are accepted in their order, so the untouched one is taken too
  const [slow, probe] = [await served(server), await served(server)]
  const head = ['accept: text/html', `host: localhost:${server.port}`, `origin: ${server.issuer}`, `cookie: ${visitor.browser.cookies.header(url, { method: 'POST' })}`]
  slow.write([`POST ${url.pathname} HTTP/1.1`, ...head, 'content-type: application/x-www-form-urlencoded', `content-length: ${body.length}`, '', body.slice(0, 10)].join('\r\n'))
  probe.write(`GET /readyz HTTP/1.1\r\nhost: localhost:${server.port}\r\n`)
  // answered after both were read: a connection's bytes arrive in order of the event loop
  await client.send(new URL('/healthz', server.issuer))

  const signalled = performance.now()
  const ended = server.stop()
  await stopsListening(server)
  await ofUntouched

  probe.write('\r\n')
  const readiness = await text(probe)
  t.regex(readiness, /^HTTP\/1\.1 503 /)
  t.regex(readiness, /not ready: stopping/)
  t.regex(readiness, /^connection: close/im)

  slow.write(body.slice(10))
  const answer = await text(slow)
  t.regex(answer, /^HTTP\/1\.1 303 /)
  t.regex(answer, /^location: .*\/email-otp/im)

  t.is(await ended, 0)
  t.true(performance.now() - signalled < grace, 'no timeout was waited for')
  t.true(server.log.some(line => line.includes('"stopped"')), 'the last line of the log is out')
  client.close()
})

test('a request that never ends is cut off, and the process still ends well', async t => {
  const server = await startServer()
  t.teardown(() => server.dispose())
  const stuck = await served(server)
  stuck.write('GET /healthz HTTP/1.1\r\n')
  await (await fetch(`${server.issuer}/healthz`)).text()
  const cut = once(stuck.resume(), 'close')
  const ended = server.stop()
  await cut
  t.is(await ended, 0)
})

test('a second signal does not cut the first one short', async t => {
  const server = await startServer()
  t.teardown(() => server.dispose())
  const begun = await served(server)
  begun.write('GET /healthz HTTP/1.1\r\n')
  await (await fetch(`${server.issuer}/healthz`)).text()
  process.kill(server.pid, 'SIGINT')
  await stopsListening(server)
  process.kill(server.pid, 'SIGINT')
  process.kill(server.pid, 'SIGTERM')
  process.kill(server.pid, 'SIGHUP')
  begun.write(`host: localhost:${server.port}\r\n\r\n`)
  t.regex(await text(begun), /^HTTP\/1\.1 200 /)
  t.is(await server.stop(), 0)
  t.is(server.log.filter(line => line.includes('stopping')).length, 1)
})
