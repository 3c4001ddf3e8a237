/** A false page between the person and us: it sees all that is typed, and takes away the passkey so that a code is typed. */
import test from 'ava'
import { baseOf, postTo } from '../bad-input/refused.ts'
import { createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', client_secret: 'another secret of the bank and its provider', latchkey: { firstParty: true, minimumAcr: 'phr' } }

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop, bank] })
})
test.after.always(() => server?.dispose())

/** An owner with a passkey, and a proxy that speaks to us in their place. */
async function meet() {
  const app = await createApp(server.issuer, shop)
  const owner = createVisitor(server)
  await owner.createPasskey(await owner.signUp(await owner.arrive(await app.authorize())))
  const proxy = createVisitor(server, { email: owner.email, authenticator: owner.authenticator })
  await proxy.ignoreMail()
  return { app, owner, proxy }
}

test('AitM: a passkey that was asked for at the false page is refused', async (t) => {
  const { app, proxy } = await meet()
  const page = await proxy.arrive(await app.authorize())
  const refused = await proxy.usePasskey(page, { origin: 'https://login.example.evil' })
  t.false(refused.elsewhere)
  t.is((await proxy.arrive(await app.authorize())).heading, 'Sign in')
})

test('AitM downgrade: the code that was talked out of somebody gives the lowest level, adds no passkey, and the owner is told', async (t) => {
  const { app, owner, proxy } = await meet()
  const authorization = await app.authorize()
  const landing = await proxy.typeCode(await proxy.typeEmail(await proxy.arrive(authorization)))
  t.true(landing.elsewhere, 'no passkey is offered either')
  const claims = (await authorization.finish(landing.url)).claims()
  t.is(claims?.['acr'], 'urn:latchkey:acr:1fa')
  t.deepEqual(claims?.['amr'], ['otp'])

  const step = await proxy.arrive(await app.authorize({ acr_values: 'phr' }))
  t.is((await postTo(proxy, step, '/passkey-create/options')).status, 409)

  const notice = await server.mailTo(owner.email)
  t.regex(notice.subject, /New sign-in to your/)
  t.regex(notice.text, /passkey/)
})

test('AitM downgrade: an app that accepts passkeys only gets nothing for a code', async (t) => {
  const { proxy } = await meet()
  const theBank = await createApp(server.issuer, bank)
  const page = await proxy.typeCode(await proxy.typeEmail(await proxy.arrive(await theBank.authorize())))
  t.false(page.elsewhere)
  const entry = await proxy.browser.open(baseOf(page))
  t.false(entry.elsewhere)
  t.is(entry.heading, 'Confirm it is you')
})
