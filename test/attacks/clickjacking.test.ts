/** No page of ours can be shown inside another site's, so that nobody presses what they do not see. */
import test from 'ava'
import { createApp, news, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop, news] })
})
test.after.always(() => server?.dispose())

test('clickjacking: every answer of a whole sign-up, consent, sign-out and of the errors refuses frames', async (t) => {
  const app = await createApp(server.issuer, news)
  const visitor = createVisitor(server)
  const start = await visitor.arrive(await app.authorize())
  const created = await visitor.createPasskey(await visitor.signUp(start))
  const consent = await visitor.browser.submit(created, '/passkey-create', { button: `Continue to ${news.client_name}` })
  t.regex(consent.heading, /see this/)
  await visitor.browser.submit(consent, '/consent', { button: 'Allow' })
  for (const path of ['/session/end', '/interaction/unknown', '/nowhere', '/demo', '/auth?client_id=nobody', '/account/not-me/unknown', '/account/enrol/unknown']) await visitor.browser.open(path)

  const pages = visitor.browser.visits.filter(({ headers }) => String(headers['content-type'] ?? '').startsWith('text/html'))
  t.true(pages.length > 12)
  for (const { method, url, headers } of pages) {
    const policy = String(headers['content-security-policy'])
    t.regex(policy, /frame-ancestors 'none'/, `${method} ${url.pathname}`)
    t.notRegex(policy, /unsafe-inline/, `${method} ${url.pathname}`)
    t.is(headers['x-frame-options'], 'DENY', `${method} ${url.pathname}`)
  }
})
