/** Somebody signs up with another person's address and waits for them to come (Sudhodanan and Paverd, "Pre-hijacked accounts"). */
import test from 'ava'
import { baseOf, postTo } from '../bad-input/refused.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

test('pre-hijacking by an unexpired login: who began a sign-up with somebody else’s address has nothing when they sign up', async (t) => {
  const owner = createVisitor(server)
  const attacker = createVisitor(server, { email: owner.email })
  const form = await attacker.browser.submit(await attacker.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const waiting = await attacker.browser.submit(form, '/sign-up', { values: { identifier: owner.email } })
  t.is(waiting.heading, 'Confirm your email')

  await owner.ignoreMail()
  const theirs = await app.authorize()
  const page = await owner.browser.submit(await owner.arrive(theirs), '/identifier', { button: 'Create an account' })
  const sent = await owner.browser.submit(page, '/sign-up', { values: { identifier: owner.email } })
  const { url } = await owner.typeCode(sent)
  const claims = (await theirs.finish(url)).claims()
  t.truthy(claims?.sub)

  for (const path of ['/passkey-create', '/create-account', '/email-otp', '']) {
    const answer = await attacker.browser.open(`${baseOf(waiting)}${path}`)
    t.false(answer.elsewhere, path)
    t.false(answer.forms.some(({ data }) => data['passkey'] === 'create'), 'no passkey can be made')
  }
  const guess = await attacker.browser.submit(waiting, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
  t.is(guess.status, 400)
  const account = await server.foundation.storage.accounts.get(claims?.sub ?? '')
  t.deepEqual(account?.credentialIds, [])
})

test('pre-hijacking by a trojan passkey: no account stands behind an address before it is proven, so nothing can be put into one', async (t) => {
  const attacker = createVisitor(server)
  const before = await count()
  const form = await attacker.browser.submit(await attacker.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
  const waiting = await attacker.browser.submit(form, '/sign-up', { values: { identifier: attacker.email } })
  t.is((await postTo(attacker, waiting, '/passkey-create/options')).status, 409)
  t.is(await count(), before)

  async function count(): Promise<number> {
    const { audit } = server.foundation.storage
    return (await audit.query({ limit: 1000 })).filter(({ type }) => type === 'account.created' || type === 'passkey.created').length
  }
})
