import test from 'ava'
import { canonicalHost } from '../../src/http/canonical-host.ts'
import { developmentOnly } from '../../src/http/development-only.ts'
import { addressMatcher, isLoopbackHostHeader, networkOf } from '../../src/http/network.ts'
import { trustedProxies } from '../../src/http/trusted-proxies.ts'
import fc from '../helpers/property.ts'
import { asHtml, echo, serve } from './server.ts'

const server = (trusted: string[]) => ({ port: 0, trustedProxies: trusted, location: {} })
const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', forwarded: 'for=1.2.3.4' }

test('forwarded headers from a stranger are ignored', async (t) => {
  const { send, port } = await serve(t, ({ issuer }) => [trustedProxies({ issuer, server: server(['10.0.0.0/8']) }), echo])
  const { json } = await send('/', { headers: forwarded })
  t.like(json, { ip: '127.0.0.1', protocol: 'http', host: `localhost:${port}` })
})

test('a configured proxy is believed, but not what its client put before it', async (t) => {
  const { send } = await serve(t, ({ issuer }) => [trustedProxies({ issuer, server: server(['127.0.0.0/8', '10.0.0.0/8']) }), echo])
  const { json } = await send('/', { headers: { ...forwarded, 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.1.2.3' } })
  t.like(json, { ip: '203.0.113.9', protocol: 'https', host: 'evil.example' })
})

test('the port of a connection is no part of an address, and what is no address is not believed', async (t) => {
  const { send } = await serve(t, ({ issuer }) => [trustedProxies({ issuer, server: server(['127.0.0.0/8', '10.0.0.0/8']) }), echo])
  const ipFor = async (chain: string) => (await send('/', { headers: { 'x-forwarded-for': chain } })).json['ip']
  t.is(await ipFor('203.0.113.9:41234'), '203.0.113.9')
  t.is(await ipFor('1.1.1.1:80, 203.0.113.9:41234, 10.1.2.3:5'), '203.0.113.9')
  t.is(await ipFor('[2001:db8::7]:41234'), '2001:db8::7')
  t.is(await ipFor('[2001:db8::7]'), '2001:db8::7')
  t.is(await ipFor('2001:db8::7'), '2001:db8::7')
  for (const chain of ['unknown', '_hidden', '1.1.1.1, unknown', '1.1.1.1, unknown, 10.1.2.3', '999.1.1.1', 'ada@example.com', '203.0.113.9:', ',']) {
    t.is(await ipFor(chain), '127.0.0.1', chain)
  }
})

test('a proxy that does not say the scheme has the issuer\'s', async (t) => {
  const { send } = await serve(t, () => [trustedProxies({ issuer: 'https://login.example.com', server: server(['127.0.0.1']) }), echo])
  t.is((await send('/')).json['protocol'], 'https')
})

test('a page at a foreign host is fetched from the issuer, a POST is refused', async (t) => {
  const { send, issuer } = await serve(t, (s) => [canonicalHost({ issuer: s.issuer, loopback: true }), echo])
  t.is((await send('/interaction/x')).status, 200)

  const moved = await send('/auth?client_id=demo', { headers: { host: 'evil.example' } })
  t.is(moved.status, 302)
  t.is(moved.headers.location, `${issuer}/auth?client_id=demo`)

  const refused = await send('/interaction/x', { method: 'POST', headers: { host: 'evil.example', ...asHtml } })
  t.is(refused.status, 421)
  t.true(refused.text.includes('wrong_address'))

  t.is((await send('/healthz', { headers: { host: '10.0.0.7:3000' } })).status, 200)
})

test('the redirect never leaves the issuer', async (t) => {
  const { send, issuer } = await serve(t, (s) => [canonicalHost({ issuer: s.issuer, loopback: true }), echo])
  for (const path of ['//evil.example/x', '/\\evil.example', 'http://evil.example/x', '/@evil.example']) {
    const { headers } = await send(path, { headers: { host: 'other.example' } })
    t.is(new URL(String(headers.location)).origin, issuer, path)
  }
})

test('development pages: this machine\'s own browser only', async (t) => {
  const { send, port } = await serve(t, (s) => [trustedProxies({ issuer: s.issuer, server: server([]) }), developmentOnly, echo])
  t.is((await send('/dev/outbox')).status, 200)
  t.is((await send('/dev/outbox', { headers: { host: `127.0.0.1:${port}` } })).status, 200)

  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', '192.168.1.5', 'localhost:80:80']) {
    t.is((await send('/dev/outbox', { headers: { host } })).status, 404, `Host: ${host}`)
  }
  for (const name of ['X-Forwarded-For', 'forwarded', 'X-Real-IP', 'Via', 'x-forwarded-host', 'CF-Connecting-IP']) {
    t.is((await send('/dev/outbox', { headers: { [name]: '127.0.0.1' } })).status, 404, name)
  }
})

test('loopback hosts', (t) => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:3000', '[::1]', '[::1]:3000']) t.true(isLoopbackHostHeader(host), host)
  for (const host of [undefined, '', ':', '::1', 'example.com', '0.0.0.0', '127.8.8.8', '[::2]', 'localhost.', 'a@localhost']) t.false(isLoopbackHostHeader(host), String(host))
})

test('CIDR blocks', (t) => {
  const matches = addressMatcher(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])
  for (const address of ['10.255.0.1', '::ffff:10.0.0.1', '192.0.2.7', '2001:db8:1::5']) t.true(matches(address), address)
  for (const address of ['11.0.0.1', '192.0.2.8', '2001:db9::1', 'nonsense', '', undefined]) t.false(matches(address), String(address))
  t.throws(() => addressMatcher(['ten.example']), { instanceOf: RangeError, message: /ten\.example/ })
})

test('a network is an IPv4 address or an IPv6 /64', (t) => {
  t.is(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  for (const mapped of ['::FFFF:192.0.2.1', '0:0:0:0:0:ffff:192.0.2.1', '0000::ffff:c000:201', '::ffff:c000:0201', '::FfFf:C000:201']) {
    t.is(networkOf(mapped), '192.0.2.1', mapped)
    t.true(addressMatcher(['192.0.2.0/24'])(mapped), mapped)
  }
  t.not(networkOf('0:0:0:0:0:ffff:192.0.2.2'), networkOf('0:0:0:0:0:ffff:192.0.2.1'))
  for (const other of ['::192.0.2.1', '1::ffff:192.0.2.1', '::ffff:0:192.0.2.1']) t.regex(networkOf(other), /::\/64$/, other)
  t.is(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::1'))
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
  t.is(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
  fc.assert(fc.property(fc.ipV6(), fc.ipV6(), (a, b) => {
    const head = (address: string) => new URL(`http://[${address}]`).hostname // the canonical form
    return head(a) !== head(b) || networkOf(a) === networkOf(b)
  }))
})
