/** The form of a sign-up, where what was typed cannot be had, or nothing was. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createNewcomer, tokensAfter } from './newcomer.ts'

const optional = { signIn: true, signUp: 'optional' }

async function start(t: ExecutionContext): Promise<{ server: InProcess; app: App }> {
  const server = await startInProcess({ config: { identifiers: { email: optional, phone: { ...optional, defaultRegion: 'GB' }, username: optional } }, clients: [shop] })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop) }
}

test('where everything is optional, something has to be filled in', async (t) => {
  const { server, app } = await start(t)
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  const page = await newcomer.fill(authorization, { email: '', phone: ' ', username: '' })
  t.is(page.status, 400)
  t.is(page.heading, 'Create your account')
  t.true(page.html.includes('Fill in one of the fields. One is enough.'))
  const next = await newcomer.browser.submit(page, '/sign-up', { values: { phone: '07911 123456' } })
  t.regex(next.url.pathname, /sms-otp$/, 'one of them is enough')
})

test('a name that was given up of late: nobody can have it, which is said without saying whose it was', async (t) => {
  const { server, app } = await start(t)
  const before = createNewcomer(server)
  const authorization = await app.authorize()
  await tokensAfter(before, authorization, await before.prove(await before.fill(authorization, { email: before.email, username: 'maya' }), before.email))
  const form = await before.browser.open('/account/identifier-add/username')
  await before.browser.submit(form, '/identifier-add/username', { values: { identifier: 'maya2' } })

  const newcomer = createNewcomer(server)
  const own = await app.authorize()
  const page = await newcomer.prove(await newcomer.fill(own, { email: newcomer.email, username: 'maya' }), newcomer.email)
  t.is(page.heading, 'Create your account')
  t.is(page.status, 400)
  t.true(page.html.includes('This name cannot be used at the moment. Enter another one.'))
  t.false(page.html.includes('This name is taken'))
  const offer = await newcomer.browser.submit(page, '/sign-up', { values: { email: newcomer.email, username: 'another', capabilities: JSON.stringify({ webauthn: true, platform: true }) } })
  const { sub } = (await tokensAfter(newcomer, own, offer)).claims()!
  t.deepEqual((await server.foundation.storage.accounts.get(sub))?.identifiers.map(({ value }) => value), [newcomer.email, 'another'], 'the address was not to be proven twice')
})
