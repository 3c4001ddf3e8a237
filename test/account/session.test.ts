/** The account's pages live on the engine's own session: who is there, and what follows when nobody is. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { start } from './rig.ts'

const minute = 60_000
const ways = '/account/ways'

test('somebody who is signed in at an app is at home in the account too', async t => {
  const { newOwner } = await start(t)
  const owner = await newOwner()
  const page = await owner.browser.open('/account')
  t.is(page.heading, 'Your account')
  t.true(page.text.includes(owner.email))
})

test('nobody signed in: the sign-in comes first, and leads back to the page that was asked for', async t => {
  const { newOwner, server } = await start(t)
  const { email } = await newOwner({ passkey: false })
  const elsewhere = createVisitor(server, { email })
  const first = await elsewhere.browser.open('/account/identifier-add/email')
  t.is(first.heading, 'Sign in')
  const page = await elsewhere.typeCode(await elsewhere.typeEmail(first))
  const back = page.heading === 'Sign in faster next time' ? await elsewhere.browser.submit(page, '/passkey-create', { button: 'Not now' }) : page
  t.is(back.heading, 'Add an email')
  t.is(back.url.pathname, '/account/identifier-add/email')
})

test('a session that was ended has lost the page with the next click', async t => {
  const { newOwner, server } = await start(t)
  const owner = await newOwner()
  t.is((await owner.browser.open(ways)).heading, 'Ways to sign in')
  const asks = await owner.browser.open('/session/end')
  await owner.browser.submit(asks, '/session/end/confirm', { button: 'Sign out' })
  t.is((await owner.browser.open(ways)).heading, 'Sign in')
  t.deepEqual(await server.foundation.storage.artifacts.listByAccount('Session', owner.accountId), [])
})

test('what is pressed after the session ended does nothing, and says so', async t => {
  const { newOwner, account } = await start(t)
  const owner = await newOwner()
  const page = await owner.browser.open('/account/identifier-add/email')
  const asks = await owner.browser.open('/session/end')
  await owner.browser.submit(asks, '/session/end/confirm', { button: 'Sign out' })
  const answer = await owner.browser.submit(page, '/identifier-add/email', { values: { identifier: 'other@example.com' } })
  t.is(answer.status, 401)
  t.is(answer.heading, 'You were signed out')
  t.is((await account(owner.accountId)).identifiers.length, 1)
})

test('an account that was switched off has no page', async t => {
  const { newOwner, server } = await start(t)
  const owner = await newOwner()
  await server.foundation.storage.accounts.update(owner.accountId, account => ({ ...account, disabledAt: 1 }))
  t.is((await owner.browser.open(ways)).heading, 'Sign in')
})

test('giving up the sign-in ends at a page that leads to it again, and not in a circle', async t => {
  const { newBrowser } = await start(t)
  const browser = newBrowser()
  const first = await browser.open(ways)
  const page = await browser.submit(first, '/abort')
  t.is(page.heading, 'You were signed out')
  t.is(page.links.find(({ text }) => text === 'Sign in')?.href, ways)
})

test('the way back is what was sealed here, for this browser alone', async t => {
  const { newOwner, newBrowser, server } = await start(t)
  const owner = await newOwner()
  const other = newBrowser()
  await other.open('/account/identifier-add/email')
  const state = other.visits.map(({ url }) => url.searchParams.get('state')).find(found => found !== null) ?? ''
  t.not(state, '')
  const { keyring } = server.foundation
  const forged = [
    '', 'x', '/account/ways', 'https://evil.example', state,
    keyring.seal('something else', JSON.stringify({ path: '//evil.example', otherwise: '/', device: 'x' })),
  ]
  for (const sent of forged) {
    const page = await owner.browser.open(`/account/signed-in?state=${encodeURIComponent(sent)}&code=x`)
    t.is(page.url.pathname, ways, sent)
    t.false(page.elsewhere)
  }
})

test('nobody gets tokens as the account pages', async t => {
  const { newOwner, server } = await start(t)
  const owner = await newOwner()
  server.advance(6 * minute)
  // A code for them, as anybody could ask for one.
  const verifier = 'v'.repeat(43)
  const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))).toString('base64url')
  const redirectUri = `${server.issuer}/account/signed-in`
  const wish = new URLSearchParams({ client_id: 'account', redirect_uri: redirectUri, response_type: 'code', scope: 'openid', code_challenge: challenge, code_challenge_method: 'S256' })
  await owner.browser.open(`/auth?${wish}`)
  const code = owner.browser.visits.map(({ url }) => url.searchParams.get('code')).findLast(found => found !== null) ?? ''
  t.not(code, '')
  for (const headers of [{}, { authorization: `Basic ${btoa('account:')}` }, { authorization: `Basic ${btoa('account:account')}` }]) {
    const answer = await fetch(`${server.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, client_id: 'account' }),
    })
    t.true([400, 401].includes(answer.status))
    t.false('access_token' in (await answer.json() as object))
  }
  const more = await owner.browser.open(`/auth?${new URLSearchParams({ ...Object.fromEntries(wish), scope: 'openid offline_access email', prompt: 'consent' })}`)
  t.false(more.elsewhere)
  t.true(owner.browser.visits.some(({ url }) => url.searchParams.get('error') === 'invalid_scope'))
})

test('signing in to the account leaves what apps have as it is', async t => {
  const { newOwner, server, app } = await start(t)
  const owner = await newOwner()
  const authorization = await app.authorize({ scope: 'openid email offline_access' })
  const tokens = await authorization.finish((await owner.browser.open(authorization.url)).url)
  server.advance(6 * minute)
  const page = await owner.usePasskey(await owner.browser.open('/account/identifier-add/email'))
  t.is(page.heading, 'Add an email')
  t.truthy((await app.userinfo(tokens)).sub)
  t.truthy((await app.refresh(tokens)).access_token)
  const silent = await (await createApp(server.issuer, shop)).authorize({ prompt: 'none' })
  t.true((await owner.browser.open(silent.url)).url.searchParams.has('code'))
})

test('no page of the account can be framed or kept', async t => {
  const { newOwner } = await start(t)
  const owner = await newOwner()
  for (const path of [ways, '/account/identifier-add/email']) {
    const { headers } = await owner.browser.open(path)
    t.regex(String(headers['content-security-policy']), /frame-ancestors 'none'/)
    t.is(headers['x-frame-options'], 'DENY')
    t.is(headers['cache-control'], 'no-store')
  }
})

test('another language, on the same page', async t => {
  const { newOwner } = await start(t)
  const owner = await newOwner()
  const page = await owner.browser.open(ways)
  const german = await owner.browser.submit(page, page.forms.find(({ action }) => action.endsWith('/account/language'))!, { values: { locale: 'de' } })
  t.is(german.heading, 'Wege zum Anmelden')
  const elsewhere = await owner.browser.submit(page, page.forms.find(({ action }) => action.endsWith('/account/language'))!, { values: { locale: 'en', path: '//evil.example/' } })
  t.is(elsewhere.url.pathname, ways)
})

test('whoever signs in next in the same browser sees their own account, and sends nothing that the one before began', async t => {
  const { newOwner, server, arrive, account } = await start(t)
  const [first, second] = [await newOwner(), await newOwner()]
  const form = await first.browser.open('/account/identifier-add/email')
  // The same browser, by the other one's passkey.
  const page = await arrive(first)
  const passkey = page.passkeyForm('get')
  const response = second.authenticator.get(JSON.parse(passkey.data['options'] ?? ''), { origin: server.issuer })
  const left = await first.browser.submit(page, passkey, { values: { response: JSON.stringify(response) } })
  // The engine ends the session of the one before by a form that sends itself.
  t.true((await first.browser.submit(left, left.forms[0]!)).elsewhere)
  const home = await first.browser.open(ways)
  t.true(home.text.includes(second.email))
  t.false(home.text.includes(first.email))
  const sent = await first.browser.submit(form, '/identifier-add/email', { values: { identifier: 'evil@example.com' } })
  t.is(sent.status, 403)
  t.is((await account(second.accountId)).identifiers.length, 1)
})
