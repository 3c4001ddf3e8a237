/** Whoever goes back to change an address finds it to be corrected, and whoever wants another one an empty field. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: Server
let app: App
setUp(() => startServer({ clients: [shop] }), (started) => ({ server, app } = started))

const typo = 'maya@exmaple.com'
const field = (page: Page) => page.forms.flatMap(({ values }) => values['identifier'] ?? [])[0]
const at = (page: Page) => [page.heading, field(page)]

test('"Change" in a sign-in: the address is there to be corrected', async (t) => {
  const visitor = createVisitor(server, { email: typo })
  const code = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  t.is(code.heading, 'Check your email')
  const back = await visitor.browser.submit(code, '/identifier', { button: 'Change' })
  t.deepEqual(at(back), ['Sign in', typo])
  t.false(back.url.href.includes('maya'), 'nothing typed reaches the address bar')
})

test('"Change" in a sign-up stays in the sign-up', async (t) => {
  const visitor = createVisitor(server, { email: typo })
  const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const code = await visitor.browser.submit(form, '/sign-up', { values: { identifier: typo } })
  t.is(code.heading, 'Confirm your email')
  t.deepEqual(at(await visitor.browser.submit(code, '/identifier', { button: 'Change' })), ['Create your account', typo])
})

test('"Create an account" and "Sign in" take along what stands in the field, whatever it is', async (t) => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize({ login_hint: 'hint@example.com' }))
  const values = { identifier: 'maya@' }
  const signUp = await visitor.browser.submit(start, '/identifier', { button: 'Create an account', values })
  t.deepEqual(at(signUp), ['Create your account', 'maya@'])
  const signIn = await visitor.browser.submit(signUp, '/sign-up', { button: 'Sign in', values: { identifier: typo } })
  t.deepEqual(at(signIn), ['Sign in', typo])

  const code = await visitor.typeEmail(signIn)
  t.deepEqual(at(await visitor.browser.submit(code, '/identifier', { button: 'Create an account' })), ['Create your account', visitor.email])
})

test('"Use another address" starts with an empty field', async (t) => {
  const visitor = createVisitor(server)
  const proven = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(await app.authorize())))
  t.is(proven.heading, `Create an account for ${visitor.email}?`)
  t.deepEqual(at(await visitor.browser.submit(proven, '/identifier', { button: 'Use another address' })), ['Sign in', ''])
})
