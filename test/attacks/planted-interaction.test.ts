import test, { type ExecutionContext } from 'ava'
import { nothingMade, postTo, refused, signUpByCode, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'
import { type App, type Authorization, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { startInProcess, type InProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const day = 24 * 60 * 60 * 1000

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
})
test.after.always(() => server?.dispose())

/** A login of the attacker's, whose cookies the victim's browser holds too: the page in each of the two. */
async function plant(app: App, attacker: Visitor, victim: Visitor, authorization?: Authorization): Promise<{ trap: Page; seen: Page }> {
  const trap = await attacker.arrive(authorization ?? (await app.authorize()))
  const planted = attacker.browser.cookies.all().filter(({ name, path }) => name.startsWith('latchkey_interaction') && trap.url.pathname.startsWith(path ?? '-'))
  victim.browser.cookies.store(trap.url, planted.map(({ name, value, path }) => `${name}=${value}; Path=${path}`))
  return { trap, seen: await victim.browser.open(trap.url.href) }
}

/** Whatever the attacker opens and posts in the login that somebody else has begun says no, makes nothing, and leads back to the app. */
async function nothingForTheAttacker(t: ExecutionContext, app: App, attacker: Visitor, trap: Page, posts: [string, Record<string, string>][]): Promise<void> {
  await nothingMade(t, server, async () => {
    for (const path of ['?due', '', '/passkey-create', '/recovery-notice', '/wrong-account', '/create-account']) {
      const page = await attacker.browser.open(trap.url.href + path)
      t.is(page.heading, 'Your browser did not send our cookie', path)
      t.notRegex(page.html, /visitor\d+@/)
    }
    for (const [path, values] of posts) {
      const page = await postTo(attacker, trap, path, values)
      await refused(t, {
        server, visitor: attacker, page, status: 400, error: 'cookie_missing', sentence: 'Your browser did not send our cookie',
        nextStep: { text: 'Start again at Example Shop', url: shop.client_uri },
      })
    }
  })
  const resumed = await attacker.browser.open(trap.url.href.replace('/interaction/', '/auth/'))
  t.is(resumed.url.searchParams.get('code'), null)
  await stillAsks(t, attacker, app)
}

/** An account that gets the offer to make a passkey at its next sign-in. */
async function ownerByCode(app: App): Promise<{ victim: Visitor; sub: string }> {
  const victim = createVisitor(server)
  const sub = await signUpByCode(victim, app)
  server.advance(8 * day)
  await victim.ignoreMail()
  return { victim, sub }
}

const signedInAs = async (authorization: Authorization, page: Page) => (await authorization.finish(page.url)).claims()?.sub

test.serial('login session theft by planted cookies: who finished somebody else’s login has signed nobody in', async (t) => {
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

test.serial('forced sign-out: a sign-out page that was opened and left changes nothing about the next login', async (t) => {
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

test.serial('planted login that somebody has proven by a code: the offer that is left is not the attacker’s to end, nor to take', async (t) => {
  const app = await createApp(server.issuer, shop)
  const { victim, sub } = await ownerByCode(app)
  const attacker = createVisitor(server)
  const authorization = await app.authorize()
  const { trap, seen } = await plant(app, attacker, victim, authorization)
  const offer = await victim.typeCode(await victim.typeEmail(seen))
  t.is(offer.heading, 'Sign in faster next time')

  await nothingForTheAttacker(t, app, attacker, trap, [['/passkey-create', { not_now: '1' }], ['/passkey-create', { continue: '1' }], ['/passkey-create/options', {}], ['/language', { locale: 'de' }], ['/abort', {}]])
  t.deepEqual((await server.foundation.storage.accounts.get(sub))?.credentialIds, [])
  const done = await victim.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.true(done.elsewhere || done.status === 400, 'the resume asks for the browser too')
})

test.serial('planted login that somebody has proven by a passkey: the notice that is left is not the attacker’s to press away', async (t) => {
  const app = await createApp(server.issuer, shop)
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  server.advance(2 * day)
  const thief = createVisitor(server, { email: owner.email })
  await thief.ignoreMail()
  const asked = await thief.typeCode(await thief.typeEmail(await thief.arrive(await app.authorize({ acr_values: 'phr' }))))
  await postTo(thief, asked, '/recovery', { start: '1' })

  const { trap, seen } = await plant(app, thief, owner, await app.authorize({ prompt: 'login' }))
  t.is((await owner.usePasskey(seen)).heading, 'Someone is recovering your account')
  await nothingForTheAttacker(t, app, thief, trap, [['/recovery-notice', { later: '1' }], ['/recovery-notice', { cancel: '1' }]])
})

test.serial('planted sign-up: the first passkey of the account that somebody makes in it is not the attacker’s', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  const attacker = createVisitor(server)
  const { trap, seen } = await plant(app, attacker, victim)
  const offer = await victim.signUp(seen)
  t.is(offer.heading, 'Sign in faster next time')
  // Even with the options that only the victim's page has.
  const { data } = offer.passkeyForm('create')
  const response = JSON.stringify(attacker.authenticator.create(JSON.parse(data['options'] ?? ''), { origin: server.issuer }))
  await nothingForTheAttacker(t, app, attacker, trap, [['/passkey-create', { response }], ['/passkey-create', { not_now: '1' }]])
})

test.serial('planted login in which somebody proves a mailbox without an account: the attacker makes none of it', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  const attacker = createVisitor(server)
  const { trap, seen } = await plant(app, attacker, victim)
  t.is((await victim.typeCode(await victim.typeEmail(seen))).heading, `Create an account for ${victim.email}?`)
  await nothingForTheAttacker(t, app, attacker, trap, [['/create-account', {}]])
})

test.serial('planted login in which somebody used the passkey of another account: the attacker does not decide to sign in as them', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  await signUpWithPasskey(victim, app)
  server.advance(2 * day)
  const attacker = createVisitor(server)
  const { trap, seen } = await plant(app, attacker, victim, await app.authorize({ prompt: 'login' }))
  await victim.ignoreMail()
  const capabilities = JSON.stringify({ webauthn: true, platform: true })
  const typed = await victim.browser.submit(seen, '/identifier', { button: 'Continue', values: { identifier: 'somebody.else@example.com', capabilities } })
  t.is((await victim.usePasskey(typed)).heading, 'That passkey belongs to another account')
  await nothingForTheAttacker(t, app, attacker, trap, [['/passkey', { use_other: '1' }]])
})

test.serial('planted login in which the attacker was first: it is his, and the victim’s way on is the app', async (t) => {
  const app = await createApp(server.issuer, shop)
  const { victim, sub } = await ownerByCode(app)
  const attacker = createVisitor(server, { email: victim.email })
  const begun = await attacker.arrive(await app.authorize())
  await attacker.typeEmail(begun)
  const planted = attacker.browser.cookies.all().filter(({ name }) => name.startsWith('latchkey_interaction'))
  victim.browser.cookies.store(begun.url, planted.map(({ name, value, path }) => `${name}=${value}; Path=${path}`))
  await refused(t, {
    server, visitor: victim, page: await victim.browser.open(begun.url.href), status: 400, error: 'cookie_missing', sentence: 'Your browser did not send our cookie',
    nextStep: { text: 'Start again at Example Shop', url: shop.client_uri },
  })
  server.advance(16 * 60_000)
  await victim.ignoreMail()
  const authorization = await app.authorize({ prompt: 'login' })
  const offer = await victim.typeCode(await victim.typeEmail(await victim.arrive(authorization)))
  t.is(await signedInAs(authorization, await victim.browser.submit(offer, '/passkey-create', { button: 'Not now' })), sub)
})

test.serial('planted login, and the device cookie pushed out of the victim’s browser: a browser without one resumes nothing', async (t) => {
  const app = await createApp(server.issuer, shop)
  const victim = createVisitor(server)
  await signUpWithPasskey(victim, app)
  server.advance(2 * day)
  victim.browser.cookies.clear()
  const attacker = createVisitor(server)
  const { trap, seen } = await plant(app, attacker, victim)
  victim.browser.cookies.clear(({ name }) => !name.includes('device'))
  await victim.usePasskey(seen)
  attacker.browser.cookies.clear(({ name }) => !name.includes('device'))
  const resumed = await attacker.browser.open(trap.url.href.replace('/interaction/', '/auth/'))
  t.is(resumed.status, 400)
  t.is(resumed.url.searchParams.get('code'), null)
})

test.serial('a browser that loses the device cookie in the middle of a login is told, and signs in from the start', async (t) => {
  const app = await createApp(server.issuer, shop)
  const { victim: owner, sub } = await ownerByCode(app)
  owner.browser.cookies.clear()
  const authorization = await app.authorize()
  const first = await owner.arrive(authorization)
  // Two pages opened at once each get a cookie; the later one stays, and nothing has been done under the other.
  owner.browser.cookies.clear(({ name }) => !name.includes('device'))
  const sent = await owner.typeEmail(first)
  t.is(sent.heading, 'Check your email')
  owner.browser.cookies.clear(({ name }) => !name.includes('device'))
  await refused(t, {
    server, visitor: owner, page: await owner.typeCode(sent), status: 400, error: 'cookie_missing', sentence: 'Your browser did not send our cookie',
    nextStep: { text: 'Start again at Example Shop', url: shop.client_uri },
  })
  server.advance(16 * 60_000)
  await owner.ignoreMail()
  const again = await app.authorize()
  const offer = await owner.typeCode(await owner.typeEmail(await owner.arrive(again)))
  t.is(await signedInAs(again, await owner.browser.submit(offer, '/passkey-create', { button: 'Not now' })), sub)
})
