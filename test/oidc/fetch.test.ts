import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { createFetch, createOutgoing } from '../../src/oidc/fetch.ts'

/** An app's server, and the paths that were asked of it. */
async function serve(t: ExecutionContext, answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('no redirect is followed, to wherever', async (t) => {
  for (const status of [301, 302, 303, 307, 308]) {
    const { asked, url } = await serve(t, (_request, response) => response.writeHead(status, { location: '/inside' }).end())
    await t.throwsAsync(async () => createFetch({ loopback: true })(`${url}/logout`, { method: 'POST', body: 'x' }))
    t.deepEqual(asked, ['/logout'], String(status))
  }
})

test('an app that does not answer, or drips, is given up after the time limit', async (t) => {
  const limited = createFetch({ loopback: true, timeLimit: 100 })
  const silent = await serve(t, () => {})
  await t.throwsAsync(async () => limited(silent.url), { name: 'TimeoutError' })
  const dripping = await serve(t, (_request, response) => void response.writeHead(200).write('{'))
  await t.throwsAsync(async () => (await limited(dripping.url)).text(), { name: 'TimeoutError' })
})

test('a limit of the caller does not lift ours', async (t) => {
  const silent = await serve(t, () => {})
  const options = { signal: AbortSignal.timeout(60_000) }
  await t.throwsAsync(async () => createFetch({ loopback: true, timeLimit: 100 })(silent.url, options), { name: 'TimeoutError' })
})

test('nothing is called without what keeps calls from private addresses', (t) => {
  t.throws(() => createFetch({ loopback: false })('https://app.example.com/'), { message: /private addresses/ })
})

test('calls of our own reach no private address, by whatever name, and follow no redirect', async (t) => {
  const { asked, url } = await serve(t, (_request, response) => response.end('inside'))
  const guarded = createOutgoing({ privateNetwork: false, timeLimit: 60_000 })
  for (const address of [url, url.replace('127.0.0.1', 'localhost'), url.replace('127.0.0.1', '[::ffff:127.0.0.1]')]) {
    const { cause } = await t.throwsAsync(guarded(address, { method: 'POST', body: 'x' }), undefined, address)
    t.regex(String(cause), /special-use/, address)
  }
  t.deepEqual(asked, [])
  t.is(await (await createOutgoing({ privateNetwork: true, timeLimit: 60_000 })(url, {})).text(), 'inside')

  const elsewhere = await serve(t, (_request, response) => response.writeHead(307, { location: '/inside' }).end())
  await t.throwsAsync(createOutgoing({ privateNetwork: true, timeLimit: 60_000 })(elsewhere.url, { method: 'POST', body: 'x' }))
  t.deepEqual(elsewhere.asked, ['/'])
})
