/**
 * One code, or one link, sent by twenty at once, each to a server of its own over one store: nothing but the step in the
 * store decides. One of them is let in, and the rest are told what is so.
 */
import test, { type ExecutionContext } from 'ava'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { codeIn, type MethodsServer, startMethodsServer } from './methods-rig.ts'

let server: MethodsServer
let app: App
setUp(() => startMethodsServer({ clients: [shop], servers: 20 }), (started) => ({ server, app } = started))

async function rightAnswers(): Promise<number> {
  const page = await fetch(new URL('/metrics', server.issuer))
  return Number(/^latchkey_code_checks_total\{[^}]*outcome="ok"[^}]*\} (\d+)/m.exec(await page.text())?.[1] ?? 0)
}

/** A browser that knows nobody, after Continue. */
async function named(identifier: string): Promise<{ visitor: Visitor; page: Page }> {
  const visitor = createVisitor(server, { email: identifier, script: false })
  return { visitor, page: await visitor.typeEmail(await visitor.arrive(await app.authorize())) }
}

/** From the screen of a code that was sent to the one of a method. */
async function another({ visitor, page }: { visitor: Visitor; page: Page }, method: string): Promise<{ visitor: Visitor; page: Page }> {
  const list = await visitor.browser.open(new URL(page.links.find(({ text }) => text === 'Try another way')?.href ?? '', page.url))
  return { visitor, page: await visitor.browser.submit(list, list.forms.find(({ values }) => values['method'] === method)!) }
}

const times = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, index) => act(index)))

/** Twenty connections stand open, so that what is sent by them arrives together. */
const connected = ({ browser }: Visitor, { url }: Page) => times(20, () => browser.open(url))

/** that the code is good no longer; that this step is done, for who came late; that so many tries at once are too many */
const refusals = new Set([400, 409, 429])

/** One gets further, and the others hear why they do not. */
async function oneIsLetIn(t: ExecutionContext, act: (index: number) => Promise<Page>): Promise<void> {
  const before = await rightAnswers()
  const pages = await times(20, act)
  t.is((await rightAnswers()) - before, 1)
  const [letIn, refused] = [pages.filter(({ status, elsewhere }) => elsewhere || status === 200), pages.filter(({ status }) => refusals.has(status))]
  t.deepEqual([letIn.length, refused.length], [1, 19], pages.map(({ status, heading }) => `${status} ${heading}`).join('\n'))
}

test.serial('one code', async (t) => {
  const { email } = await server.somebody()
  const { visitor, page } = await named(email)
  const code = codeIn(await server.messageTo(email))
  await connected(visitor, page)
  await oneIsLetIn(t, () => visitor.typeCode(page, code))
})

test.serial('one code of a text message', async (t) => {
  const { phone } = await server.somebody()
  const { visitor, page } = await named(phone)
  const code = codeIn(await server.messageTo(phone))
  await connected(visitor, page)
  await oneIsLetIn(t, () => visitor.browser.submit(page, '/sms-otp', { button: 'Continue', values: { code } }))
})

test.serial('one link', async (t) => {
  const { email } = await server.somebody()
  const { visitor } = await named(email)
  const { text } = await server.messageTo(email)
  const opened = await visitor.browser.open(/http\S+\/link\/[\w-]+/.exec(text)![0], { headers: { 'sec-fetch-site': 'cross-site' } })
  await connected(visitor, opened)
  await oneIsLetIn(t, () => visitor.browser.submit(opened, '/email-link', { button: 'Sign in' }))
})

// What is not sent is good in any browser: each of the twenty has a sign-in of its own.
test.serial('one recovery code, in twenty browsers', async (t) => {
  const { username, recoveryCodes: [code = ''] } = await server.somebody()
  const forms = await times(20, async () => another(await named(username), 'recovery_code'))
  await oneIsLetIn(t, (index) => forms[index]!.visitor.browser.submit(forms[index]!.page, '/recovery-code', { button: 'Continue', values: { code } }))
})

test.serial('one code of an authenticator app, in twenty browsers', async (t) => {
  const person = await server.somebody()
  const forms = await times(20, async () => another(await named(person.username), 'totp'))
  const code = person.appCode()
  await oneIsLetIn(t, (index) => forms[index]!.visitor.browser.submit(forms[index]!.page, '/totp', { button: 'Continue', values: { code } }))
})
