/** Codes of texts, authenticator apps and paper, that are wrong, spent, too old or of somebody else; and links with what is no link. */
import test, { type ExecutionContext } from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { codeIn, type MethodsServer, startMethodsServer } from '../journeys/methods-rig.ts'
import { nothingMade, postTo, refused, stillAsks } from './refused.ts'

let server: MethodsServer
let app: App
setUp(() => startMethodsServer({ clients: [shop] }), (started) => ({ server, app } = started))

const minute = 60_000
const otherThan = (code: string, by = 1) => String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')
const wrong = 'That code is not right. Check it and try again.'

/** A browser that knows nobody, on the screen of that method. */
async function at(method: 'sms_otp' | 'totp' | 'recovery_code', identifier: string) {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const page = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Continue', values: { identifier, capabilities: '{"webauthn":true,"platform":true}' } })
  const form = await postTo(visitor, page, '/methods', { method })
  return { visitor, authorization, form }
}

const paths = { sms_otp: '/sms-otp', totp: '/totp', recovery_code: '/recovery-code' } as const

async function isRefused(t: ExecutionContext, visitor: Visitor, page: Page, method: keyof typeof paths, code: string, sentence: string | RegExp, status = 400): Promise<Page> {
  const answer = await nothingMade(t, server, () => postTo(visitor, page, paths[method], { code }))
  await refused(t, { server, visitor, page: answer, status, sentence, nextStep: status === 429 ? 'Try another way' : 'Continue' })
  t.is(answer.heading, page.heading)
  return answer
}

test.serial('a text: five tries, and the right code is worth nothing after them', async t => {
  const person = await server.somebody()
  const { visitor, form } = await at('sms_otp', person.phone)
  const code = codeIn(await server.messageTo(person.phone))
  const gone = 'That code no longer works. Use the newest text message, or ask for a new code.'
  for (const guess of [1, 2, 3, 4, 5]) await isRefused(t, visitor, form, 'sms_otp', otherThan(code, guess), guess < 5 ? wrong : gone)
  await isRefused(t, visitor, form, 'sms_otp', code, gone)
  await stillAsks(t, visitor, app)
})

test.serial('a text: replaced by a newer one, too old, of another sign-in', async t => {
  const person = await server.somebody()
  const { visitor, authorization, form } = await at('sms_otp', person.phone)
  const first = await server.messageTo(person.phone)
  server.advance(minute)
  t.teardown(() => server.advance(-minute))
  const resent = await visitor.browser.submit(form, '/sms-otp', { button: 'Send a new code' })
  t.true(resent.text.includes('We sent a new code. The old one no longer works.'))
  const second = await server.messageTo(person.phone, [first])
  if (codeIn(first) !== codeIn(second)) await isRefused(t, visitor, resent, 'sms_otp', codeIn(first), wrong)

  const early = await nothingMade(t, server, () => visitor.browser.submit(resent, '/sms-otp', { button: 'Send a new code' }))
  await refused(t, { server, visitor, page: early, status: 429, sentence: /Wait \d+ seconds?, then ask again\./, nextStep: 'Try another way' })
  t.regex(String(early.headers['retry-after']), /^\d+$/)

  const elsewhere = await at('sms_otp', person.phone)
  await isRefused(t, elsewhere.visitor, elsewhere.form, 'sms_otp', codeIn(second), wrong)

  const landing = await postTo(visitor, resent, '/sms-otp', { code: codeIn(second) })
  const done = landing.heading === 'Sign in faster next time' ? await visitor.browser.submit(landing, '/passkey-create', { button: 'Not now' }) : landing
  t.is((await authorization.finish(done.url)).claims()?.sub, person.account.id)
})

test.serial('a text that is too old', async t => {
  const person = await server.somebody()
  const { visitor, form } = await at('sms_otp', person.phone)
  const code = codeIn(await server.messageTo(person.phone))
  server.advance(10 * minute)
  t.teardown(() => server.advance(-10 * minute))
  await isRefused(t, visitor, form, 'sms_otp', code, 'That code no longer works. Use the newest text message, or ask for a new code.')
})

test.serial('an app: nothing, nonsense, the code of somebody else, and one that is too old', async t => {
  const [person, other] = [await server.somebody(), await server.somebody()]
  const { visitor, form } = await at('totp', person.email)
  await isRefused(t, visitor, form, 'totp', '  ', 'Enter the code from your app.')
  for (const code of ['abcdef', '9'.repeat(5000), `${person.appCode()}0`, "' or 1=1 --"]) await isRefused(t, visitor, form, 'totp', code, wrong)
  if (other.appCode() !== person.appCode()) await isRefused(t, visitor, form, 'totp', other.appCode(), wrong)
  const old = person.appCode()
  server.advance(5 * minute)
  t.teardown(() => server.advance(-5 * minute))
  if (old !== person.appCode()) await isRefused(t, visitor, form, 'totp', old, wrong)
  await stillAsks(t, visitor, app)
})

test.serial('ten guesses an hour, whatever they are guesses at: then codes wait, and passkeys do not', async t => {
  const person = await server.somebody()
  const app = await at('totp', person.email)
  for (const guess of [1, 2, 3, 4, 5]) await postTo(app.visitor, app.form, '/totp', { code: otherThan(person.appCode(), guess) })
  const paper = await at('recovery_code', person.phone)
  for (const _ of [1, 2, 3, 4, 5]) await postTo(paper.visitor, paper.form, '/recovery-code', { code: 'AAAA-AAAA' })
  const third = await at('totp', person.username)
  const spent = await isRefused(t, third.visitor, third.form, 'totp', person.appCode(), /Too many wrong codes\. You can try codes again in \d+ minutes\. Passkeys still work\./, 429)
  t.regex(String(spent.headers['retry-after']), /^\d+$/)
  t.truthy(spent.passkeyForm('get'))
  const fourth = await at('recovery_code', person.email)
  await isRefused(t, fourth.visitor, fourth.form, 'recovery_code', person.recoveryCodes[0] ?? '', /Too many wrong codes/, 429)
})

test.serial('recovery codes: nothing, nonsense, somebody else\'s, and one that was used', async t => {
  const [person, other] = [await server.somebody(), await server.somebody()]
  const { visitor, form } = await at('recovery_code', person.email)
  await isRefused(t, visitor, form, 'recovery_code', ' ', 'Enter one of your recovery codes.')
  for (const code of ['x', '------', 'Ä'.repeat(4000), other.recoveryCodes[0] ?? '', (person.recoveryCodes[0] ?? '').slice(0, -1)]) await isRefused(t, visitor, form, 'recovery_code', code, wrong)
  const used = await postTo(visitor, form, '/recovery-code', { code: person.recoveryCodes[0] ?? '' })
  t.is(used.heading, 'You used a recovery code')
  const again = await nothingMade(t, server, () => postTo(visitor, form, '/recovery-code', { code: person.recoveryCodes[1] ?? '' }))
  await refused(t, { server, visitor, page: again, status: 409, error: 'step_done', sentence: 'This step is done', nextStep: 'Continue' })
  t.is((await server.account(person.account.id))?.factors?.recovery_codes?.left, 9, 'a step that is done spends nothing')
  const later = await at('recovery_code', person.email)
  await isRefused(t, later.visitor, later.form, 'recovery_code', person.recoveryCodes[0] ?? '', wrong)
})

test.serial('a press on what was not offered proves nothing', async t => {
  const person = await server.somebody()
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  for (const [path, code] of [['/totp', person.appCode()], ['/recovery-code', person.recoveryCodes[0] ?? ''], ['/sms-otp', '123456'], ['/email-link', '123456'], ['/recovery-code-used', '']] as const) {
    const answer = await nothingMade(t, server, () => postTo(visitor, start, path, { code }))
    await refused(t, { server, visitor, page: answer, status: 409, error: 'step_done', sentence: 'This step is done', nextStep: 'Continue' })
  }
})

test.serial('the page of a link: foreign posts, no token, unknown answers, and addresses that are none', async t => {
  const person = await server.somebody()
  const visitor = createVisitor(server)
  await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Continue', values: { identifier: person.email, capabilities: '{}' } })
  const link = /http:\/\/localhost:\d+\/link\/[\w-]+/.exec((await server.messageTo(person.email)).text)?.[0] ?? ''
  const phone = createVisitor(server)
  const page = await phone.browser.open(link)
  const form = page.forms.find(({ values }) => values['answer'] === 'show')!
  for (const [values, headers] of [
    [{ csrf: 'wrong' }, {}], [{ csrf: '' }, {}], [{ csrf: undefined }, {}], [{}, { origin: 'https://evil.example' }], [{}, { origin: 'null' }], [{}, { 'sec-fetch-site': 'cross-site' }],
  ] as const) {
    const answer = await nothingMade(t, server, () => phone.browser.submit(page, form, { values, headers }))
    t.is(answer.status, 403)
  }
  const unknown = await phone.browser.submit(page, form, { values: { answer: 'sign_in' } })
  t.is(unknown.heading, 'Finish where you started')
  for (const ticket of ['x', '%2e%2e%2fauth', 'a'.repeat(43), 'a'.repeat(4000), '%00', "'--"]) {
    const answer = await phone.browser.open(`${server.issuer}/link/${ticket}`)
    t.true([404, 410].includes(answer.status), `${ticket}: ${answer.status}`)
  }
})

test.serial('what was proven of one\'s own mailbox or phone opens nobody else, who is typed afterwards', async t => {
  const [mallory, victim] = [await server.somebody(), await server.somebody()]
  for (const own of [mallory.email, mallory.phone]) {
    for (const typed of [victim.email, victim.phone, victim.username]) {
      const visitor = createVisitor(server)
      const start = await visitor.arrive(await app.authorize())
      const known = await server.outbox()
      const sent = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: own, capabilities: '{}' } })
      if (sent.status === 429) continue
      const message = await server.messageTo(own, known)
      const ticket = /\/link\/([\w-]+)/.exec(message.text)?.[1] ?? ''
      const again = await visitor.browser.submit(await visitor.browser.submit(sent, '/identifier', { button: 'Change' }), '/identifier', { button: 'Continue', values: { identifier: typed, capabilities: '{}' } })
      for (const [path, values] of [['/email-otp', { code: codeIn(message) }], ['/sms-otp', { code: codeIn(message) }], ['/email-link', { ticket }], ['/totp', { code: mallory.appCode() }], ['/recovery-code', { code: mallory.recoveryCodes[0] ?? '' }]] as const) {
        const answer = await nothingMade(t, server, () => postTo(visitor, again, path, values))
        t.true(answer.status >= 400, `${own} then ${typed}: ${path} ${answer.status} ${answer.heading}`)
      }
      server.advance(60 * minute)
    }
  }
})
