import test, { type ExecutionContext } from 'ava'
import type { Middleware } from '../../src/http/context.ts'
import { place, placeInWords, placeName } from '../../src/http/place.ts'
import { trustedProxies } from '../../src/http/trusted-proxies.ts'
import { serve } from './server.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => `${purpose} of ${parts.join()}` }
const named = { country: 'CF-IPCountry', city: 'CF-IPCity' }

const tell: Middleware = (ctx) => {
  const { seenFrom, ...words } = ctx.state.place!
  ctx.body = { ...words, seenFrom }
}

async function served(t: ExecutionContext, trusted: string[], location: typeof named | { country?: string; city?: string } = named) {
  const { send } = await serve(t, ({ issuer }) => {
    const config = { issuer, server: { port: 0, trustedProxies: trusted, location } }
    return [trustedProxies(config), place({ config, keyring }), tell]
  })
  return async (headers: Record<string, string>) => (await send('/', { headers })).json
}

const proxied = { 'x-forwarded-for': '203.0.113.9', 'cf-ipcountry': 'gb', 'cf-ipcity': 'Leeds' }

test('a trusted proxy says the place', async (t) => {
  const from = await served(t, ['127.0.0.1'])
  t.deepEqual(await from(proxied), { country: 'GB', city: 'Leeds', seenFrom: { network: 'network of 203.0.113.9', country: 'GB' } })
})

test('anybody else says nothing', async (t) => {
  for (const trusted of [[], ['10.0.0.0/8']]) {
    const from = await served(t, trusted)
    t.deepEqual(await from(proxied), { seenFrom: { network: 'network of 127.0.0.1', country: 'XX' } })
  }
})

test('headers that nobody named are not read', async (t) => {
  const from = await served(t, ['127.0.0.1'], {})
  t.deepEqual(await from(proxied), { seenFrom: { network: 'network of 203.0.113.9' } })
})

test('what is told to people is country and city alone', async (t) => {
  const inWords = ({ state }: { state: object }) => placeInWords({ state } as never)
  const seenFrom = { network: 'secret', country: 'GB' }
  t.deepEqual(inWords({ state: { place: { country: 'GB', city: 'Leeds', seenFrom } } }), { place: { country: 'GB', city: 'Leeds' } })
  t.deepEqual(inWords({ state: { place: { city: 'Leeds', seenFrom } } }), { place: { city: 'Leeds' } })
  t.deepEqual(inWords({ state: { place: { seenFrom } } }), {})
  t.deepEqual(inWords({ state: {} }), {})
})

const table: [header: string, value: string, country: string | undefined, city: string | undefined][] = [
  ['cf-ipcountry', 'XX', undefined, undefined],
  ['cf-ipcountry', 'T1', undefined, undefined],
  ['cf-ipcountry', '', undefined, undefined],
  ['cf-ipcountry', 'Great Britain', undefined, undefined],
  ['cf-ipcity', Buffer.from('Zürich').toString('latin1'), undefined, 'Zürich'],
  ['cf-ipcity', 'S%C3%A3o%20Paulo', undefined, 'São Paulo'],
  ['cf-ipcity', "L'Haÿ-les-Roses (Val-de-Marne)".normalize('NFD').replace(/\p{M}/gu, ''), undefined, "L'Hay-les-Roses (Val-de-Marne)"],
  ['cf-ipcity', '%E0%A4%A', undefined, undefined],
  ['cf-ipcity', '<b>Leeds</b>', undefined, undefined],
  ['cf-ipcity', 'https://evil.example', undefined, undefined],
  ['cf-ipcity', 'x'.repeat(81), undefined, undefined],
  ['cf-ipcity', '%0d%0aBcc: a', undefined, undefined],
]

for (const [header, value, country, city] of table) {
  test(`${header}: ${value.slice(0, 40)}`, async (t) => {
    const from = await served(t, ['127.0.0.1'])
    const { country: heard, city: heardCity, seenFrom } = await from({ [header]: value })
    t.deepEqual([heard, heardCity], [country, city])
    t.like(seenFrom, { country: country ?? 'XX' })
  })
}

test('in a message: the city, else the country in the language of whoever asked', (t) => {
  const named = (locale: 'en' | 'de', place?: { country?: string; city?: string }) => placeName({ state: { locale, place } } as unknown as Parameters<typeof placeName>[0])
  t.is(named('en', { country: 'DE', city: 'Leeds' }), 'Leeds')
  t.is(named('en', { country: 'DE' }), 'Germany')
  t.is(named('de', { country: 'DE' }), 'Deutschland')
  t.is(named('de', {}), undefined)
  t.is(named('de'), undefined)
})
