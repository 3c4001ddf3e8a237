/** One code, or one link, sent by twenty at once: one of them is let in, and the rest are told what is so. */
import test from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: InProcess
test.before(async () => {
  server = await startInProcess({ clients: [shop] })
})
test.after.always(() => server?.dispose())

async function rightAnswers(): Promise<number> {
  const page = await fetch(new URL('/metrics', server.issuer))
  return Number(/^latchkey_code_checks_total\{[^}]*outcome="ok"[^}]*\} (\d+)/m.exec(await page.text())?.[1] ?? 0)
}

async function asked(visitor: Visitor): Promise<Page> {
  const app = await createApp(server.issuer, shop)
  return visitor.typeEmail(await visitor.arrive(await app.authorize()))
}

/** one goes on, the others hear that this step is done */
const oneOf20 = [200, ...Array<number>(19).fill(409)]

const twenty = <T>(act: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, act))

test.serial('one code', async (t) => {
  const visitor = createVisitor(server)
  const page = await asked(visitor)
  const [code, before] = [await visitor.readCode(), await rightAnswers()]
  const pages = await twenty(() => visitor.typeCode(page, code))
  t.is(await rightAnswers() - before, 1)
  t.deepEqual(pages.map(({ status }) => status).sort(), oneOf20)
})

test.serial('one link', async (t) => {
  const visitor = createVisitor(server)
  await asked(visitor)
  const [mail] = (await server.outbox()).filter(({ to }) => to === visitor.email)
  const opened = await visitor.browser.open(/http\S+\/link\/[\w-]+/.exec(mail!.text)![0], { headers: { 'sec-fetch-site': 'cross-site' } })
  const before = await rightAnswers()
  const pages = await twenty(() => visitor.browser.submit(opened, '/email-link', { button: 'Sign in' }))
  t.is(await rightAnswers() - before, 1)
  t.deepEqual(pages.map(({ status }) => status).sort(), oneOf20)
})
