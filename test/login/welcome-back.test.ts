/** What this browser remembers: nothing but what was typed in it, for whoever wanted that, and for nobody else. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { signUpWithPasskey } from '../bad-input/refused.ts'

const minute = 60_000
let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const type = (visitor: Visitor, page: Page, identifier: string, remember = true) =>
  visitor.browser.submit(page, '/identifier', { button: 'Continue', values: { identifier, ...(remember && { remember: '1' }) } })

/** Somebody with an account, who signs in by a code in a browser that knows nobody. */
async function signIn(remember: boolean): Promise<Visitor> {
  const owner = createVisitor(server)
  await signUpWithPasskey(owner, app)
  server.advance(16 * minute)
  const visitor = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  await visitor.ignoreMail()
  const authorization = await app.authorize()
  const landing = await visitor.typeCode(await type(visitor, await visitor.arrive(authorization), owner.email, remember))
  await authorization.finish(landing.url)
  server.advance(16 * minute)
  await visitor.ignoreMail()
  return visitor
}

const again = async (visitor: Visitor, parameters: Record<string, string> = { prompt: 'login' }) => visitor.arrive(await app.authorize(parameters))
const rowsOf = (page: Page) => page.forms.filter(({ action, values }) => action.endsWith('/identifier') && values['remember'] === '1' && values['identifier']).map(({ values }) => values['identifier'])

test.serial('ticked, the next sign-in begins with a row for it; one press goes on, without typing', async (t) => {
  const visitor = await signIn(true)
  const page = await again(visitor)
  t.is(page.heading, 'Welcome back')
  t.deepEqual(rowsOf(page), [visitor.email])
  const code = await visitor.browser.submit(page, page.forms.find(({ values }) => values['identifier'] === visitor.email)!)
  t.is(code.heading, 'Check your email')
  t.true(code.text.includes(visitor.email))
})

test.serial('not ticked, nothing is kept, nor is a sign-in that came to nothing', async (t) => {
  const visitor = await signIn(false)
  t.is((await again(visitor)).heading, 'Sign in')
  const stranger = createVisitor(server)
  await type(stranger, await stranger.arrive(await app.authorize()), visitor.email)
  t.is((await again(stranger)).heading, 'Sign in')
})

test.serial('the cookie is for this server and this browser alone', async (t) => {
  const visitor = await signIn(true)
  const cookie = visitor.browser.visits.flatMap(({ headers }) => headers['set-cookie'] ?? []).findLast((one) => one.startsWith('latchkey_remembered='))!
  t.regex(cookie, /; httponly/i)
  t.regex(cookie, /; samesite=lax/i)
  t.regex(cookie, /; path=\/interaction/i)
  t.false(Buffer.from(cookie.slice(cookie.indexOf('=') + 1).split(';')[0]!, 'base64url').toString('latin1').includes(visitor.email))

  const value = cookie.split(';')[0]!
  for (const planted of [value, 'latchkey_remembered=AAAA', `${value.slice(0, -2)}AA`]) {
    const other = createVisitor(server)
    other.browser.cookies.store(new URL(server.issuer), [`${planted}; path=/interaction`])
    const page = await again(other)
    t.is(page.heading, 'Sign in')
    t.false(page.text.includes(visitor.email))
  }
})

test.serial('"Forget" takes one row off, "Use another account" leads to the field', async (t) => {
  const visitor = await signIn(true)
  const page = await again(visitor)
  const field = await visitor.browser.submit(page, page.forms.find(({ values }) => values['another'])!)
  t.is(field.heading, 'Sign in')
  t.is(field.form('/identifier', 'Continue').values['identifier'], '')

  const forgotten = await visitor.browser.submit(await again(visitor), page.forms.find(({ values }) => values['forget'])!)
  t.is(forgotten.heading, 'Sign in')
  t.is((await again(visitor)).heading, 'Sign in')
})

test.serial('an app that names somebody gets the field; one that asks who it is gets the list', async (t) => {
  const visitor = await signIn(true)
  t.is((await again(visitor, { prompt: 'login', login_hint: 'somebody@example.org' })).heading, 'Sign in')
  t.is((await again(visitor, { prompt: 'select_account', login_hint: 'somebody@example.org' })).heading, 'Welcome back')
  t.is((await again(createVisitor(server), { prompt: 'select_account' })).heading, 'Sign in')
})

test.serial('prompt=select_account: who is signed in and picks that again is not asked for more', async (t) => {
  const visitor = await signIn(true)
  const authorization = await app.authorize({ prompt: 'select_account' })
  const page = await visitor.arrive(authorization)
  t.is(page.heading, 'Welcome back')
  const landing = await visitor.browser.submit(page, page.forms.find(({ values }) => values['identifier'] === visitor.email)!)
  t.is((await authorization.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa')

  const other = await signIn(false)
  const second = await app.authorize({ prompt: 'select_account' })
  t.is((await type(visitor, await visitor.browser.submit(await visitor.arrive(second), '/identifier', { button: 'Use another account' }), other.email)).heading, 'Check your email')
})

test.serial('at most five, the newest first, and each once', async (t) => {
  const visitor = await signIn(true)
  const emails = [visitor.email]
  for (let more = 0; more < 5; more++) {
    const owner = createVisitor(server)
    await signUpWithPasskey(owner, app)
    server.advance(16 * minute)
    const here = { ...createVisitor(server, { email: owner.email }), browser: visitor.browser }
    await here.ignoreMail()
    visitor.browser.cookies.clear(({ name }) => /device|remembered/.test(name))
    const authorization = await app.authorize()
    const list = await here.browser.open(authorization.url)
    const code = await type(here as Visitor, await here.browser.submit(list, '/identifier', { button: 'Use another account' }), owner.email)
    const landing = await here.browser.submit(code, '/email-otp', { button: 'Continue', values: { code: await here.readCode() } })
    await authorization.finish(landing.url)
    emails.unshift(owner.email)
  }
  t.deepEqual(rowsOf(await again(visitor)), emails.slice(0, 5))
})

test.serial('what stood in the field is kept too when the passkey button beside it was pressed; what the passkey alone says is not', async (t) => {
  for (const typed of [true, false]) {
    const owner = createVisitor(server)
    await signUpWithPasskey(owner, app)
    owner.browser.cookies.clear()
    const authorization = await app.authorize()
    const start = await owner.arrive(authorization)
    const form = start.passkeyForm('get')
    const values = { ...form.values, remember: '1', identifier: typed ? owner.email : '' }
    const landing = await owner.usePasskey({ ...start, passkeyForm: () => ({ ...form, values }) })
    await authorization.finish(landing.url)
    t.deepEqual(rowsOf(await again(owner)), typed ? [owner.email] : [])
  }
})
