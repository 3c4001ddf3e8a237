/** An app must get nothing that the consent page did not name, however it asks. */
import test from 'ava'
import { createApp, news } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [news] })
})
test.after.always(() => server?.dispose())

const byClaims = { scope: 'openid', claims: JSON.stringify({ userinfo: { email: null, email_verified: null } }) }
const yourEmail = /Your email: /
const thatItIsYou = 'Know that it is you'

test('an app that asks by the claims parameter gets what the page named, and nothing else', async (t) => {
  const app = await createApp(server.issuer, news)
  const visitor = createVisitor(server)
  const first = await app.authorize({ scope: 'openid' })
  const consent = await visitor.browser.submit(await visitor.signUp(await visitor.arrive(first)), '/passkey-create', { button: 'Not now' })
  t.true(consent.text.includes(thatItIsYou))
  t.notRegex(consent.text, yourEmail)
  const tokens = await first.finish((await visitor.browser.submit(consent, '/consent', { button: 'Allow' })).url)
  t.is((await app.userinfo(tokens))['email'], undefined)

  const second = await app.authorize(byClaims)
  const more = await visitor.arrive(second)
  t.regex(more.text, yourEmail, 'the email is named')
  t.false(more.text.includes(thatItIsYou), 'what was granted before is not asked again')
  const richer = await second.finish((await visitor.browser.submit(more, '/consent', { button: 'Allow' })).url)
  t.is((await app.userinfo(richer))['email'], visitor.email)

  const asked = await visitor.arrive(await app.authorize({ ...byClaims, prompt: 'consent' }))
  t.true(asked.text.includes(thatItIsYou), 'who is asked again about nothing new sees all that there is')
  t.regex(asked.text, yourEmail)

  const entries = await server.foundation.storage.audit.query({ limit: 50 })
  const given = entries.find(({ type }) => type === 'consent.given')
  t.deepEqual(given?.detail, { scopes: ['email'], claims: ['email', 'email_verified'] })
})

test('the page names scopes and claims together, each once', async (t) => {
  const app = await createApp(server.issuer, news)
  const visitor = createVisitor(server)
  const arrived = await visitor.arrive(await app.authorize({ ...byClaims, scope: 'openid email' }))
  const consent = await visitor.browser.submit(await visitor.signUp(arrived), '/passkey-create', { button: 'Not now' })
  t.true(consent.text.includes(thatItIsYou))
  t.is(consent.text.match(/Your email: /g)?.length, 1)
})
