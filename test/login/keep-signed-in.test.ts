/** "Remember me on this device": a choice on the first screen, which every way out of it carries. */
import test from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { signUpWithPasskey } from '../bad-input/refused.ts'

const minute = 60_000
const box = 'Remember me on this device'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

/** The session's cookie has an end of its own, and outlives the browser. */
function isKept({ browser }: Visitor): boolean {
  const set = browser.visits.flatMap(({ headers }) => headers['set-cookie'] ?? []).filter((cookie) => /^[^=]*_session=[^;]/.test(cookie))
  return /expires=/i.test(set.at(-1) ?? '')
}

async function owner(): Promise<Visitor> {
  const visitor = createVisitor(server)
  await signUpWithPasskey(visitor, app)
  visitor.browser.cookies.clear()
  server.advance(16 * minute)
  await visitor.ignoreMail()
  return visitor
}

const withBox = (page: Page, visitor: Visitor) => visitor.browser.submit(page, '/identifier', { button: 'Continue', values: { identifier: visitor.email, remember: '1' } })

test.serial('by code: ticked it is kept, left alone it ends with the browser', async (t) => {
  for (const ticked of [true, false]) {
    const visitor = await owner()
    const authorization = await app.authorize()
    const start = await visitor.arrive(authorization)
    t.true(start.text.includes(box))
    t.is(start.form('/identifier', 'Continue').values['remember'], undefined, 'off by default')
    const code = ticked ? await withBox(start, visitor) : await visitor.typeEmail(start)
    await authorization.finish((await visitor.typeCode(code)).url)
    t.is(isKept(visitor), ticked)
  }
})

test.serial('by the passkey button beside it', async (t) => {
  for (const remember of ['1', '']) {
    const visitor = await owner()
    const authorization = await app.authorize()
    const start = await visitor.arrive(authorization)
    const form = start.passkeyForm('get')
    t.is(form.values['remember'], '', 'script copies the box into it')
    const landing = await visitor.usePasskey({ ...start, passkeyForm: () => ({ ...form, values: { ...form.values, remember } }) })
    await authorization.finish(landing.url)
    t.is(isKept(visitor), remember === '1')
  }
})

test.serial('what was ticked stays: after a mistake, in another language, after a passkey that failed, and with another address', async (t) => {
  const visitor = await owner()
  const start = await visitor.arrive(await app.authorize())
  const wrong = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: 'not an address', remember: '1' } })
  t.is(wrong.form('/identifier', 'Continue').values['remember'], '1')
  const unticked = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: 'not an address' } })
  t.is(unticked.form('/identifier', 'Continue').values['remember'], undefined)
  const german = await visitor.browser.submit(start, '/identifier', { button: 'Deutsch', values: { identifier: visitor.email, remember: '1' } })
  t.is(german.form('/identifier', 'Weiter').values['remember'], '1')

  const failed = await visitor.browser.submit(start, start.passkeyForm('get'), { values: { error: 'NotAllowedError', elapsed: '5000', remember: '1' } })
  t.true(failed.forms.some(({ values }) => values['remember'] === '1'))
  const code = await withBox(start, visitor)
  const change = code.forms.find(({ values, action }) => action.endsWith('/identifier') && values['change'])!
  const back = await visitor.browser.submit(code, change)
  t.true(back.forms.some(({ values }) => values['remember'] === '1'))
})

test.serial('at a sign-up too', async (t) => {
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const form = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Create an account' })
  t.true(form.text.includes(box))
  const offer = await visitor.typeCode(await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email, remember: '1' } }))
  const landing = offer.elsewhere ? offer : await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  await authorization.finish(landing.url)
  t.true(isKept(visitor))
})

for (const [keepSignedIn, kept] of [['always', true], ['never', false]] as const) {
  test.serial(`${keepSignedIn}: nobody is asked, and a form that says otherwise changes nothing`, async (t) => {
    const own = await startInProcess({ clients: [shop], config: { sessions: { keepSignedIn } } })
    t.teardown(() => own.dispose())
    const visitor = createVisitor(own)
    const authorization = await (await createApp(own.issuer, shop)).authorize()
    const start = await visitor.arrive(authorization)
    t.false(start.text.includes(box))
    const code = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: visitor.email, remember: kept ? '' : '1' } })
    const create = await visitor.typeCode(code)
    const offer = await visitor.browser.submit(create, '/create-account', { button: 'Create account' })
    const landing = offer.elsewhere ? offer : await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
    await authorization.finish(landing.url)
    t.is(isKept(visitor), kept)
  })
}
