/** What an app is told when somebody does not do what it asked for. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
})
test.after.always(() => server?.dispose())

test('who goes back where a passkey could have been created has declined: the level was not out of reach', async (t) => {
  const app = await createApp(server.issuer, shop)
  const owner = createVisitor(server)
  await owner.signUp(await owner.arrive(await app.authorize()))

  const elsewhere = createVisitor(server, { email: owner.email })
  await elsewhere.ignoreMail()
  const demand = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['phr'] } } }) }
  const stepUp = await elsewhere.typeCode(await elsewhere.typeEmail(await elsewhere.arrive(await app.authorize(demand))))
  t.true(stepUp.forms.some(({ action }) => action.endsWith('/passkey-create')) || stepUp.html.includes('Create a passkey'), stepUp.text)
  const back = await elsewhere.browser.submit(stepUp, '/abort')
  t.is(back.url.searchParams.get('error'), 'access_denied')
})
