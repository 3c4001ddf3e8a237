import test from 'ava'
import { canonicalHost } from '../../src/http/canonical-host.ts'
import { securityHeaders } from '../../src/http/security-headers.ts'
import { wellKnown } from '../../src/ops/well-known.ts'
import { parseConfig } from '../config/folder.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { serve } from '../http/server.ts'

const fingerprint = Array.from({ length: 32 }, (_, index) => (index + 160).toString(16).padStart(2, '0')).join(':')
const issuer = 'https://login.example.com'
const names = ['passkey-endpoints', 'webauthn', 'apple-app-site-association', 'assetlinks.json']

async function served(t: Parameters<typeof serve>[0], passkeys: object) {
  const config = parseConfig({ issuer, mail: { smtp: 'smtp://localhost' }, passkeys })
  const { send } = await serve(t, () => [securityHeaders(config), wellKnown(config), canonicalHost(config)])
  return (name: string, host = 'login.example.com', method = 'GET') => send(`/.well-known/${name}`, { method, headers: { host, 'x-forwarded-proto': 'https' } })
}

test('where passkeys are made and managed is public; the rest is there only where it is configured', async (t) => {
  const get = await served(t, {})
  const { status, headers, json } = await get('passkey-endpoints')
  t.is(status, 200)
  t.is(headers['content-type'], 'application/json')
  t.is(headers['cache-control'], 'public, max-age=3600')
  t.is(headers['access-control-allow-origin'], '*')
  t.is(headers['x-content-type-options'], 'nosniff')
  t.deepEqual(json, { enroll: `${issuer}/account/passkey-create`, manage: `${issuer}/account/passkeys` })
  for (const name of names.slice(1)) t.is((await get(name)).status, 404, name)

  const withoutOffers = await served(t, { creation: 'off' })
  t.deepEqual((await withoutOffers('passkey-endpoints')).json, { manage: `${issuer}/account/passkeys` })
})

test('related origins and apps are published as the platforms read them', async (t) => {
  const get = await served(t, {
    relatedOrigins: ['https://example.de', 'https://example.co.uk', 'https://example.de'],
    apps: { apple: ['ABCDE12345.com.example.app', 'ABCDE12345.com.example.mac'], android: { 'com.example.app': [fingerprint], 'com.example.beta': [fingerprint, fingerprint.replace('a0', '00')] } },
  })
  t.deepEqual((await get('webauthn')).json, { origins: ['https://example.de', 'https://example.co.uk'] })
  t.deepEqual((await get('apple-app-site-association')).json, { webcredentials: { apps: ['ABCDE12345.com.example.app', 'ABCDE12345.com.example.mac'] } })
  const relation = ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds']
  const printed = fingerprint.toUpperCase()
  t.deepEqual((await get('assetlinks.json')).json as unknown, [
    { relation, target: { namespace: 'android_app', package_name: 'com.example.app', sha256_cert_fingerprints: [printed] } },
    { relation, target: { namespace: 'android_app', package_name: 'com.example.beta', sha256_cert_fingerprints: [printed, printed.replace('A0', '00')] } },
  ])
  for (const name of names) {
    const { status, headers } = await get(name)
    t.deepEqual([status, headers['content-type']], [200, 'application/json'], name)
    t.is((await get(name, 'login.example.com', 'HEAD')).status, 200)
    t.is((await get(name, 'login.example.com', 'POST')).status, 405)
    t.is((await get(`${name}/`)).status, 404)
  }
})

test('asked at the RP ID, which a proxy passes on, they answer without a redirect; at other names they are not there', async (t) => {
  const get = await served(t, { rpId: 'example.com', relatedOrigins: ['https://example.de'] })
  for (const host of ['example.com', 'login.example.com', 'example.com:443']) t.deepEqual((await get('webauthn', host)).json, { origins: ['https://example.de'] }, host)
  for (const host of ['www.example.com', 'example.de', 'evil.example']) {
    const { status, headers } = await get('webauthn', host)
    t.deepEqual([status, headers['location']], [302, `${issuer}/.well-known/webauthn`], host)
  }
})

test('the pages that password managers are sent to are there', async (t) => {
  const server = await startInProcess()
  t.teardown(() => server.dispose())
  const endpoints = (await (await fetch(`${server.issuer}/.well-known/passkey-endpoints`)).json()) as Record<string, string>
  t.deepEqual(Object.keys(endpoints), ['enroll', 'manage'])
  for (const address of Object.values(endpoints)) {
    t.is(new URL(address).origin, server.issuer)
    const { status, headers } = await fetch(address, { redirect: 'manual' })
    t.is(status, 303)
    t.regex(headers.get('location') ?? '', /^\/auth\?|\/auth\?/, 'to the sign-in first')
  }
  for (const name of names.slice(1)) t.is((await fetch(`${server.issuer}/.well-known/${name}`)).status, 404, name)
  t.is((await fetch(`${server.issuer}/.well-known/openid-configuration`)).status, 200)
})
