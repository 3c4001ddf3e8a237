/** A challenge is good once, for the request that it was made for, and for as long as that lives. */
import { randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { type ClockedServer, minutes, startClockedServer } from './clocked-server.ts'
import { nothingMade, refused, signUpWithPasskey, stillAsks, whatThereIs } from './refused.ts'

let server: ClockedServer
let app: App
let owner: Visitor
let subject: string

test.before(async () => {
  server = await startClockedServer([shop])
  app = await createApp(server.issuer, shop)
  owner = createVisitor(server)
  subject = await signUpWithPasskey(owner, app)
})
test.after.always(() => server?.dispose())

const atAnotherBrowser = () => createVisitor(server, { email: owner.email, authenticator: owner.authenticator })

const challengeOn = (page: Page): string => (JSON.parse(page.passkeyForm('get').data['options'] ?? '') as { challenge: string }).challenge
const expiryOf = (challenge: string): number => Buffer.from(challenge, 'base64url').readUIntBE(16, 6)

/** What the authenticator answers, as it goes over the wire. */
function answerTo(challenge: string): string {
  return JSON.stringify(owner.authenticator.get({ challenge, rpId: 'localhost' }, { origin: server.issuer }))
}

/** Somebody sends that answer: it is refused for that reason, and the page says so. */
async function isRefused(t: ExecutionContext, visitor: Visitor, page: Page, response: string, reason: string): Promise<Page> {
  const since = server.log.length
  const answer = await nothingMade(t, server, () => visitor.browser.submit(page, page.passkeyForm('get'), { values: { response } }))
  await refused(t, { server, visitor, page: answer, status: 200, sentence: 'We could not check this passkey', nextStep: 'Continue' })
  const line = server.log.slice(since).find(text => text.includes('"passkey refused"')) ?? '{}'
  const logged = JSON.parse(line) as { reason?: string; reference?: string }
  t.is(logged.reason, reason)
  await server.logLineWith(`"reference":"${logged.reference}","method":"POST"`)
  t.not(challengeOn(answer), challengeOn(page), 'the page asks with a fresh one')
  await stillAsks(t, visitor, app)
  return answer
}

test.serial('replayed in the same request: spent by the first, refused answer', async t => {
  const visitor = atAnotherBrowser()
  const page = await visitor.arrive(await app.authorize())
  const failed = await visitor.usePasskey(page, { userVerified: false })
  t.is(failed.heading, 'Sign in')
  await isRefused(t, visitor, page, answerTo(challengeOn(page)), 'challenge_spent')
})

test.serial('replayed after it signed in: nothing happens a second time', async t => {
  const visitor = atAnotherBrowser()
  const authorization = await app.authorize()
  const page = await visitor.arrive(authorization)
  const response = answerTo(challengeOn(page))
  const landing = await visitor.browser.submit(page, page.passkeyForm('get'), { values: { response } })
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
  const late = await nothingMade(t, server, () => visitor.browser.submit(page, page.passkeyForm('get'), { values: { response } }))
  await refused(t, {
    server, visitor, page: late, status: 400, error: 'interaction_finished',
    sentence: 'This sign-in is already finished', nextStep: { text: 'Open Example Shop', url: shop.client_uri },
  })
})

test.serial('captured, and replayed in a request of one’s own', async t => {
  const response = answerTo(challengeOn(await atAnotherBrowser().arrive(await app.authorize())))
  const thief = createVisitor(server)
  await isRefused(t, thief, await thief.arrive(await app.authorize()), response, 'challenge_foreign')
})

test.serial('of another request of the same browser', async t => {
  const visitor = atAnotherBrowser()
  const first = await visitor.arrive(await app.authorize())
  await isRefused(t, visitor, await visitor.arrive(await app.authorize()), answerTo(challengeOn(first)), 'challenge_foreign')
})

test.serial('captured, and replayed from a browser without the cookie of the request', async t => {
  const visitor = atAnotherBrowser()
  const page = await visitor.arrive(await app.authorize())
  const thief = createVisitor(server)
  const answer = await nothingMade(t, server, () => thief.browser.submit(page, page.passkeyForm('get'), { values: { response: answerTo(challengeOn(page)) } }))
  await refused(t, {
    server, visitor: thief, page: answer, status: 400, error: 'cookie_missing',
    sentence: 'Your browser did not send our cookie', nextStep: { text: 'Start again at Example Shop', url: shop.client_uri },
  })
  await stillAsks(t, thief, app)
})

const later = (challenge: string): string => {
  const bytes = Buffer.from(challenge, 'base64url')
  bytes.writeUIntBE(expiryOf(challenge) + minutes(60), 16, 6)
  return bytes.toString('base64url')
}
const foreign: Record<string, (challenge: string) => string> = {
  'of somebody’s own making': () => randomBytes(54).toString('base64url'),
  'with a later expiry written in': later,
  'cut short': challenge => challenge.slice(0, -8),
  'empty': () => '',
}
for (const [name, change] of Object.entries(foreign)) {
  test.serial(`a challenge ${name}`, async t => {
    const visitor = atAnotherBrowser()
    const page = await visitor.arrive(await app.authorize())
    await isRefused(t, visitor, page, answerTo(change(challengeOn(page))), 'challenge_foreign')
  })
}

test.serial('made for creating a passkey', async t => {
  const newcomer = createVisitor(server)
  const offer = await newcomer.signUp(await newcomer.arrive(await app.authorize()))
  const { challenge } = JSON.parse(offer.passkeyForm('create').data['options'] ?? '') as { challenge: string }
  const visitor = atAnotherBrowser()
  await isRefused(t, visitor, await visitor.arrive(await app.authorize()), answerTo(challenge), 'challenge_foreign')

  const assertion = JSON.stringify(owner.authenticator.get({ challenge, rpId: 'localhost' }, { origin: server.issuer }))
  const before = whatThereIs(server)
  const page = await newcomer.browser.submit(offer, offer.passkeyForm('create'), { values: { response: assertion } })
  await refused(t, { server, visitor: newcomer, page, status: 200, sentence: 'No passkey was created', nextStep: 'Continue to Example Shop' })
  t.deepEqual(whatThereIs(server)['passkeys'], before['passkeys'])
})

test.serial('expired while its request still lives: the page asks once more with a fresh one, which signs in', async t => {
  const visitor = atAnotherBrowser()
  // With the store's clock ahead at the start, the request is kept for longer than its challenges live.
  server.shift(minutes(1))
  const authorization = await app.authorize()
  await visitor.arrive(authorization)
  server.shift(-minutes(1))
  const page = await visitor.browser.open(visitor.browser.visits.at(-1)!.url)
  const response = answerTo(challengeOn(page))
  const wait = expiryOf(challengeOn(page)) - Date.now()
  server.shift(wait)
  t.teardown(() => server.shift(-wait))
  const answer = await isRefusedBeforeItEnds(response)
  t.true('fresh-retry' in answer.passkeyForm('get').data)
  const landing = await visitor.usePasskey(answer)
  t.true(landing.elsewhere)

  async function isRefusedBeforeItEnds(stale: string): Promise<Page> {
    const since = server.log.length
    const after = await nothingMade(t, server, () => visitor.browser.submit(page, page.passkeyForm('get'), { values: { response: stale } }))
    await refused(t, { server, visitor, page: after, status: 200, sentence: 'We could not check this passkey', nextStep: 'Continue' })
    t.regex(server.log.slice(since).find(text => text.includes('"passkey refused"')) ?? '', /"reason":"challenge_expired"/)
    return after
  }
})

test.serial('expired together with its request: the sign-in has stopped, and the app is named', async t => {
  const visitor = atAnotherBrowser()
  const page = await visitor.arrive(await app.authorize())
  const response = answerTo(challengeOn(page))
  server.shift(minutes(121))
  t.teardown(() => server.shift(-minutes(121)))
  // As a browser does whose clock runs along: this cookie lives as long as the request.
  visitor.browser.cookies.clear(({ name }) => name !== 'latchkey_interaction')
  const answer = await nothingMade(t, server, () => visitor.browser.submit(page, page.passkeyForm('get'), { values: { response } }))
  await refused(t, {
    server, visitor, page: answer, status: 400, error: 'interaction_expired',
    sentence: 'This page was open too long', nextStep: { text: 'Start again at Example Shop', url: shop.client_uri },
  })
  await stillAsks(t, visitor, app)
})
