import test from 'ava'
import { createClients } from '../../src/oidc/clients.ts'
import { client } from './harness.ts'

const issuer = 'https://login.example.com'
const appOf = (metadata: Parameters<typeof client>[1]) => createClients({ issuer, clients: [client('shop', metadata)] }).app('shop')

test('a login starts again where the app starts its logins, and hears who asks it to', (t) => {
  const app = appOf({ client_uri: 'https://shop.example/', initiate_login_uri: 'https://shop.example/login?from=latchkey' })
  t.is(app?.homeUrl, 'https://shop.example/')
  t.is(app?.startUrl, 'https://shop.example/login?from=latchkey&iss=https%3A%2F%2Flogin.example.com')
})

test('without such an address it starts again at the home of the app, without that nowhere', (t) => {
  t.is(appOf({ client_uri: 'https://shop.example/' })?.startUrl, 'https://shop.example/')
  t.deepEqual(appOf({}), { id: 'shop', name: 'The shop' })
})

test('the engine gets the metadata that it can use', (t) => {
  const { engine } = createClients({ issuer, clients: [client('shop', { initiate_login_uri: 'http://localhost:8/login' })] })
  t.false(engine.clients?.some((metadata) => 'initiate_login_uri' in metadata || 'latchkey' in metadata))
})

test('the engine knows no scopes of resources; which of them an app may ask for is known here', (t) => {
  const { engine, mayAskFor } = createClients({ issuer, clients: [client('some', { scope: 'openid orders' }), client('job', { scope: 'orders' }), client('any')] })
  t.deepEqual(engine.clients?.map(({ scope }) => scope), ['openid', 'openid', undefined])
  for (const id of ['some', 'job', 'any']) t.true(mayAskFor(id, 'orders'), id)
  t.deepEqual(['some', 'job', 'any'].map((id) => mayAskFor(id, 'refunds')), [false, false, true])
})

test('an app that nobody configured is none', (t) => {
  t.is(createClients({ issuer, clients: [] }).app('shop'), undefined)
})
