import test from 'ava'
import type { Context, Middleware } from '../../src/http/context.ts'
import { createThrottle } from '../../src/http/throttle.ts'
import { trustedProxies } from '../../src/http/trusted-proxies.ts'
import type { Ephemeral, Json } from '../../src/storage/types.ts'
import { echo, serve } from './server.ts'

/** The one operation that the throttle uses, with a count of its writes. */
function memory(): { ephemeral: Pick<Ephemeral, 'update'>; writes: () => number } {
  const values = new Map<string, Json>()
  let writes = 0
  return {
    writes: () => writes,
    ephemeral: {
      async update(key, fn) {
        const { next, result } = fn(values.get(key) as never)
        if (next !== 'keep' && next !== undefined) {
          writes++
          values.set(key, next.value)
        }
        return result
      },
    },
  }
}

const keyring = { hmac: (...parts: string[]) => parts.join('|') }

test('a network may post so often, then waits until the window ends', async (t) => {
  const { ephemeral, writes } = memory()
  let now = 1_000_000
  const throttle = createThrottle({ ephemeral, clock: { now: () => now }, keyring, config: { loopback: false } }, { limit: 3, window: 60_000 })
  const spend: Middleware = async (ctx, next) => {
    await throttle.spend(ctx, 'email_otp')
    await next()
  }
  const { send } = await serve(t, ({ issuer }) => [trustedProxies({ issuer, server: { port: 0, trustedProxies: ['127.0.0.1'], location: {} } }), spend, echo])
  const from = (address: string) => send('/', { method: 'POST', headers: { 'x-forwarded-for': address } })

  for (let i = 0; i < 3; i++) t.is((await from(`2001:db8:1:2::${i}`)).status, 200)
  now += 20_000
  const refused = await from('2001:db8:1:2:ffff::1')
  t.is(refused.status, 429)
  t.is(refused.headers['retry-after'], '40')
  t.is(writes(), 3, 'a refusal costs no write')
  t.is((await from('2001:db8:1:3::1')).status, 200, 'the neighbours are not in the way')

  now += 40_001
  t.is((await from('2001:db8:1:2::1')).status, 200)
})

test('on a loopback issuer there is no network to tell from another', async (t) => {
  const { ephemeral, writes } = memory()
  const throttle = createThrottle({ ephemeral, clock: { now: () => 0 }, keyring, config: { loopback: true } }, { limit: 1 })
  for (let i = 0; i < 3; i++) await t.notThrowsAsync(throttle.spend({ ip: '127.0.0.1' } as Context, 'email_otp'))
  t.is(writes(), 0)
})
