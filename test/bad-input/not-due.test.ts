/** A POST to a screen that the dispatcher would not show now: refused, with the way to the one that is due, proving nothing. */
import test from 'ava'
import { type App, createApp, news, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { baseOf, nothingMade, postTo, refused, signUpByCode, signUpWithPasskey, stillAsks, whatThereIs } from './refused.ts'

let server: Server
let app: App
let thirdParty: App

test.before(async () => {
  server = await startServer({ clients: [shop, news] })
  app = await createApp(server.issuer, shop)
  thirdParty = await createApp(server.issuer, news)
})
test.after.always(() => server?.dispose())

const capabilities = '{"webauthn":true,"platform":true}'

/** Every screen that takes a POST, with a body that would do something if it were due. */
const posts: Record<string, Record<string, string>> = {
  identifier: { identifier: 'somebody@example.com' },
  'sign-up': { identifier: 'somebody@example.com' },
  'email-otp': { code: 'wrong!' },
  passkey: { use_other: '1' },
  methods: { method: 'email_otp' },
  'account-exists': { continue: '1' },
  'create-account': { create: '1' },
  'step-up': { skip: '1' },
  'passkey-create': { continue: '1' },
  consent: { allow: '1' },
}

interface State {
  reach(visitor: Visitor): Promise<Page>
  heading: string | RegExp
  /** what may be posted to */
  open: string[]
  /** a session was there before */
  signedIn?: true
}

const signUpForm = async (visitor: Visitor) => visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
const anyWay = ['identifier', 'sign-up', 'email-otp', 'passkey', 'methods']
async function forgotten(visitor: Visitor): Promise<void> {
  visitor.browser.cookies.clear()
  await visitor.ignoreMail()
}

const states: Record<string, State> = {
  'nothing happened': {
    reach: async visitor => visitor.arrive(await app.authorize()),
    heading: 'Sign in',
    open: ['identifier', 'sign-up', 'passkey'],
  },
  'the sign-up form is there': { reach: signUpForm, heading: 'Create your account', open: ['identifier', 'sign-up'] },
  'a code for a new account is on its way': {
    reach: async visitor => postTo(visitor, await signUpForm(visitor), '/sign-up', { identifier: visitor.email, capabilities }),
    heading: 'Confirm your email',
    open: ['identifier', 'sign-up', 'email-otp'],
  },
  'a code is on its way': { reach: async visitor => visitor.typeEmail(await visitor.arrive(await app.authorize())), heading: 'Check your email', open: anyWay },
  'a passkey was refused': {
    reach: async visitor => postTo(visitor, await visitor.typeEmail(await visitor.arrive(await app.authorize())), '/passkey', { error: 'NotAllowedError', elapsed: '5000' }),
    heading: 'The passkey was not used',
    open: anyWay,
  },
  'the mailbox is proven, nobody has it': {
    reach: async visitor => visitor.typeCode(await visitor.typeEmail(await visitor.arrive(await app.authorize()))),
    heading: /^Create an account for/,
    open: ['identifier', 'create-account'],
  },
  'the account exists already': {
    async reach(visitor) {
      await signUpByCode(visitor, app)
      await forgotten(visitor)
      return visitor.signUp(await visitor.arrive(await app.authorize()))
    },
    heading: 'You already have an account',
    open: ['account-exists'],
  },
  'a passkey is offered': { reach: async visitor => visitor.signUp(await visitor.arrive(await app.authorize())), heading: 'Sign in faster next time', open: ['passkey-create'] },
  'a passkey was made': {
    reach: async visitor => visitor.createPasskey(await visitor.signUp(await visitor.arrive(await app.authorize()))),
    heading: 'Your passkey is ready',
    open: ['passkey-create'],
  },
  'another account’s passkey was used': {
    async reach(visitor) {
      await signUpWithPasskey(visitor, app)
      await forgotten(visitor)
      const start = await visitor.arrive(await app.authorize())
      return visitor.usePasskey(await postTo(visitor, start, '/identifier', { identifier: `other-${visitor.email}`, capabilities }))
    },
    heading: 'That passkey belongs to another account',
    open: ['identifier', 'sign-up', 'passkey', 'methods', 'email-otp'],
  },
  'the app asks for a passkey that there is': {
    async reach(visitor) {
      await signUpWithPasskey(visitor, app)
      await forgotten(visitor)
      const first = await app.authorize()
      await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(first)))
      return visitor.arrive(await app.authorize({ acr_values: 'phr' }))
    },
    heading: 'Confirm it is you',
    open: ['step-up', 'methods', 'passkey'],
    signedIn: true,
  },
  'consent is asked for': {
    async reach(visitor) {
      await signUpByCode(visitor, app)
      return visitor.arrive(await thirdParty.authorize())
    },
    heading: `Let ${news.client_name} see this?`,
    open: ['consent'],
    signedIn: true,
  },
}

for (const [name, { reach, heading, open, signedIn }] of Object.entries(states)) {
  test.serial(`${name}: only what is due takes a POST`, async t => {
    const visitor = createVisitor(server)
    const page = await reach(visitor)
    t.regex(page.heading, typeof heading === 'string' ? new RegExp(`^${heading.replace(/[?]/g, '\\$&')}$`) : heading)
    for (const [screen, body] of Object.entries(posts)) {
      if (open.includes(screen)) continue
      const answer = await nothingMade(t, server, () => postTo(visitor, page, `/${screen}`, body))
      t.is(answer.status, 409, `${screen}: ${answer.text}`)
      await refused(t, { server, visitor, page: answer, status: 409, error: 'step_done', sentence: 'This step is done', nextStep: 'Continue' })
      const due = answer.links.find(({ text }) => text === 'Continue')?.href ?? ''
      t.is((await visitor.browser.open(new URL(due, page.url))).heading, page.heading, `after ${screen}`)
    }
    if (!signedIn) await stillAsks(t, visitor, app)
  })
}

test.serial('what is open in a state is really open: the table above is no accident', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  for (const screen of ['identifier', 'sign-up', 'passkey']) t.not((await postTo(visitor, start, `/${screen}`, { error: 'AbortError' })).status, 409, screen)
})

test.serial('a right code, typed where a code is not due, proves nothing', async t => {
  const visitor = createVisitor(server)
  await signUpByCode(visitor, app)
  await forgotten(visitor)
  const start = await visitor.arrive(await app.authorize())
  await visitor.typeEmail(start)
  const code = await visitor.readCode()
  const other = await visitor.arrive(await app.authorize())
  const answer = await nothingMade(t, server, () => postTo(visitor, other, '/email-otp', { code }))
  t.is(answer.status, 409)
  const changed = await visitor.browser.submit(await visitor.browser.open(`${baseOf(start)}/email-otp`), '/identifier', { button: 'Change' })
  t.is(changed.heading, 'Sign in')
  t.is((await nothingMade(t, server, () => postTo(visitor, changed, '/email-otp', { code }))).status, 409)
  await stillAsks(t, visitor, app)
})

test.serial('a passkey created where none is offered is not kept', async t => {
  const visitor = createVisitor(server)
  const offer = await visitor.signUp(await visitor.arrive(await app.authorize()))
  const options = JSON.parse(offer.passkeyForm('create').data['options'] ?? '')
  const response = JSON.stringify(visitor.authenticator.create(options, { origin: server.issuer }))
  const after = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  t.true(after.elsewhere)
  const late = await nothingMade(t, server, () => postTo(visitor, offer, '/passkey-create', { response }))
  t.is(late.status, 400)
  const next = await visitor.arrive(await app.authorize({ prompt: 'login' }))
  t.is((await nothingMade(t, server, () => postTo(visitor, next, '/passkey-create', { response }))).status, 409)
})

test.serial('creation options are only there for who may create', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const before = whatThereIs(server)
  const answer = await visitor.browser.post(start, `${baseOf(start)}/passkey-create/options`, JSON.stringify({ csrf: start.forms[0]?.values['csrf'] }), { 'content-type': 'application/json' })
  t.false(answer.body.includes('challenge'), answer.body)
  t.deepEqual(whatThereIs(server), before)
})

test.serial('another method than GET and POST: not here', async t => {
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await nothingMade(t, server, () =>
      fetch(new URL(`${baseOf(start)}/identifier`, server.issuer), {
        method,
        headers: { cookie: visitor.browser.cookies.header(start.url), 'content-type': 'application/json', accept: 'application/json' },
        body: '{}',
      }),
    )
    t.true([404, 405].includes(answer.status), `${method}: ${answer.status}`)
    const { reference } = (await answer.json()) as { reference: string }
    t.regex(await server.logLineWith(reference), /"error":"(not_found|method_not_allowed)"/)
  }
})
