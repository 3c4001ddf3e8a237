import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { startServer, type Server } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: Server
test.before(async () => {
  server = await startServer({ clients: [shop] })
})
test.after.always(() => server?.dispose())

test('no more codes for a while: a new sign-in, with no code of its own out, says so and leads to the other ways', async (t) => {
  const app = await createApp(server.issuer, shop)
  const visitor = createVisitor(server)
  for (let sign = 0; sign < 3; sign++) await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  t.is(page.status, 429)
  t.regex(page.text, /We sent several codes already\. You can ask for another one in \d+ minutes\./)
  t.notRegex(page.text, /We sent an email|newest/)
  t.falsy(page.forms.find(({ values }) => 'code' in values || 'resend' in values), 'nothing to type, nothing to send')
  t.truthy(page.forms.find(({ action }) => action.endsWith('/passkey')))
  t.regex(page.html, /methods"/)
  t.truthy(page.forms.find(({ action }) => action.endsWith('/abort')))
})
