import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { mock } from 'node:test'
import test from 'ava'
import { createCloser } from '../../src/http/closer.ts'

test('a request that never ends has 9 seconds from the end on, by the clock and not by the machine', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = createCloser(server)
  const stuck = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let cut = false
  stuck.on('close', () => (cut = true)).on('error', () => {})
  stuck.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n1')
  await once(server, 'request')

  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let over = false
  const closed = close().then(() => (over = true))
  mock.timers.tick(8_999)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  t.deepEqual({ cut, over }, { cut: false, over: false })
  mock.timers.tick(1)
  await Promise.all([closed, once(stuck.resume(), 'close')])
  t.true(cut && over)
})
