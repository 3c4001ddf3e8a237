/** Somebody has a copy of the cookie that makes a browser a known one. It signs nobody in; what a known browser may do more is lost to a copy in another kind of browser. */
import test, { type ExecutionContext } from 'ava'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const hour = 3_600_000
const firefoxOnWindows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

let server: InProcess
let app: App
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
  app = await createApp(server.issuer, shop)
})
test.after.always(() => server?.dispose())

/** An owner whose browser is known, and a thief with its device cookie. */
async function meet(thiefsBrowser: Record<string, string>): Promise<{ owner: Visitor; thief: Visitor }> {
  const owner = createVisitor(server)
  const offer = await owner.signUp(await owner.arrive(await app.authorize()))
  await owner.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  server.advance(25 * hour)
  const thief = createVisitor(server, { email: owner.email, headers: thiefsBrowser })
  const stolen = owner.browser.cookies.all().filter(({ name }) => name === 'latchkey_device')
  thief.browser.cookies.store(new URL(server.issuer), stolen.map(({ name, value }) => `${name}=${value}; Path=/`))
  return { owner, thief }
}

/** Wrong codes until no more are looked at. */
async function guessUntilStopped(visitor: Visitor): Promise<number> {
  let looked = 0
  for (let logins = 0; logins < 6; logins++) {
    const sent = await visitor.typeEmail(await visitor.arrive(await app.authorize({ prompt: 'login' })))
    if (!sent.url.pathname.endsWith('/email-otp')) return looked
    for (let tries = 0; tries < 5; tries++) {
      const answer = await visitor.browser.submit(sent, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
      if (answer.status === 429) return looked
      looked++
    }
    server.advance(6 * 60_000)
  }
  return looked
}

async function mayStillGuess(t: ExecutionContext, visitor: Visitor, expected: boolean): Promise<void> {
  server.advance(15 * 60_000)
  const sent = await visitor.typeEmail(await visitor.arrive(await app.authorize({ prompt: 'login' })))
  const answer = sent.url.pathname.endsWith('/email-otp') ? await visitor.browser.submit(sent, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } }) : sent
  t.is(answer.status !== 429, expected, answer.text)
}

test.serial('device-cookie theft: the cookie alone opens nothing', async (t) => {
  const { thief } = await meet({})
  const page = await thief.arrive(await app.authorize())
  t.is(page.heading, 'Sign in')
  t.false((await thief.typeEmail(page)).elsewhere)
})

test.serial('device-cookie theft: in another browser family on another platform it spends what strangers spend', async (t) => {
  const { owner, thief } = await meet({ 'user-agent': firefoxOnWindows })
  const stranger = createVisitor(server, { email: owner.email })
  t.is(await guessUntilStopped(stranger), 10)
  await mayStillGuess(t, thief, false)
  await mayStillGuess(t, owner, true)
})
