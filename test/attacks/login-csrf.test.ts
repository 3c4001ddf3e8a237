/** Another site cannot press our buttons, nor make somebody use a login that they did not do. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const foreign: Record<string, Record<string, string | undefined>> = {
  'another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'a sibling domain': { origin: undefined, 'sec-fetch-site': 'same-site' },
  'a sandboxed frame': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a page without an origin': { origin: 'null', 'sec-fetch-site': undefined },
}

for (const [name, headers] of Object.entries(foreign)) {
  test(`login CSRF: a form posted by ${name} is refused on every screen, even with the right token`, async (t) => {
    const visitor = createVisitor(server)
    const start = await visitor.arrive(await app.authorize())
    const typed = await visitor.browser.submit(start, '/identifier', { button: 'Continue', values: { identifier: visitor.email }, headers })
    t.is(typed.status, 403)
    const sent = await visitor.typeEmail(start)
    const code = await visitor.readCode()
    t.is((await visitor.browser.submit(sent, '/email-otp', { button: 'Continue', values: { code }, headers })).status, 403)
    t.is((await visitor.browser.submit(sent, '/abort', { headers })).status, 403)
    const proven = await visitor.typeCode(sent, code)
    t.is(proven.status, 200, 'the code was not spent by it')
  })
}

test('login CSRF by the attacker’s own finished login: its resume address does nothing in another browser', async (t) => {
  const attacker = createVisitor(server)
  const authorization = await app.authorize()
  const offer = await attacker.signUp(await attacker.arrive(authorization))
  const form = offer.form('/passkey-create', 'Not now')
  // the last POST's answer leads to the resume route: kept back, and sent to somebody else
  const answer = await attacker.browser.post(offer, form.action, new URLSearchParams({ ...form.values, not_now: '1' }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
  const resume = /\/auth\/[\w-]+/.exec(`${answer.headers.location ?? ''} ${answer.headers['refresh'] ?? ''} ${answer.body}`)?.[0]
  t.truthy(resume)

  const victim = createVisitor(server)
  const page = await victim.browser.open(resume ?? '')
  t.is(page.status, 400)
  t.false(page.elsewhere)
  t.is((await victim.arrive(await app.authorize())).heading, 'Sign in')
})
