/** A sign-up without a proof: it gets what it asked for itself, in its session, and nothing else until something is proven. */
import test from 'ava'
import { basic, client, post, startRig, type Rig } from './harness.ts'

const [shop, news] = [client('shop'), client('news')]
const scope = 'openid offline_access'

/** Somebody who has just signed up at the shop without proving anything. */
async function signedUp(t: { teardown(fn: () => Promise<void>): void }, { claims, clients = [shop, news] }: { claims?: object; clients?: typeof shop[] } = {}) {
  const rig = await startRig(clients)
  t.teardown(() => rig.close())
  let proven = false
  rig.mustProve = () => !proven
  rig.answer = async (request, { interactions }) => (request.prompt === 'consent'
    ? interactions.finishConsent(request)
    : interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('sign_up', { signUp: true })] }))
  const [app, other, browser] = [await rig.app(clients[0]!), await rig.app(clients[1]!), rig.browser()]
  const { tokens } = await rig.signIn(app, { browser, parameters: { scope, prompt: 'consent', ...claims } })
  /** from here on the login proves something: the address, by a code */
  const proves = (): void => {
    rig.answer = async (request, { interactions }) => {
      proven = true
      return interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('email_otp', { identifier: 'email:ada@example.com' })] })
    }
  }
  return { rig, app, other, browser, tokens, proves }
}

const refresh = (rig: Rig, refreshToken: string | undefined) =>
  post(`${rig.issuer}/token`, { grant_type: 'refresh_token', refresh_token: refreshToken ?? '' }, basic(shop))

test('the sign-up itself gets tokens that say that nothing was proven', async (t) => {
  const { rig, tokens } = await signedUp(t)
  const claims = tokens.claims()!
  t.is(claims['acr'], '0')
  t.deepEqual(claims['amr'] ?? [], [])
  t.is(typeof claims.auth_time, 'number')
  t.is(rig.stops.filter(({ prompt }) => prompt === 'login').length, 1)
})

test('any other request asks for the proof: of the same app, of another one, and without a page', async (t) => {
  const { rig, app, other, browser, proves } = await signedUp(t)
  for (const asking of [app, other]) {
    t.is((await rig.authorize(asking, { browser, parameters: { prompt: 'none' } })).url.searchParams.get('error'), 'login_required')
  }
  const before = rig.stops.length
  proves()
  const { tokens } = await rig.signIn(other, { browser })
  t.is(rig.stops.length, before + 1)
  t.deepEqual(rig.stops.at(-1)?.session?.proofs.map(({ method }) => method), ['sign_up'])
  t.is(tokens.claims()!['acr'], 'urn:latchkey:acr:1fa')
  t.is((await rig.authorize(app, { browser, parameters: { prompt: 'none' } })).url.searchParams.get('error'), null)
})

test('a stop that proves nothing ends, and asks no second time', async (t) => {
  const { rig, app, browser } = await signedUp(t)
  rig.answer = async (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: [] })
  t.is((await rig.authorize(app, { browser })).url.searchParams.get('error'), 'access_denied')
})

test('a passkey of the sign-up does not stand for the address', async (t) => {
  const { rig, app, browser } = await signedUp(t)
  rig.answer = async (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('passkey', { credentialId: 'key' })] })
  t.is((await rig.authorize(app, { browser })).url.searchParams.get('error'), 'access_denied')
})

test('its refresh tokens end with the session that signed up', async (t) => {
  const { rig, app, browser, tokens } = await signedUp(t)
  const first = await refresh(rig, tokens.refresh_token)
  t.is(first.status, 200)
  const { refresh_token: next } = (await first.json()) as { refresh_token: string }
  const page = await browser.open(app.signOutUrl(tokens))
  await browser.submit(page, '/session/end/confirm', { button: 'logout=yes' })
  t.is((await refresh(rig, next)).status, 400)
})

test('what it asked for with consent is still the sign-up', async (t) => {
  const third = client('third', { latchkey: { firstParty: false } })
  const { rig, tokens } = await signedUp(t, { clients: [third, news] })
  t.deepEqual(rig.stops.map(({ prompt }) => prompt), ['login', 'consent'])
  t.is(tokens.claims()!['acr'], '0')
})

test('a demanded level is not met by a sign-up', async (t) => {
  const rig = await startRig([shop])
  t.teardown(() => rig.close())
  rig.answer = async (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: [rig.proof('sign_up', { signUp: true })] })
  const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:latchkey:acr:1fa'] } } }) }
  t.is((await rig.authorize(await rig.app(shop), { parameters: essential })).url.searchParams.get('error'), 'unmet_authentication_requirements')
})

test('a name alone needs no proof: its session is one like any other', async (t) => {
  const { rig, app, other, browser } = await signedUp(t)
  rig.mustProve = () => false
  const silent = async (asking: typeof app) => (await rig.authorize(asking, { browser, parameters: { prompt: 'none' } })).url.searchParams.get('error')
  t.is(await silent(other), 'login_required', 'with an address that nobody has to prove there, nothing was proven all the same')
  await rig.storage.accounts.update('ada', (account) => ({ ...account, identifiers: [{ kind: 'username', value: 'ada' }] }))
  t.is(await silent(app), null)
  t.is(await silent(other), null)
})

test('the sign-up of an earlier request, which later stops pass on with the rest, is not the one that asks', async (t) => {
  const { rig, other, browser } = await signedUp(t)
  rig.answer = async (request, { interactions }) => interactions.finishLogin(request, { accountId: 'ada', proofs: request.session?.proofs ?? [] })
  t.is((await rig.authorize(other, { browser })).url.searchParams.get('error'), 'access_denied')
  t.true(rig.stops.at(-1)?.session?.proofs.some(({ signUp }) => signUp === true))
})
