import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startServer, type Server } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: Server
test.before(async () => {
  server = await startServer({ clients: [shop] })
})
test.after.always(() => server?.dispose())

test('login session theft by planted cookies: who finished somebody else’s login has signed nobody in', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  const offer = await victim.signUp(await victim.arrive(await app.authorize()))
  await victim.createPasskey(offer)
  victim.browser.cookies.clear(({ name }) => name.includes('device'))

  const attacker = createVisitor(server)
  const authorization = await app.authorize()
  const trap = await attacker.arrive(authorization)
  const planted = attacker.browser.cookies.all().filter(({ name }) => name.startsWith('latchkey_interaction'))
  t.is(planted.length, 2, 'the cookie and its signature')
  victim.browser.cookies.store(trap.url, planted.map(({ name, value, path }) => `${name}=${value}; Path=${path}`))
  const refused = await victim.usePasskey(await victim.browser.open(trap.url.href))
  t.false(refused.elsewhere)
  t.is(refused.status, 400)

  const resumed = await attacker.browser.open(trap.url.href.replace('/interaction/', '/auth/'))
  t.is(resumed.status, 400)
  t.is(resumed.url.searchParams.get('code'), null)
  const again = await attacker.arrive(await app.authorize())
  t.is(again.heading, 'Sign in', 'no session either')
})

test('forced sign-out: a sign-out page that was opened and left changes nothing about the next login', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  const authorization = await app.authorize()
  const offer = await victim.signUp(await victim.arrive(authorization))
  await victim.browser.submit(offer, '/passkey-create', { button: 'Not now' })

  const [back = ''] = shop.post_logout_redirect_uris
  await victim.browser.open(`/session/end?${new URLSearchParams({ client_id: shop.client_id, post_logout_redirect_uri: back })}`)
  const login = await app.authorize({ response_mode: 'form_post', prompt: 'login' })
  const page = await victim.arrive(login)
  const sent = await victim.typeEmail(page)
  const next = await victim.typeCode(sent)
  const answer = next.heading === 'Sign in faster next time' ? await victim.browser.submit(next, '/passkey-create', { button: 'Not now' }) : next
  const form = answer.forms.find(({ action }) => action.includes('/callback'))
  t.truthy(form?.values['code'], 'the answer goes to the app')
  t.true((await victim.arrive(await app.authorize())).elsewhere, 'and the session lives')
})
