/** A number that was listed at a sign-up and is proven at a later sign-in: one more way in, which the proven address hears of. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { notMeLink } from '../account/rig.ts'
import { createNewcomer, tokensAfter } from './newcomer.ts'

const number = '+447911125011'
const required = { signIn: true, signUp: 'required' }

test('it is told to the address that was proven, and can be stopped from there; the first proof concerns nobody', async (t) => {
  const server = await startInProcess({
    config: { identifiers: { email: required, phone: { ...required, defaultRegion: 'GB' } }, verification: { strategy: { email: 'at_sign_up', phone: 'before_first_login' } } },
    clients: [shop],
  })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  const { sub = '' } = (await tokensAfter(newcomer, authorization, await newcomer.prove(await newcomer.fill(authorization, { email: 'maya@example.com', phone: number }), 'maya@example.com'))).claims()!
  const { storage } = server.foundation
  t.deepEqual(await storage.changes.listByAccount(sub), [])

  const again = await app.authorize()
  const asked = await newcomer.arrive(again)
  t.regex(asked.url.pathname, /confirm$/)
  const page = await newcomer.prove(await newcomer.browser.submit(asked, '/confirm', { button: 'Send me a code' }), number)
  t.is((await tokensAfter(newcomer, again, page)).claims()?.sub, sub, 'as easy as before')
  t.deepEqual((await storage.changes.listByAccount(sub)).map(({ kind, subject }) => `${kind} ${subject}`), [`identifier_added phone:${number}`])
  const [told] = (await server.outbox()).filter(({ to }) => to === 'maya@example.com')
  t.regex(told!.text, /^\+44\s7911\s125011 was confirmed/)

  const reader = createNewcomer(server).browser
  await reader.submit(await reader.open(notMeLink(told!)), new URL(notMeLink(told!)).pathname, { button: 'No, stop it' })
  t.deepEqual((await storage.accounts.get(sub))?.identifiers.map(({ kind }) => kind), ['email'])
})

test('the first thing of an account to be proven is told to nobody', async (t) => {
  const server = await startInProcess({ config: { verification: { strategy: 'before_first_login' } }, clients: [shop] })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  const { sub = '' } = (await tokensAfter(newcomer, authorization, await newcomer.fill(authorization, { identifier: 'maya@example.com' }))).claims()!
  const asked = await newcomer.arrive(await app.authorize())
  await newcomer.prove(await newcomer.browser.submit(asked, '/confirm', { button: 'Send me a code' }), 'maya@example.com')
  t.truthy((await server.foundation.storage.accounts.get(sub))?.identifiers[0]?.verifiedAt)
  t.deepEqual(await server.foundation.storage.changes.listByAccount(sub), [])
})
