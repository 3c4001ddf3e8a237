/** Where mails carry a link and no code is asked for: the page waits, and takes the code that a link shows elsewhere. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { type MethodsServer, startMethodsServer } from './methods-rig.ts'

let server: MethodsServer
let app: App
setUp(() => startMethodsServer({ clients: [shop], config: { identifiers: {}, verification: { methods: ['email_link', 'recovery_code'] } } }), (started) => ({ server, app } = started))

async function asked() {
  const person = await server.somebody()
  const visitor = createVisitor(server)
  const authorization = await app.authorize()
  const page = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Continue', values: { identifier: person.email, capabilities: '{}' } })
  const mail = await server.messageTo(person.email)
  return { person, visitor, authorization, page, mail, link: /http:\/\/localhost:\d+\/link\/[\w-]+/.exec(mail.text)?.[0] ?? '' }
}

test.serial('the page says that a link was sent, and a press on it signs in', async t => {
  const { person, visitor, authorization, page, mail, link } = await asked()
  t.is(page.url.pathname.split('/').at(-1), 'email-link')
  t.is(page.heading, 'Check your email')
  t.true(page.text.includes('We sent a link to'))
  t.regex(mail.subject, /^Your link to sign in/)
  const landing = await visitor.browser.submit(await visitor.browser.open(link), '/email-link', { button: 'Sign in' })
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.sub, person.account.id)
  t.deepEqual(claims?.['amr'], ['otp'])
})

test.serial('the code of the link, shown on another device, is typed where the page waits', async t => {
  const { person, visitor, authorization, page, link } = await asked()
  const phone = createVisitor(server)
  const shown = await phone.browser.submit(await phone.browser.open(link), new URL(link).pathname, { button: 'Show my code' })
  const code = />(\d{6})<\/output>/.exec(shown.html)?.[1] ?? ''
  const wrong = await visitor.browser.submit(page, '/email-link', { button: 'Continue', values: { code: code === '000000' ? '000001' : '000000' } })
  t.is(wrong.status, 400)
  t.true(wrong.alerts.join().includes('That code is not right. Check it and try again.'))
  const landing = await visitor.browser.submit(wrong, '/email-link', { button: 'Continue', values: { code } })
  t.is((await authorization.finish(landing.url)).claims()?.sub, person.account.id)
})

test.serial('the mail has no code in it, and no page asks for one of its own', async t => {
  const { visitor, page, mail } = await asked()
  t.notRegex(mail.text.replace(/http\S+/g, ''), /\b\d{6}\b/)
  const list = await visitor.browser.open(new URL(page.links.find(({ text }) => text === 'Try another way')?.href ?? '', page.url))
  t.true(list.text.includes('Link by email'))
  t.false(list.text.includes('Code by email'))
})
