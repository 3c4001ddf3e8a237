/** An account that takes no codes, seen from its owner and from everybody else. */
import test from 'ava'
import { type App, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { nothingMade, postTo, signUpWithPasskey, stillAsks } from '../bad-input/refused.ts'

const minute = 60_000
let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const takeNoCodes = (sub: string) =>
  server.foundation.storage.accounts.update(sub, (account) => ({ ...account, passkeysOnlySince: server.foundation.storage.clock.now() }))
const mailsTo = async ({ email }: Visitor) => (await server.outbox()).filter(({ to }) => to === email)

async function owner(): Promise<{ person: Visitor; sub: string }> {
  const person = createVisitor(server)
  const sub = await signUpWithPasskey(person, app)
  server.advance(16 * minute)
  await person.ignoreMail()
  return { person, sub }
}

test.serial('the page is that of everybody, the mail says why there is no code, and comes once a day', async (t) => {
  const { person, sub } = await owner()
  await takeNoCodes(sub)
  const before = (await mailsTo(person)).length
  const visitor = createVisitor(server, { email: person.email })
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  t.is(page.heading, 'Check your email')
  const [mail] = await mailsTo(person)
  t.regex(mail?.subject ?? '', /^Signing in to /)
  t.notRegex(`${mail?.text}${mail?.html}`, /\b\d{6,8}\b/, 'no code is in it')
  t.regex(mail?.text ?? '', /passkeys only/)
  server.advance(31_000)
  const resent = await visitor.browser.submit(page, '/email-otp', { button: 'Send a new code' })
  t.is(resent.status, 200)
  t.is((await mailsTo(person)).length - before, 1)
  await stillAsks(t, visitor, app)
})

test.serial('a code that was mailed before it was switched on signs nobody in', async (t) => {
  const { person, sub } = await owner()
  const visitor = createVisitor(server, { email: person.email })
  const page = await visitor.typeEmail(await visitor.arrive(await app.authorize()))
  const code = await visitor.readCode()
  await takeNoCodes(sub)
  const refused = await nothingMade(t, server, () => visitor.typeCode(page, code))
  t.is(refused.status, 400)
})

test.serial('signed in, a code is no way to more, and nothing can be recovered by one', async (t) => {
  const { person, sub } = await owner()
  await takeNoCodes(sub)
  const authorization = await app.authorize({ prompt: 'login' })
  await authorization.finish((await person.usePasskey(await person.arrive(authorization))).url)
  server.advance(10 * minute)
  const stepUp = await person.arrive(await app.authorize({ max_age: '1' }))
  t.is(stepUp.heading, 'Confirm it is you')
  const ways = await person.browser.open(new URL(stepUp.links.find(({ href }) => href.endsWith('/methods'))!.href, stepUp.url))
  t.false(ways.text.includes('Code by email'))
  const asked = await postTo(person, stepUp, '/methods', { method: 'email_otp' })
  t.not(asked.heading, 'Check your email')
  const recovery = await person.browser.open(new URL(`${stepUp.url.pathname.replace(/\/step-up$/, '')}/recovery`, stepUp.url))
  t.regex(recovery.text, /uses passkeys only/)
  await postTo(person, recovery, '/recovery', { start: '1' })
  t.is((await server.foundation.storage.accounts.get(sub))?.recovery, undefined)
})
