import test from 'ava'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../src/errors.ts'
import { createMetricsServer, opsRoutes, type OpsDeps } from '../../src/ops/routes.ts'
import { mount, serve } from '../http/server.ts'

const metrics = { contentType: 'text/plain; version=0.0.4; charset=utf-8', render: async () => 'latchkey_up 1\n' }
const ready: OpsDeps = { metrics, storage: { ping: async () => {} }, draining: () => false }

test('alive and ready', async (t) => {
  const { send } = await serve(t, () => [mount(opsRoutes(ready))])
  t.is((await send('/healthz')).text, 'alive\n')
  const { status, text, headers } = await send('/readyz')
  t.deepEqual([status, text, headers['cache-control']], [200, 'ready\n', 'no-store'])
})

test('not ready says why in one line, and is alive all the same', async (t) => {
  const away = { ...ready, storage: { ping: () => Promise.reject(new AppError('store_unavailable')) } }
  const { send } = await serve(t, () => [mount(opsRoutes(away))])
  const { status, text } = await send('/readyz')
  t.deepEqual([status, text], [503, 'not ready: the store does not answer\n'])
  t.is((await send('/healthz')).status, 200)

  const stopping = await serve(t, () => [mount(opsRoutes({ ...ready, draining: () => true }))])
  t.is((await stopping.send('/readyz')).text, 'not ready: stopping\n')
})

test('a store that hangs does not hang the probe', async (t) => {
  const hanging = { ...ready, storage: { ping: () => new Promise<void>(() => {}) } }
  const { send } = await serve(t, () => [mount(opsRoutes(hanging))])
  const { status, text } = await send('/readyz')
  t.is(status, 503)
  t.regex(text, /^not ready: the store has not answered/)
})

test('metrics are for this machine, not for what a proxy on it passes on', async (t) => {
  const { send } = await serve(t, () => [mount(opsRoutes(ready))])
  const { text, headers } = await send('/metrics')
  t.is(text, 'latchkey_up 1\n')
  t.is(headers['content-type'], metrics.contentType)
  t.is((await send('/metrics', { headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 404)
})

test('metrics do not answer a page whose host name was pointed at this machine', async (t) => {
  const { send } = await serve(t, () => [mount(opsRoutes(ready))])
  for (const host of ['evil.example', 'evil.example:3000', '127.0.0.1.evil.example']) t.is((await send('/metrics', { headers: { host } })).status, 404, host)
  for (const host of ['127.0.0.1:3000', 'localhost', '[::1]:3000']) t.is((await send('/metrics', { headers: { host } })).status, 200, host)
})

test('metrics on a port of their own', async (t) => {
  const server = createMetricsServer(metrics)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.is(await (await fetch(`${origin}/metrics`)).text(), 'latchkey_up 1\n')
  t.is((await fetch(`${origin}/`)).status, 404)
})
