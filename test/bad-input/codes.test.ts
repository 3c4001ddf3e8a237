/** Codes that are wrong, spent, too old, replaced, or of another sign-in; and how long guessing lasts. */
import test, { type ExecutionContext } from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { type ClockedServer, minutes, startClockedServer } from './clocked-server.ts'
import { nothingMade, postTo, refused, signUpByCode, signUpWithPasskey, stillAsks } from './refused.ts'

let server: ClockedServer
let app: App
setUp(() => startClockedServer([shop]), (started) => ({ server, app } = started))

/** Somebody with an account, at a browser that forgot them, who just asked for a code. */
async function askedForCode() {
  const visitor = createVisitor(server)
  const subject = await signUpByCode(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const page = await visitor.typeEmail(await visitor.arrive(authorization))
  return { visitor, subject, authorization, page, code: await visitor.readCode() }
}

const otherThan = (code: string, by = 1) => String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')
const wrong = { status: 400, sentence: 'That code is not right. Check it and try again.', nextStep: 'Send a new code' } as const
const gone = { status: 400, sentence: 'That code no longer works. Use the newest email, or ask for a new code.', nextStep: 'Send a new code' } as const

/** The code is refused, with these words, and nothing comes of it. */
async function isRefused(t: ExecutionContext, visitor: Visitor, page: Page, code: string, words: typeof wrong | typeof gone): Promise<Page> {
  const answer = await nothingMade(t, server, () => postTo(visitor, page, '/email-otp', { code }))
  await refused(t, { server, visitor, page: answer, ...words })
  t.is(answer.heading, page.heading)
  return answer
}

test.serial('six wrong codes: five tries, then the right one is worth nothing either', async t => {
  const { visitor, page, code } = await askedForCode()
  for (const guess of [1, 2, 3, 4, 5]) {
    const answer = await isRefused(t, visitor, page, otherThan(code, guess), guess < 5 ? wrong : gone)
    const left = /(\d) tr(?:y|ies) left with this code/.exec(answer.text)?.[1]
    t.is(left, { 3: '2', 4: '1' }[guess])
  }
  await isRefused(t, visitor, page, otherThan(code, 6), gone)
  await isRefused(t, visitor, page, code, gone)
  await stillAsks(t, visitor, app)
})

test.serial('a new code does not give new tries: ten an hour per mailbox, in whatever browser', async t => {
  const { visitor, page, code } = await askedForCode()
  for (const guess of [1, 2, 3, 4, 5]) await isRefused(t, visitor, page, otherThan(code, guess), guess < 5 ? wrong : gone)
  const elsewhere = createVisitor(server, { email: visitor.email })
  await elsewhere.ignoreMail()
  const authorization = await app.authorize()
  const again = await elsewhere.typeEmail(await elsewhere.arrive(authorization))
  const second = await elsewhere.readCode()
  for (const guess of [1, 2, 3, 4, 5]) await isRefused(t, elsewhere, again, otherThan(second, guess), guess < 5 ? wrong : gone)

  server.shift(minutes(16))
  t.teardown(() => server.shift(-minutes(16)))
  const third = createVisitor(server, { email: visitor.email })
  await third.ignoreMail()
  const last = await app.authorize()
  const form = await third.typeEmail(await third.arrive(last))
  const right = await third.readCode()
  const answer = await nothingMade(t, server, () => third.typeCode(form, right))
  await refused(t, { server, visitor: third, page: answer, status: 429, sentence: /Too many wrong codes\. You can try codes again in \d+ minutes\. Passkeys still work\./, nextStep: 'Try another way' })
  t.regex(String(answer.headers['retry-after']), /^\d+$/)
  t.true(answer.passkeyForm('get').buttons.some(({ text }) => text === 'Sign in with a passkey'))
  await stillAsks(t, third, app)

  server.shift(minutes(60))
  t.teardown(() => server.shift(-minutes(60)))
  const calm = createVisitor(server, { email: visitor.email })
  await calm.ignoreMail()
  const later = await app.authorize()
  t.true((await calm.typeCode(await calm.typeEmail(await calm.arrive(later)))).elsewhere, 'throttled, never locked')
})

test.serial('guesses that are spent do not touch passkeys', async t => {
  const visitor = createVisitor(server)
  const subject = await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const page = await visitor.typeEmail(await visitor.arrive(authorization))
  const code = await visitor.readCode()
  let answer = page
  for (const guess of [1, 2, 3, 4, 5]) answer = await postTo(visitor, page, '/email-otp', { code: otherThan(code, guess) })
  const landing = await visitor.usePasskey(answer)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('a code used twice: in its own sign-in', async t => {
  const { visitor, subject, authorization, page, code } = await askedForCode()
  const landing = await visitor.typeCode(page, code)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
  const again = await nothingMade(t, server, () => postTo(visitor, page, '/email-otp', { code }))
  await refused(t, {
    server, visitor, page: again, status: 400, error: 'interaction_finished', sentence: 'This sign-in is already finished',
    nextStep: { text: 'Open Example Shop', url: shop.client_uri },
  })
})

test.serial('a code used twice: in a sign-up, where the step is done', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const form = await visitor.browser.submit(start, '/identifier', { button: 'Create an account' })
  const sent = await postTo(visitor, form, '/sign-up', { identifier: visitor.email, capabilities: '{"webauthn":true,"platform":true}' })
  const code = await visitor.readCode()
  const offer = await visitor.typeCode(sent, code)
  t.is(offer.heading, 'Sign in faster next time')
  const again = await nothingMade(t, server, () => visitor.typeCode(sent, code))
  await refused(t, { server, visitor, page: again, status: 409, error: 'step_done', sentence: 'This step is done', nextStep: 'Continue' })
})

test.serial('a code used twice: in its own sign-in, after the address was typed anew', async t => {
  const visitor = createVisitor(server)
  const sent = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const code = await visitor.readCode()
  const confirm = await visitor.typeCode(sent, code)
  t.is(confirm.heading, `Create an account for ${visitor.email}?`)
  const start = await visitor.browser.submit(confirm, '/identifier', { button: 'Use another address' })
  const again = await visitor.typeEmail(start)
  t.is(again.heading, 'Check your email')
  await isRefused(t, visitor, again, code, wrong)
  await stillAsks(t, visitor, app)
})

test.serial('a code used twice: in a sign-in of another browser', async t => {
  const { visitor, page, code } = await askedForCode()
  t.true((await visitor.typeCode(page, code)).elsewhere)
  const thief = createVisitor(server, { email: visitor.email })
  await isRefused(t, thief, await thief.typeEmail(await thief.arrive(await app.authorize())), code, wrong)
  await stillAsks(t, thief, app)
})

test.serial('a code after a resend: the old one is worth nothing, the new one signs in', async t => {
  const { visitor, subject, authorization, page, code } = await askedForCode()
  server.shift(minutes(1))
  t.teardown(() => server.shift(-minutes(1)))
  const resent = await visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' })
  await refused(t, { server, visitor, page: resent, status: 200, sentence: 'We sent a new code. The old one no longer works.', nextStep: 'Continue' })
  const newest = await visitor.readCode()
  if (newest !== code) await isRefused(t, visitor, resent, code, wrong)
  const landing = await visitor.typeCode(resent, newest)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('a code for another sign-in: of the same browser and address', async t => {
  const { visitor, code } = await askedForCode()
  const second = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  await isRefused(t, visitor, second, code, wrong)
  await stillAsks(t, visitor, app)
})

test.serial('a code for another purpose: one for signing in makes no account', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  await visitor.typeEmail(start)
  const code = await visitor.readCode()
  const form = await visitor.browser.submit(await visitor.browser.open(start.url), '/identifier', { button: 'Create an account' })
  const sent = await postTo(visitor, form, '/sign-up', { identifier: visitor.email })
  t.is(sent.heading, 'Confirm your email')
  await isRefused(t, visitor, sent, code, wrong)
  await stillAsks(t, visitor, app)
})

test.serial('a code that is too old', async t => {
  const { visitor, page, code } = await askedForCode()
  server.shift(minutes(10))
  t.teardown(() => server.shift(-minutes(10)))
  await isRefused(t, visitor, page, code, gone)
  await stillAsks(t, visitor, app)
})

test.serial('no code at all, and what no code looks like', async t => {
  const { visitor, subject, authorization, page, code } = await askedForCode()
  const empty = await nothingMade(t, server, () => visitor.typeCode(page, '   '))
  await refused(t, { server, visitor, page: empty, status: 400, sentence: 'Enter the code from the email.', nextStep: 'Continue' })
  await isRefused(t, visitor, page, 'abcdef', wrong)
  await isRefused(t, visitor, page, '9'.repeat(5000), wrong)
  await isRefused(t, visitor, page, `${code}'; drop table accounts; --`, wrong)
  // As it is read aloud, or pasted with what was around it.
  const landing = await visitor.typeCode(page, ` ${code.slice(0, 3)} ${code.slice(3)} `)
  t.is((await authorization.finish(landing.url)).claims()?.sub, subject)
})

test.serial('asking again too early, and too often', async t => {
  const { visitor, page } = await askedForCode()
  const mails = (await server.outbox()).length
  const early = await nothingMade(t, server, () => visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' }))
  await refused(t, { server, visitor, page: early, status: 429, sentence: /Wait \d+ seconds?, then ask again\./, nextStep: 'Try another way' })
  t.regex(String(early.headers['retry-after']), /^\d+$/)
  t.is((await server.outbox()).length, mails)

  const elsewhere = createVisitor(server, { email: visitor.email })
  await elsewhere.typeEmail(await elsewhere.arrive(await app.authorize()))
  const third = createVisitor(server, { email: visitor.email })
  const limited = await nothingMade(t, server, async () => third.typeEmail(await third.arrive(await app.authorize())))
  await refused(t, { server, visitor: third, page: limited, status: 429, sentence: /We sent several codes already\. You can ask for another one in \d+ minutes\./, nextStep: 'Try another way' })
  t.truthy(limited.passkeyForm('get'))
})
