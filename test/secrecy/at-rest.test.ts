/** Nothing that opens anything is kept or logged, after whatever a person or an app did. */
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import * as oidc from 'openid-client'
import { type App, createApp, news, shop, type Tokens } from '../helpers/app.ts'
import { appCode } from '../helpers/authenticator-app.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { enrolLinkFor } from '../helpers/operator.ts'
import { type Server, startServer } from '../helpers/server.ts'
import type { Visitor } from '../helpers/visitor.ts'
import { dump, occurrences, type Secrets, secretsOfMails, secretsOfVisits } from './secrets.ts'
import { createWatch, type Watch } from './watch.ts'

let server: Server
let app: App
let watch: Watch
const owner = () => watch.visitors[0] ?? Promise.reject(new Error('nobody signed up'))
const newVisitor: Watch['newVisitor'] = (options) => watch.newVisitor(options)
const keep = (tokens: Tokens): Tokens => watch.keep(tokens)
const nothingIsLeft = (t: ExecutionContext): Promise<void> => watch.nothingIsLeft(t)

test.before(async () => {
  server = await startServer({ clients: [shop, news] })
  app = await createApp(server.issuer, shop)
  watch = createWatch(server)
})
test.after.always(() => server?.dispose())

const offline = { scope: 'openid email offline_access' }
let tokens: Tokens

test.serial('the search finds what is there', async t => {
  const planted: Secrets = new Map([['123456', 'code'], ['abcdefgh', 'token']])
  const where = (text: string) => occurrences(planted, [{ place: 'here', text }])
  t.deepEqual(where('{"code":"123456"}'), ['code in here: 123456'])
  t.deepEqual(where('xx abcdefghi'), ['token in here: abcdefgh'])
  t.deepEqual(where('{"at":1234567890,"id":"a123456"}'), [])

  const visitor = newVisitor()
  await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const seen = new Set(secretsOfVisits(visitor.browser.visits).values())
  t.true(['cookie latchkey_device', 'cookie latchkey_resume', 'csrf token', 'challenge'].every(what => seen.has(what)), [...seen].join())
  const mails = new Set(secretsOfMails([await server.mailTo(visitor.email)]).values())
  t.true(['code', 'line of a mail'].every(what => mails.has(what)))
  const codesOf = (text: string) => [...secretsOfMails([{ channel: 'sms', to: '', subject: '', html: '', at: 0, text }])].filter(([, what]) => what === 'code').map(([code]) => code)
  t.deepEqual(codesOf('419037 is your Latchkey code. Do not share it.'), ['419037'])
  t.deepEqual(codesOf('Ihr Code.\n\n@login.example.com #419037'), ['419037'])
  t.deepEqual(where('#123456"'), ['code in here: 123456'])
  const places = await dump(join(server.folder, 'data'))
  t.true(occurrences(new Map([[visitor.email, 'address'], ['shop', 'client']]), places).length > 0, 'what may be kept is found')
  await nothingIsLeft(t)
  watch.visitors.splice(0)
})

test.serial('sign-up by code, with a passkey', async t => {
  const visitor = newVisitor()
  const authorization = await app.authorize(offline)
  const created = await visitor.createPasskey(await visitor.signUp(await visitor.arrive(authorization)))
  const { url } = await visitor.browser.submit(created, '/passkey-create', { button: `Continue to ${shop.client_name}` })
  watch.secrets.set(url.searchParams.get('code') ?? '', 'authorization code')
  tokens = keep(await authorization.finish(url))
  t.truthy(tokens.refresh_token)
  await nothingIsLeft(t)
})

test.serial('sign-in by passkey, and a live session asked again', async t => {
  const visitor = await owner()
  const again = await app.authorize({ ...offline, prompt: 'login', login_hint: visitor.email })
  const landing = await visitor.usePasskey(await visitor.arrive(again))
  keep(await again.finish(landing.url))
  const silent = await app.authorize({ prompt: 'none', id_token_hint: tokens.id_token ?? '' })
  keep(await silent.finish((await visitor.arrive(silent)).url))
  await nothingIsLeft(t)
})

test.serial('sign-in by code, and by an app that asks for consent', async t => {
  const visitor = newVisitor({ email: (await owner()).email, script: false })
  await visitor.ignoreMail()
  const third = await createApp(server.issuer, news)
  const authorization = await third.authorize()
  const consent = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization)))
  const landing = await visitor.browser.submit(consent, '/consent', { button: 'Allow' })
  keep(await authorization.finish(landing.url))
  await nothingIsLeft(t)
})

test.serial('wrong codes, a resend, and a code too late', async t => {
  const visitor = newVisitor()
  let page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const right = await visitor.readCode()
  for (const typed of ['271828', '314159', '161803', '141421', '173205'].filter(code => code !== right)) {
    page = await visitor.typeCode(page, typed)
    watch.secrets.set(typed, 'code')
  }
  await visitor.typeCode(page, right)
  t.is((await visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' })).status, 429)
  await nothingIsLeft(t)
})

test.serial('bogus passkeys, foreign interactions, broken requests', async t => {
  const visitor = newVisitor({ authenticator: (await owner()).authenticator })
  const page = await visitor.arrive(await app.authorize({ login_hint: 'hinted@example.com' }))
  await visitor.usePasskey(page, { bogusSignature: true })
  await visitor.browser.open(`/interaction/${'x'.repeat(43)}?email=${visitor.email}`)
  await visitor.browser.open(`/auth?client_id=shop&redirect_uri=https://evil.example/?code=secretcodehere&login_hint=${visitor.email}`)
  await visitor.browser.open(`/nowhere/${visitor.email}?token=${tokens.access_token}`)
  await visitor.browser.post(page, page.url.href, `csrf=wrong&identifier=${visitor.email}`, { 'content-type': 'application/x-www-form-urlencoded' })
  await visitor.browser.post(page, page.url.href, `{"identifier":"${visitor.email}"`, { 'content-type': 'application/json' })
  await nothingIsLeft(t)
})

test.serial('refresh, userinfo, introspection, reuse', async t => {
  await app.userinfo(tokens)
  const second = keep(await app.refresh(tokens))
  keep(await app.refresh(second))
  await oidc.tokenIntrospection(app.configuration, second.access_token)
  await t.throwsAsync(app.refresh(tokens))
  await t.throwsAsync(oidc.refreshTokenGrant(app.configuration, 'no-such-refresh-token-anywhere'))
  await nothingIsLeft(t)
})

test.serial('client credentials, and their end', async t => {
  const granted = await oidc.clientCredentialsGrant(app.configuration)
  watch.secrets.set(granted.access_token, 'access_token')
  await nothingIsLeft(t)
  await oidc.tokenRevocation(app.configuration, granted.access_token)
  await nothingIsLeft(t)
})

test.serial('pushed authorization requests', async t => {
  const verifier = oidc.randomPKCECodeVerifier()
  watch.secrets.set(verifier, 'code_verifier')
  const url = await oidc.buildAuthorizationUrlWithPAR(app.configuration, {
    redirect_uri: app.redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  watch.secrets.set(url.searchParams.get('request_uri') ?? '', 'request_uri')
  await nothingIsLeft(t)
  const visitor = newVisitor()
  const offer = await visitor.signUp(await visitor.browser.open(url))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  keep(await oidc.authorizationCodeGrant(app.configuration, landing.url, { pkceCodeVerifier: verifier }))
  await nothingIsLeft(t)
})

test.serial('a help link, a passkey by it, and the link that stops it', async t => {
  const { email } = await owner()
  const visitor = newVisitor({ email, authenticator: createAuthenticator() })
  const link = await enrolLinkFor(server, email)
  const page = await visitor.browser.open(link)
  const offer = await visitor.browser.submit(page, page.forms.find(({ action }) => link.endsWith(action))!)
  t.is((await visitor.createPasskey(offer)).heading, 'Your passkey is ready')
  await nothingIsLeft(t)
  const mail = (await server.outbox()).find(({ to, text }) => to === email && text.includes('/account/not-me/'))
  const question = await visitor.browser.open(/^https?:\S+$/m.exec(mail?.text ?? '')?.[0] ?? '')
  t.is((await visitor.browser.submit(question, question.url.pathname, { button: 'No, stop it' })).heading, 'We stopped it')
  t.true(secretsOfVisits(visitor.browser.visits).has(link.split('/').at(-1) ?? ''))
  await nothingIsLeft(t)
})

/** Somebody new, with a passkey, signed in. */
async function newcomer(): Promise<Visitor> {
  const visitor = newVisitor()
  await visitor.createPasskey(await visitor.signUp(await visitor.arrive(await app.authorize())))
  return visitor
}

test.serial('a link in a mail: shown elsewhere, refused, and pressed where it was asked for', async t => {
  const elsewhere = newVisitor()
  const ask = async () => {
    const { email } = await newcomer()
    const visitor = newVisitor({ email, script: false })
    const known = await server.outbox()
    const waiting = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
    const { text } = await server.mailTo(email, known)
    return { visitor, waiting, link: /^https?:\S+\/link\/\S+$/m.exec(text)?.[0] ?? '' }
  }
  const { visitor, waiting, link } = await ask()
  const page = await elsewhere.browser.open(link)
  const shown = await elsewhere.browser.submit(page, new URL(link).pathname, { button: 'Show my code' })
  t.is(shown.heading, 'Type this code where you started')
  await nothingIsLeft(t)
  await visitor.typeCode(waiting, /<output[^>]*>(\d+)</.exec(shown.html)?.[1])
  await nothingIsLeft(t)

  const second = await ask()
  const finish = await second.visitor.browser.open(second.link)
  t.is(finish.heading, 'Finish signing in')
  await nothingIsLeft(t)
  await second.visitor.browser.submit(finish, '/email-link', { button: 'Sign in' })
  const seen = new Set(secretsOfVisits([...second.visitor.browser.visits, ...elsewhere.browser.visits]).values())
  t.true(['ticket', 'code shown for a link'].every(what => seen.has(what)), [...seen].join())
  await nothingIsLeft(t)
})

test.serial('an authenticator app and recovery codes: made, and used to sign in', async t => {
  const { authenticator, email } = await newcomer()
  const visitor = newVisitor({ email, authenticator })
  await visitor.usePasskey(await visitor.arrive(await app.authorize()))
  const setUp = await visitor.browser.open('/account/totp')
  const key = /<code>(.*?)<\/code>/.exec(setUp.html)?.[1]?.replace(/<[^>]*>/g, '') ?? ''
  await nothingIsLeft(t)
  const first = appCode(key, Date.now())
  t.is((await visitor.browser.submit(setUp, '/totp', { button: 'Finish set-up', values: { code: first } })).url.pathname, '/account/ways')
  const codes = await visitor.browser.submit(await visitor.browser.open('/account/recovery-codes'), '/recovery-codes', { button: 'Make recovery codes' })
  const [code = ''] = [...secretsOfVisits(visitor.browser.visits)].find(([, what]) => what === 'recovery code') ?? []
  t.is(codes.heading, 'Save your recovery codes')
  const kinds = new Set(secretsOfVisits(visitor.browser.visits).values())
  t.true(['app key', 'app key in hex', 'recovery code'].every(what => kinds.has(what)), [...kinds].join())
  await nothingIsLeft(t)

  const other = newVisitor({ email, script: false })
  const waiting = await other.typeEmail(await other.arrive(await app.authorize()))
  const byApp = await other.browser.open(new URL(waiting.url.pathname.replace(/[\w-]+$/, 'methods'), server.issuer))
  const typed = await other.browser.submit(byApp, byApp.forms.find(({ values }) => values['method'] === 'recovery_code')!)
  t.is((await other.browser.submit(typed, '/recovery-code', { button: 'Continue', values: { code } })).status, 200)
  await nothingIsLeft(t)
})

test.serial('sign-out', async t => {
  const visitor = await owner()
  const page = await visitor.browser.open(app.signOutUrl(tokens, { post_logout_redirect_uri: shop.post_logout_redirect_uris[0] ?? '' }))
  await nothingIsLeft(t)
  const landing = await visitor.browser.submit(page, '/session/end/confirm', { button: 'Sign out' })
  t.true(landing.elsewhere)
  await nothingIsLeft(t)
})

test.serial('the end of the process', async t => {
  await server.stop()
  await server.start()
  await nothingIsLeft(t)
})
